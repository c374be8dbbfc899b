"""Routers: what they join, where they lead, and what keeps them."""

from typing import Any

import pytest

from lab.engine import Engine
from lab.engine.client import Client as EngineClient
from lab.engine.inventory import Vnic
from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import HOST, MAC, UNKNOWN, outside
from tests.service import Answer


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def add(client: Client, router: Document, **what: Any) -> Answer:
    return client.send("PUT", f"routers/{router['id']}/add_router_interface", what)


def remove(client: Client, router: Document, **what: Any) -> Answer:
    return client.send("PUT", f"routers/{router['id']}/remove_router_interface", what)


def subnet(client: Client, cidr: str = "10.0.0.0/24", **more: Any) -> Document:
    """On a network of its own, unless another one is named."""
    network = more.pop("network_id", None) or client.create("networks")["id"]
    return client.create("subnets", network_id=network, cidr=cidr, **more)


def ports_of(administrator: Client, device: Document) -> list[Document]:
    return administrator.find("ports", f"device_id={device['id']}")


def test_an_interface_on_a_subnet_has_its_gateways_address(member: Client) -> None:
    """Neutron's answer, and an ordinary port of the router's project."""
    inside, router = subnet(member), member.create("routers", name="r")
    answer = add(member, router, subnet_id=inside["id"])
    (port,) = ports_of(member, router)
    assert answer.status == 200
    assert answer.body == {
        "id": router["id"],
        "project_id": "blue-team",
        "tenant_id": "blue-team",
        "port_id": port["id"],
        "network_id": inside["network_id"],
        "subnet_id": inside["id"],
        "subnet_ids": [inside["id"]],
    }
    assert port["fixed_ips"] == [{"subnet_id": inside["id"], "ip_address": "10.0.0.1"}]
    assert (port["device_owner"], port["security_groups"]) == ("network:router_interface", [])
    assert remove(member, router, subnet_id=inside["id"]).body == answer.body
    assert ports_of(member, router) == []


def test_a_port_becomes_an_interface(member: Client) -> None:
    """Under its own address, out of its groups; removed, it is gone."""
    inside, router = subnet(member), member.create("routers")
    port = member.create("ports", network_id=inside["network_id"], fixed_ips=[{"ip_address": "10.0.0.9"}])
    assert port["security_groups"]
    assert add(member, router, port_id=port["id"]).body["subnet_ids"] == [inside["id"]]
    shown = member.show("ports", port["id"])
    assert (shown["device_id"], shown["security_groups"]) == (router["id"], [])
    assert refusal(remove(member, router, port_id=port["id"], subnet_id=UNKNOWN)) == (400, "SubnetMismatchForPort")
    assert remove(member, router, port_id=port["id"], subnet_id=inside["id"]).status == 200
    assert member.find("ports") == []


