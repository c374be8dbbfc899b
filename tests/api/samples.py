"""One right request for each resource: what tests of all of them start from."""

from collections.abc import Callable
from typing import Any

from ovirt_quantum.model import RESOURCES

from lab.engine.inventory import EngineHost
from tests.api.client import Client

Document = dict[str, Any]
KINDS = [kind for kind in RESOURCES if not kind.parent]
"""The resources that stand alone."""
PATHS = [kind.path for kind in KINDS]
UNKNOWN = "11111111-2222-4333-8444-555555555555"
"""An id that nothing has."""
GROUP = UNKNOWN
MAC = "56:6f:00:00:00:01"
HOST = EngineHost("host1", {"OVIRT_QUANTUM": "host1"})
OTHER = EngineHost("host2", {"OVIRT_QUANTUM": "host2"})


def sample(administrator: Client, path: str, number: int = 0) -> Document:
    """The attributes of a create that succeeds, another one for each number; makes what they refer to."""
    make = SAMPLES.get(path)
    return {"name": f"one{number}"} if make is None else make(administrator, number)


def network(administrator: Client) -> str:
    """The id of a network that is made once."""
    return _id(administrator, "networks", name="sample")


def outside(administrator: Client) -> str:
    """The id of an external network with a subnet, 192.0.2.0/24, that is made once."""
    found = administrator.find("networks", "name=outside")
    if found:
        id: str = found[0]["id"]
        return id
    made = administrator.create("networks", name="outside", router__external=True)
    administrator.create("subnets", network_id=made["id"], cidr="192.0.2.0/24", enable_dhcp=False)
    return str(made["id"])


def port(administrator: Client) -> str:
    """The id of a port that is made once."""
    found = administrator.find("ports", "name=sample")
    id: str = (found or [administrator.create("ports", name="sample", network_id=network(administrator))])[0]["id"]
    return id


def group(administrator: Client) -> str:
    """The id of a security group that is made once."""
    return _id(administrator, "security-groups", name="sample")


def router(administrator: Client) -> str:
    """The id of a router that is made once."""
    return _id(administrator, "routers", name="sample")


def host(administrator: Client) -> str:
    return _id(administrator, "hosts", name="sample")


def wire(administrator: Client) -> str:
    return _id(administrator, "physical_networks", name="physnet1")


def _id(administrator: Client, path: str, name: str) -> str:
    found = administrator.find(path, f"name={name}") or [administrator.create(path, name=name)]
    id: str = found[0]["id"]
    return id


SAMPLES: dict[str, Callable[[Client, int], Document]] = {
    "physical_networks": lambda _, number: {"name": f"wire{number}", "bridge": f"br-wire{number}"},
    "hosts": lambda _, number: {"name": f"host{number}"},
    "links": lambda admin, number: {
        "host_id": host(admin),
        "physical_network_id": wire(admin),
        "device": f"eth{number}",
    },
    "network_segment_ranges": lambda _, number: {
        "physical_network": "physnet1",
        "minimum": 2000 + number,
        "maximum": 2000 + number,
    },
    "subnets": lambda admin, number: {"network_id": network(admin), "cidr": f"10.0.{number}.0/24"},
    "security-group-rules": lambda admin, number: {
        "security_group_id": group(admin),
        "direction": "ingress",
        "protocol": "tcp",
        "port_range_min": 1 + number,
        "port_range_max": 1 + number,
    },
    "ports": lambda admin, _: {"network_id": network(admin)},
    "taas/tap_mirrors": lambda admin, number: {
        "port_id": port(admin),
        "remote_ip": "192.0.2.9",
        "mirror_type": "gre",
        "directions": {"IN": 1 + number},
    },
    "floatingips": lambda admin, _: {"floating_network_id": outside(admin)},
    "route_tables": lambda admin, _: {"router_id": router(admin)},
    "policy_routes": lambda admin, number: {
        "router_id": router(admin),
        "priority": 1 + number,
        "source": "10.0.0.0/24",
        "action": "drop",
    },
}
"""Of the resources that take more than a name."""
