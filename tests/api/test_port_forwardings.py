"""Port forwardings: ports of a floating IP that lead to ports of a VM."""

from typing import Any

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN
from tests.api.test_floating_ips import Site, refusal
from tests.service import Answer


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


@pytest.fixture
def site(member: Client, administrator: Client) -> Site:
    return Site(member, administrator)


def path(floating_ip: Document, id: str = "") -> str:
    return f"floatingips/{floating_ip['id']}/port_forwardings" + (f"/{id}" if id else "")


def forward(client: Client, floating_ip: Document, **attributes: Any) -> Answer:
    wanted = {"protocol": "tcp", "internal_port": 22, "external_port": 2222} | attributes
    wanted = {name: value for name, value in wanted.items() if value is not None}
    return client.send("POST", path(floating_ip), {"port_forwarding": wanted})


def change(client: Client, floating_ip: Document, forwarding: Document, **attributes: Any) -> Answer:
    return client.send("PUT", path(floating_ip, forwarding["id"]), {"port_forwarding": attributes})


def test_it_leads_from_one_port_to_another(site: Site) -> None:
    """Created, listed, shown, inside its floating IP too, changed, deleted."""
    floating = site.floating()
    answer = forward(site.member, floating, internal_port_id=site.port["id"], protocol="TCP")
    made = answer.body["port_forwarding"]
    assert answer.status == 201
    assert {name: made[name] for name in ("protocol", "internal_port_range", "external_port_range")} == {
        "protocol": "tcp",
        "internal_port_range": "22:22",
        "external_port_range": "2222:2222",
    }
    assert (made["internal_port"], made["external_port"], made["project_id"]) == (22, 2222, "blue-team")
    assert made["internal_ip_address"] == site.port["fixed_ips"][0]["ip_address"]
    shown = site.member.show("floatingips", floating["id"])
    assert (shown["router_id"], shown["port_id"], shown["port_forwardings"]) == (site.router["id"], None, [made])
    assert site.member.find("floatingips") == [shown]
    assert site.member.send("GET", path(floating)).body == {"port_forwardings": [made]}
    assert site.member.send("GET", path(floating, made["id"])).body == {"port_forwarding": made}
    changed = change(site.member, floating, made, external_port=2223, description="d").body["port_forwarding"]
    assert (changed["external_port_range"], changed["description"]) == ("2223:2223", "d")
    assert site.member.send("DELETE", path(floating, made["id"])).status == 204
    left = site.member.show("floatingips", floating["id"])
    assert (left["router_id"], left["port_forwardings"], left["status"]) == (None, [], "DOWN")


def test_ranges_lead_to_ranges(site: Site) -> None:
    """Of one size; then there is no single port."""
    floating, vm = site.floating(), site.port["id"]
    ranges = {"internal_port": None, "external_port": None, "internal_port_range": "80:89"}
    made = forward(site.member, floating, internal_port_id=vm, external_port_range="8080:8089", **ranges)
    assert made.body["port_forwarding"]["external_port"] is None
    refused = forward(
        site.member, floating, internal_port_id=site.port["id"], external_port_range="8180:8181", **ranges
    )
    assert refusal(refused) == (400, "BadRequest")