def test_ipv6_subnets_of_a_network_share_one_port(member: Client) -> None:
    """Each added and removed alone; IPv4 has a port of its own."""
    router, network = member.create("routers"), member.create("networks")["id"]
    modes = {"ip_version": 6, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac", "network_id": network}
    four = subnet(member, network_id=network)
    first, second = subnet(member, "2001:db8:1::/64", **modes), subnet(member, "2001:db8:2::/64", **modes)
    ids = [add(member, router, subnet_id=one["id"]).body["port_id"] for one in (four, first, second)]
    assert (ids[1] == ids[2], ids[0] == ids[1]) == (True, False)
    addresses = {fixed["ip_address"] for fixed in member.show("ports", ids[1])["fixed_ips"]}
    assert addresses == {"2001:db8:1::1", "2001:db8:2::1"}
    assert remove(member, router, subnet_id=first["id"]).status == 200
    assert [fixed["ip_address"] for fixed in member.show("ports", ids[1])["fixed_ips"]] == ["2001:db8:2::1"]
    assert refusal(member.send("DELETE", f"subnets/{second['id']}")) == (409, "SubnetInUse")
    assert remove(member, router, subnet_id=second["id"]).status == 200
    assert [port["id"] for port in ports_of(member, router)] == [ids[0]]


def test_an_interface_that_can_not_be_is_refused(member: Client, administrator: Client) -> None:
    """With Neutron's error types, and nothing is written."""
    router, inside = member.create("routers"), subnet(member)
    assert add(member, router, subnet_id=inside["id"]).status == 200
    overlapping, blind = subnet(member, "10.0.0.128/25"), subnet(member, "10.1.0.0/24", gateway_ip=None)
    used = member.create("ports", network_id=inside["network_id"], device_id="vm")
    bare = member.create("ports", network_id=member.create("networks")["id"])
    held = subnet(administrator, "10.2.0.0/24", project_id="blue-team")
    administrator.create(
        "ports", network_id=held["network_id"], device_owner="network:dhcp", fixed_ips=[{"ip_address": "10.2.0.1"}]
    )
    announced = subnet(member, "2001:db8::/64", ip_version=6, ipv6_address_mode="slaac")
    before = administrator.everything()
    for what, expected in (
        ({"subnet_id": overlapping["id"]}, (400, "BadRequest")),
        ({"subnet_id": inside["id"]}, (400, "BadRequest")),
        ({"subnet_id": blind["id"]}, (400, "BadRequest")),
        ({"subnet_id": announced["id"]}, (400, "BadRequest")),
        ({"subnet_id": held["id"]}, (409, "IpAddressAlreadyAllocated")),
        ({"subnet_id": UNKNOWN}, (404, "SubnetNotFound")),
        ({"subnet_id": "x"}, (400, "BadRequest")),
        ({"port_id": used["id"]}, (409, "PortInUse")),
        ({"port_id": bare["id"]}, (400, "BadRequest")),
        ({"port_id": UNKNOWN}, (404, "PortNotFound")),
        ({"port_id": bare["id"], "subnet_id": inside["id"]}, (400, "BadRequest")),
        ({}, (400, "BadRequest")),
        ({"network_id": UNKNOWN}, (400, "BadRequest")),
    ):
        assert refusal(add(member, router, **what)) == expected, what
    for what, expected in (
        ({"subnet_id": overlapping["id"]}, (404, "RouterInterfaceNotFoundForSubnet")),
        ({"port_id": used["id"]}, (404, "RouterInterfaceNotFound")),
        ({}, (400, "BadRequest")),
    ):
        assert refusal(remove(member, router, **what)) == expected, what
    assert administrator.everything() == before


def test_a_gateway_is_a_port_on_the_external_network(member: Client, administrator: Client) -> None:
    """With a free address of it, under nobody's project."""
    public = outside(administrator)
    router = member.create("routers", external_gateway_info={"network_id": public})
    (port,) = ports_of(administrator, router)
    assert router["external_gateway_info"] == {
        "network_id": public,
        "enable_snat": True,
        "external_fixed_ips": port["fixed_ips"],
    }
    assert (port["device_owner"], port["project_id"]) == ("network:router_gateway", "")
    assert port["fixed_ips"][0]["ip_address"] == "192.0.2.2"
    assert ports_of(member, router) == []
    kept = member.update("routers", router["id"], external_gateway_info=router["external_gateway_info"])
    assert kept["external_gateway_info"] == router["external_gateway_info"]
    for nothing in (None, {}):
        assert member.update("routers", router["id"], external_gateway_info=nothing)["external_gateway_info"] is None
        assert ports_of(administrator, router) == []
        member.update("routers", router["id"], external_gateway_info={"network_id": public})


def test_a_gateway_has_an_address_of_each_family(member: Client, administrator: Client) -> None:
    """Also of a prefix that VMs make their own addresses of."""
    public = outside(administrator)
    modes = {"ip_version": 6, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    administrator.create("subnets", network_id=public, cidr="2001:db8::/64", **modes)
    router = member.create("routers", external_gateway_info={"network_id": public})
    held = [fixed["ip_address"] for fixed in router["external_gateway_info"]["external_fixed_ips"]]
    assert held == ["192.0.2.2", "2001:db8::2"]


def test_everybody_sees_what_leads_outside(stranger: Client, reader: Client, administrator: Client) -> None:
    """The external network, but not its subnets, nor the ports on it."""
    public = outside(administrator)
    stranger.create("routers", external_gateway_info={"network_id": public})
    for client in (stranger, reader):
        assert [one["id"] for one in client.find("networks", "router:external=true")] == [public]
        assert client.find("subnets") == client.find("ports") == []


def test_a_manager_chooses_address_and_snat(manager: Client, member: Client, administrator: Client) -> None:
    """A tenant does not."""
    public = outside(administrator)
    chosen = {"network_id": public, "enable_snat": False, "external_fixed_ips": [{"ip_address": "192.0.2.77"}]}
    router = manager.create("routers", external_gateway_info=chosen)
    assert router["external_gateway_info"]["external_fixed_ips"][0]["ip_address"] == "192.0.2.77"
    assert router["external_gateway_info"]["enable_snat"] is False
    moved = chosen | {"external_fixed_ips": [{"ip_address": "192.0.2.78"}], "enable_snat": True}
    router = manager.update("routers", router["id"], external_gateway_info=moved)
    assert [port["fixed_ips"][0]["ip_address"] for port in ports_of(administrator, router)] == ["192.0.2.78"]
    for wrong in ({"enable_snat": False}, {"external_fixed_ips": [{"ip_address": "192.0.2.79"}]}):
        answer = member.post("routers", external_gateway_info={"network_id": public} | wrong)
        assert refusal(answer) == (403, "PolicyNotAuthorized")


def test_a_gateway_that_can_not_be_is_refused(manager: Client, administrator: Client) -> None:
    """With Neutron's error types, and nothing is written."""
    public, inside = outside(administrator), subnet(manager)
    router = manager.create("routers")
    assert add(manager, router, subnet_id=inside["id"]).status == 200
    administrator.create("ports", network_id=public, fixed_ips=[{"ip_address": "192.0.2.9"}])
    narrow = administrator.create("networks", router__external=True)["id"]
    administrator.create("subnets", network_id=narrow, cidr="198.51.100.0/30")
    administrator.create("ports", network_id=narrow)
    alike = administrator.create("networks", router__external=True)["id"]
    administrator.create("subnets", network_id=alike, cidr="10.0.0.0/16")
    hidden = administrator.create("networks")["id"]

    def addressed(ip: str) -> Document:
        return {"network_id": public, "external_fixed_ips": [{"ip_address": ip}]}

    before = administrator.everything()
    for gateway, expected in (
        ({"network_id": inside["network_id"]}, (400, "BadRequest")),
        ({"network_id": hidden}, (404, "NetworkNotFound")),
        ({"network_id": narrow}, (409, "IpAddressGenerationFailure")),
        ({"network_id": alike}, (400, "BadRequest")),
        (
            {"network_id": public, "external_fixed_ips": [{"ip_address": "192.0.2.9"}]},
            (409, "IpAddressAlreadyAllocated"),
        ),
        (addressed("192.0.2.1"), (400, "BadRequest")),
        (addressed("10.9.9.9"), (400, "InvalidIpForNetwork")),
        ({"network_id": public, "external_fixed_ips": [{"subnet_id": inside["id"]}]}, (400, "InvalidInput")),
        ({"enable_snat": False}, (400, "HTTPBadRequest")),
        ({"network_id": public, "colour": 1}, (400, "HTTPBadRequest")),
    ):
        assert refusal(manager.put("routers", router["id"], external_gateway_info=gateway)) == expected, gateway
        if expected[1] != "BadRequest" or gateway["network_id"] != alike:
            assert refusal(manager.post("routers", external_gateway_info=gateway)) == expected, gateway
    assert administrator.everything() == before


def route(destination: str, nexthop: str) -> Document:
    return {"destination": destination, "nexthop": nexthop}


def test_routes_come_and_go_together_and_alone(member: Client) -> None:
    """Several next hops for one destination; what is there already is not added again."""
    router, inside = member.create("routers"), subnet(member)
    add(member, router, subnet_id=inside["id"])
    one, other = route("172.16.0.0/16", "10.0.0.8"), route("172.16.0.0/16", "10.0.0.9")
    assert member.update("routers", router["id"], routes=[one])["routes"] == [one]
    for verb, given, left in (("add", [one, other], [one, other]), ("remove", [one, one], [other])):
        answer = member.send("PUT", f"routers/{router['id']}/{verb}_extraroutes", {"router": {"routes": given}})
        assert (answer.status, answer.body["router"]["routes"]) == (200, left)
    assert refusal(remove(member, router, subnet_id=inside["id"])) == (409, "RouterInterfaceInUseByRoute")
    member.update("routers", router["id"], routes=[])
    assert remove(member, router, subnet_id=inside["id"]).status == 200


def test_a_next_hop_is_a_neighbour(member: Client, administrator: Client) -> None:
    """Through an interface or through the gateway, and not the router itself."""
    gateway = {"network_id": outside(administrator)}
    router, inside = member.create("routers", external_gateway_info=gateway), subnet(member)
    add(member, router, subnet_id=inside["id"])
    up = route("172.16.0.0/16", "192.0.2.250")
    member.update("routers", router["id"], routes=[up])
    before = administrator.everything()
    for wrong in (
        route("172.16.0.0/16", "10.9.0.1"),
        route("172.16.0.0/16", "10.0.0.1"),
        route("2001:db8::/64", "10.0.0.8"),
    ):
        assert refusal(member.put("routers", router["id"], routes=[wrong])) == (400, "InvalidRoutes")
        answer = member.send("PUT", f"routers/{router['id']}/add_extraroutes", {"router": {"routes": [wrong]}})
        assert refusal(answer) == (400, "InvalidRoutes")
    assert refusal(member.put("routers", router["id"], routes=[up, up])) == (400, "InvalidRoutes")
    assert refusal(member.put("routers", router["id"], external_gateway_info=None)) == (
        409,
        "RouterInterfaceInUseByRoute",
    )
    assert administrator.everything() == before


def test_what_a_router_uses_stays(member: Client, administrator: Client) -> None:
    """Neutron's error types, and nothing is written."""
    public = outside(administrator)
    router, inside = member.create("routers", external_gateway_info={"network_id": public}), subnet(member)
    interface = add(member, router, subnet_id=inside["id"]).body["port_id"]
    (way_out,) = [port for port in ports_of(administrator, router) if port["id"] != interface]
    (outer,) = administrator.find("subnets", f"network_id={public}")
    before = administrator.everything()
    for path, expected in (
        (f"routers/{router['id']}", (409, "RouterInUse")),
        (f"networks/{inside['network_id']}", (409, "NetworkInUse")),
        (f"subnets/{inside['id']}", (409, "SubnetInUse")),
        (f"ports/{interface}", (409, "ServicePortInUse")),
        (f"ports/{way_out['id']}", (409, "ServicePortInUse")),
        (f"networks/{public}", (409, "NetworkInUse")),
        (f"subnets/{outer['id']}", (409, "SubnetInUse")),
    ):
        assert refusal(administrator.send("DELETE", path)) == expected, path
    assert refusal(administrator.put("networks", public, router__external=False)) == (409, "ExternalNetworkInUse")
    elsewhere = {"gateway_ip": "10.0.0.7", "allocation_pools": [{"start": "10.0.0.8", "end": "10.0.0.99"}]}
    assert refusal(member.put("subnets", inside["id"], **elsewhere)) == (409, "GatewayIpInUse")
    assert refusal(member.put("subnets", inside["id"], gateway_ip=None)) == (409, "GatewayIpInUse")
    for change in ({"fixed_ips": []}, {"device_id": ""}, {"device_owner": "compute:nova"}, {"admin_state_up": False}):
        assert refusal(administrator.put("ports", interface, **change)) == (409, "ServicePortInUse")
    assert administrator.everything() == before
    assert member.update("ports", interface, name="mine")["name"] == "mine"


def test_nobody_makes_a_routers_port_by_hand(administrator: Client) -> None:
    """Neither at once nor later."""
    network = administrator.create("networks")["id"]
    port = administrator.create("ports", network_id=network)
    for owner in ("network:router_interface", "network:router_gateway", "network:floatingip"):
        assert refusal(administrator.post("ports", network_id=network, device_owner=owner)) == (400, "InvalidInput")
        assert refusal(administrator.put("ports", port["id"], device_owner=owner)) == (400, "InvalidInput")


def test_a_router_is_its_projects(member: Client, stranger: Client, administrator: Client) -> None:
    """To others it is not there; and what is not theirs they do not attach."""
    router, inside = member.create("routers"), subnet(member)
    shared = administrator.create("networks", shared=True)
    lent = administrator.create("subnets", network_id=shared["id"], cidr="10.3.0.0/24")
    before = administrator.everything()
    assert stranger.find("routers") == []
    assert refusal(stranger.send("GET", f"routers/{router['id']}")) == (404, "RouterNotFound")
    for verb in ("add_router_interface", "remove_router_interface"):
        answer = stranger.send("PUT", f"routers/{router['id']}/{verb}", {"subnet_id": inside["id"]})
        assert refusal(answer) == (404, "RouterNotFound")
    answer = stranger.send("PUT", f"routers/{router['id']}/add_extraroutes", {"router": {"routes": []}})
    assert refusal(answer) == (404, "RouterNotFound")
    assert refusal(add(member, router, subnet_id=lent["id"])) == (400, "BadRequest")
    assert administrator.everything() == before
    other = stranger.create("routers")
    assert refusal(add(stranger, other, subnet_id=inside["id"])) == (404, "SubnetNotFound")
    assert refusal(stranger.put("routers", other["id"], ha=True)) == (403, "PolicyNotAuthorized")


def test_the_engine_takes_routers_ports_for_what_they_are(
    engine: Engine, member: Client, administrator: Client
) -> None:
    """Ports of others, flat like any: its VMs start and stop beside them, and its networks go when these have gone."""
    blue = engine.create_network("blue")
    network = blue.external_id or ""
    engine.add_subnet(network, "s", "10.0.0.0/24", 4)
    (inside,) = administrator.find("subnets", f"network_id={network}")
    pools = [{"start": "10.0.0.2", "end": "10.0.0.99"}]
    administrator.update("subnets", inside["id"], gateway_ip="10.0.0.1", allocation_pools=pools)
    router = administrator.create("routers", external_gateway_info={"network_id": outside(administrator)})
    assert add(administrator, router, subnet_id=inside["id"]).status == 200
    vnic = Vnic("nic1", MAC, blue)
    engine.allocate(vnic, HOST)
    (port,) = administrator.find("ports", "device_owner=oVirt")
    administrator.create("floatingips", floating_network_id=outside(administrator), port_id=port["id"])
    shown = EngineClient(engine.provider).ports()
    assert len(shown) == 4
    engine.allocate(vnic, HOST)
    engine.deallocate(vnic)
    assert administrator.find("ports", "device_owner=oVirt") == []
    assert [one["status"] for one in administrator.find("floatingips")] == ["DOWN"]
    assert refusal(administrator.send("DELETE", f"networks/{network}")) == (409, "NetworkInUse")
    assert remove(administrator, router, subnet_id=inside["id"]).status == 200
    engine.remove_network(blue)
