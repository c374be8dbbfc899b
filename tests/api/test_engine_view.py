"""The engine's dialect at both its doors: an account of role `engine`, and the URL `/engine` of `--auth none`."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from lab.engine import Engine
from lab.engine.client import Client as EngineClient
from lab.engine.inventory import EngineHost, LogicalNetwork, Vnic
from lab.engine.provider import Provider
from tests.api.client import Client, Document
from tests.api.conftest import empty, registered
from tests.api.samples import GROUP, HOST, MAC
from tests.service import Service


@dataclass(frozen=True)
class Door:
    """One way for the engine to come in, and an administrator beside it who speaks plain Neutron."""

    engine: Engine
    administrator: Client

    def shown(self) -> EngineClient:
        """What the engine's own classes read."""
        return EngineClient(self.engine.provider)

    def network(self, name: str = "blue") -> tuple[LogicalNetwork, str]:
        network = self.engine.create_network(name)
        assert network.external_id is not None
        return network, network.external_id


@pytest.fixture(scope="module")
def open_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The provider without log-in."""
    service = Service(tmp_path_factory.mktemp("open"), "plugins = []\n", "--auth", "none").start()
    yield service
    service.stop()


@pytest.fixture(params=["account", "url"])
def door(request: pytest.FixtureRequest) -> Iterator[Door]:
    if request.param == "account":
        service: Service = request.getfixturevalue("service")
        yield Door(registered(service), Client(service, service.token()))
        return
    service = request.getfixturevalue("open_service")
    administrator = Client(service, None)
    yield Door(Engine(Provider(f"{service.url}/engine")), administrator)
    empty(administrator)


def test_host_routes_are_not_shown(door: Door) -> None:
    """An administrator's subnet has them, and keeps them."""
    _, network_id = door.network()
    route = {"destination": "10.9.0.0/16", "nexthop": "10.1.0.9"}
    made = door.administrator.create("subnets", network_id=network_id, cidr="10.1.0.0/24", host_routes=[route])
    (subnet,) = door.shown().subnets()
    assert subnet.host_routes == []
    assert door.administrator.show("subnets", made["id"])["host_routes"] == [route]


def test_profiles_are_not_shown(door: Door) -> None:
    """Nor lost."""
    _, network_id = door.network()
    made = door.administrator.create("ports", network_id=network_id, binding__profile={"a": "b", "n": 1, "t": True})
    (port,) = door.shown().ports()
    assert port.profile == {}
    assert door.administrator.show("ports", made["id"])["binding:profile"] == {"a": "b", "n": 1, "t": True}


def test_a_segment_is_shown_where_the_engine_chose_it(door: Door) -> None:
    """Not the pool's choice, and not an administrator's, who sees them all."""
    _, plain_id = door.network()
    segment = {"provider__physical_network": "physnet1", "provider__segmentation_id": 78}
    predefined = door.administrator.create("networks", name="green", **segment)
    chosen = door.engine.create_network("red", physical_network="physnet1", vlan=77)
    shown = {one.id: (one.physical_network, one.network_type, one.segmentation_id) for one in door.shown().networks()}
    hidden = (None, None, None)
    assert shown == {plain_id: hidden, predefined["id"]: hidden, chosen.external_id: ("physnet1", "vlan", 77)}
    vlans = {one["id"]: one["provider:segmentation_id"] for one in door.administrator.find("networks")}
    assert vlans == {plain_id: 100, predefined["id"]: 78, chosen.external_id: 77}


@pytest.mark.parametrize("gateway", [None, ""])
def test_a_gateway_left_out_is_none(door: Door, gateway: str | None) -> None:
    """The engine's WebAdmin leaves it out, its REST API may say `""`; a default would take a VM's default route."""
    _, network_id = door.network()
    door.engine.add_subnet(network_id, "four", "10.0.0.0/24", 4, gateway)
    door.engine.add_subnet(network_id, "six", "fd00::/64", 6, gateway)
    assert [one.gateway_ip for one in door.engine.list_subnets(network_id)] == [None, None]
    made = door.administrator.create("subnets", network_id=network_id, cidr="10.1.0.0/24")
    assert made["gateway_ip"] == "10.1.0.1"
    refused = door.administrator.post("subnets", network_id=network_id, cidr="10.2.0.0/24", gateway_ip="")
    assert (refused.status, "gateway_ip" in refused.message) == (400, True)