def test_one_that_can_not_be_is_refused(site: Site, stranger: Client) -> None:
    """With Neutron's error types, and nothing is written."""
    floating, whole = site.floating(), site.floating(port_id=site.vm()["id"])
    mine, bound = site.port["id"], whole["port_id"]
    forward(site.member, floating, internal_port_id=mine)
    lonely = site.member.create("subnets", network_id=site.member.create("networks")["id"], cidr="10.5.0.0/24")
    unreached = site.member.create("ports", network_id=lonely["network_id"])["id"]
    foreign = stranger.create("ports", network_id=stranger.create("networks")["id"])["id"]
    before = site.administrator.everything()
    for attributes, expected in (
        ({"external_port": 2222, "internal_port": 23}, (400, "BadRequest")),
        ({"external_port": 2223, "internal_port": 22}, (400, "BadRequest")),
        ({"external_port": None}, (400, "BadRequest")),
        ({"external_port": 99, "external_port_range": "99:99"}, (400, "BadRequest")),
        ({"external_port": 70000}, (400, "HTTPBadRequest")),
        ({"external_port": 0}, (400, "HTTPBadRequest")),
        ({"external_port": None, "external_port_range": "9:8"}, (400, "HTTPBadRequest")),
        ({"external_port": 99, "protocol": "icmp"}, (400, "HTTPBadRequest")),
        ({"external_port": 99, "floatingip_id": floating["id"]}, (400, "HTTPBadRequest")),
        ({"external_port": 99, "internal_ip_address": "10.0.0.99"}, (400, "BadRequest")),
        ({"external_port": 99, "internal_port_id": UNKNOWN}, (404, "PortNotFound")),
        ({"external_port": 99, "internal_port_id": foreign}, (404, "PortNotFound")),
        ({"external_port": 99, "internal_port_id": unreached}, (400, "BadRequest")),
        ({"external_port": 99, "internal_port_id": bound}, (409, "PortHasBindingFloatingIP")),
    ):
        answer = forward(site.member, floating, **{"internal_port_id": mine, **attributes})
        assert refusal(answer) == expected, attributes
    assert refusal(forward(site.member, whole, internal_port_id=mine)) == (409, "FloatingIPPortAlreadyAssociated")
    assert refusal(forward(site.member, {"id": UNKNOWN}, internal_port_id=mine)) == (404, "FloatingIPNotFound")
    assert site.administrator.everything() == before


def test_what_it_needs_stays(site: Site) -> None:
    """Its floating IP, the router's interface and gateway."""
    floating = site.floating()
    forward(site.member, floating, internal_port_id=site.port["id"])
    before = site.administrator.everything()
    in_use = (409, "FipInUseByPortForwarding")
    assert refusal(site.member.send("DELETE", f"floatingips/{floating['id']}")) == in_use
    assert refusal(site.member.put("floatingips", floating["id"], port_id=site.vm()["id"])) == in_use
    assert refusal(site.interface("remove", site.subnet)) == (409, "RouterInterfaceInUseByFloatingIP")
    answer = site.member.put("routers", site.router["id"], external_gateway_info=None)
    assert refusal(answer) == (409, "RouterExternalGatewayInUseByFloatingIp")
    assert site.administrator.everything()["floatingips"] == before["floatingips"]


def test_it_goes_with_the_ports_address_and_with_the_port(site: Site) -> None:
    """The floating IP is free again with the last one."""
    floating = site.floating()
    forward(site.member, floating, internal_port_id=site.port["id"])
    site.member.update("ports", site.port["id"], fixed_ips=[{"ip_address": "10.0.0.77"}])
    assert site.member.show("floatingips", floating["id"])["router_id"] is None
    forward(site.member, floating, internal_port_id=site.port["id"])
    site.member.delete("ports", site.port["id"])
    left = site.member.show("floatingips", floating["id"])
    assert (left["router_id"], left["port_forwardings"]) == (None, [])


def test_it_is_below_its_own_floating_ip_alone(site: Site, stranger: Client) -> None:
    """404 below another, and to another project."""
    floating, other = site.floating(), site.floating()
    made = forward(site.member, floating, internal_port_id=site.port["id"]).body["port_forwarding"]
    for client, where, kind in (
        (site.member, path(other, made["id"]), "PortForwardingNotFound"),
        (stranger, path(floating, made["id"]), "PortForwardingNotFound"),
        (stranger, path(floating), "FloatingIPNotFound"),
    ):
        assert refusal(client.send("GET", where)) == (404, kind)
    for method in ("PUT", "DELETE"):
        body = {"port_forwarding": {}} if method == "PUT" else None
        assert refusal(site.member.send(method, path(other, made["id"]), body)) == (404, "PortForwardingNotFound")
        assert refusal(stranger.send(method, path(floating, made["id"]), body)) == (404, "PortForwardingNotFound")
    assert site.member.send("GET", path(other)).body == {"port_forwardings": []}
