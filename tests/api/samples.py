"""One right request for each resource: what tests of all of them start from."""

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
    if path == "physical_networks":
        return {"name": f"wire{number}", "bridge": f"br-wire{number}"}
    if path == "hosts":
        return {"name": f"host{number}"}
    if path == "links":
        return {"host_id": host(administrator), "physical_network_id": wire(administrator), "device": f"eth{number}"}
    if path == "network_segment_ranges":
        return {"physical_network": "physnet1", "minimum": 2000 + number, "maximum": 2000 + number}
    if path == "subnets":
        return {"network_id": network(administrator), "cidr": f"10.0.{number}.0/24"}
    if path == "security-group-rules":
        ports = {"port_range_min": 1 + number, "port_range_max": 1 + number}
        return {"security_group_id": group(administrator), "direction": "ingress", "protocol": "tcp"} | ports
    if path == "ports":
        return {"network_id": network(administrator)}
    if path == "floatingips":
        return {"floating_network_id": outside(administrator)}
    return {"name": f"one{number}"}


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


def group(administrator: Client) -> str:
    """The id of a security group that is made once."""
    return _id(administrator, "security-groups", name="sample")


def host(administrator: Client) -> str:
    return _id(administrator, "hosts", name="sample")


def wire(administrator: Client) -> str:
    return _id(administrator, "physical_networks", name="physnet1")


def _id(administrator: Client, path: str, name: str) -> str:
    found = administrator.find(path, f"name={name}") or [administrator.create(path, name=name)]
    id: str = found[0]["id"]
    return id