def test_what_the_engine_makes_is_of_the_project_ovirt(door: Door) -> None:
    """With an account it names none, without it says oVirt; both are one project."""
    network, network_id = door.network()
    door.engine.add_subnet(network_id, "s", "10.0.0.0/24", 4)
    door.engine.allocate(Vnic("nic1", MAC, network), HOST)
    shown = door.shown()
    assert {one.tenant_id for one in (*shown.networks(), *shown.subnets(), *shown.ports())} == {"oVirt"}


def test_a_port_that_carries_everything_stops_no_vm(door: Door) -> None:
    """The engine reads every port of the provider at each VM start: here one with all that an administrator can set."""
    network, network_id = door.network()
    full = everything(door.administrator, network_id)
    vnic = Vnic("nic1", MAC, network)
    id = door.engine.allocate(vnic, HOST)["vnic_id"]
    door.administrator.update("ports", id, qos_policy_id=full["qos_policy_id"], binding__profile={"k": "v"}, tags=["x"])
    assert door.engine.allocate(vnic, HOST)["vnic_id"] == id
    door.engine.deallocate(vnic)
    assert (door.engine.events, [port.id for port in door.shown().ports()]) == ([], [full["id"]])


def everything(administrator: Client, network_id: str) -> Document:
    """A port with QoS, a profile, a host, and fixed addresses of both families on subnets with routes and pools."""
    policy = administrator.create("qos/policies", name="slow")["id"]
    rule = {"bandwidth_limit_rule": {"max_kbps": 1000, "direction": "ingress"}}
    assert administrator.send("POST", f"qos/policies/{policy}/bandwidth_limit_rules", rule).status == 201
    four = administrator.create(
        "subnets",
        network_id=network_id,
        cidr="10.8.0.0/24",
        host_routes=[{"destination": "0.0.0.0/0", "nexthop": "10.8.0.9"}],
        allocation_pools=[{"start": "10.8.0.20", "end": "10.8.0.30"}],
        dns_nameservers=["10.8.0.53"],
    )["id"]
    six = administrator.create("subnets", network_id=network_id, cidr="fd00::/64", ip_version=6)["id"]
    return administrator.create(
        "ports",
        network_id=network_id,
        name="everything",
        description="All of it.",
        device_owner="compute:nova",
        device_id="vm",
        binding__host_id="elsewhere",
        binding__profile={"a": "b", "n": 1, "t": False, "z": None},
        qos_policy_id=policy,
        fixed_ips=[{"subnet_id": four, "ip_address": "10.8.0.25"}, {"subnet_id": six, "ip_address": "fd00::25"}],
        tags=["x"],
    )


def test_a_reused_mac_is_taken_over_from_an_orphan(door: Door) -> None:
    """A swallowed DELETE left a port; the engine gives its MAC to another vNIC, and that VM starts."""
    network, _ = door.network()
    door.engine.allocate(Vnic("nic1", MAC, network), HOST)
    second = Vnic("nic1", MAC, network)
    door.engine.allocate(second, HOST)
    assert [port.device_id for port in door.shown().ports()] == [second.id]


def test_what_nobody_realises_is_kept(door: Door) -> None:
    """DHCP and security groups: accepted, said to be missing, and not lost when an administrator changes the rest."""
    network, network_id = door.network()
    door.engine.add_subnet(network_id, "s", "10.0.0.0/24", 4)
    id = door.engine.allocate(Vnic("nic1", MAC, network, security_groups=GROUP), HOST)["vnic_id"]
    (subnet,) = door.administrator.find("subnets")
    assert (subnet["enable_dhcp"], subnet["status_reason"]) == (True, "DHCP is not served")
    assert door.administrator.update("subnets", subnet["id"], name="x")["enable_dhcp"] is True
    port = door.administrator.show("ports", id)
    assert (port["security_groups"], port["status_reason"]) == ([GROUP], "security groups are not enforced")


def test_a_host_that_nobody_declared_is_accepted(door: Door) -> None:
    """The engine may know it by another name."""
    network, _ = door.network()
    id = door.engine.allocate(Vnic("nic1", MAC, network), EngineHost("node-7", {"OVIRT_QUANTUM": "who-knows"}))[
        "vnic_id"
    ]
    assert door.administrator.show("ports", id)["binding:host_id"] == "who-knows"
