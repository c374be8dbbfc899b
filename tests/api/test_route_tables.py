"""Route tables besides a router's own, and policy routes: whose packets go which way."""

from typing import Any

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN
from tests.api.test_floating_ips import Site, refusal
from tests.service import Answer

VIA = {"destination": "0.0.0.0/0", "nexthop": "10.0.0.8"}


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


@pytest.fixture
def site(member: Client, administrator: Client) -> Site:
    return Site(member, administrator)


def table(site: Site, **attributes: Any) -> Answer:
    return site.member.post("route_tables", **{"router_id": site.router["id"], **attributes})


def policy(site: Site, **attributes: Any) -> Answer:
    wanted = {"router_id": site.router["id"], "priority": 5, "source": "10.0.0.0/24"} | attributes
    return site.member.post("policy_routes", **wanted)


def ipv6(site: Site, cidr: str) -> Document:
    """A subnet of the site's network, with an interface."""
    modes = {"ip_version": 6, "ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    made = site.member.create("subnets", network_id=site.subnet["network_id"], cidr=cidr, **modes)
    assert site.interface("add", made).status == 200
    return made


def test_subnets_take_a_table_and_leave_it(site: Site) -> None:
    """Each is in one table of the router at most."""
    other = site.joined("10.1.0.0/24")
    made = table(site, name="t", routes=[VIA], subnets=[site.subnet["id"]]).body["route_table"]
    assert (made["project_id"], made["routes"], made["subnets"]) == ("blue-team", [VIA], [site.subnet["id"]])
    assert refusal(table(site, subnets=[site.subnet["id"]])) == (409, "RouteTableSubnetInUse")
    both = [site.subnet["id"], other["id"]]
    assert site.member.update("route_tables", made["id"], subnets=both)["subnets"] == both
    assert site.member.find("route_tables", f"router_id={site.router['id']}")[0]["subnets"] == both
    site.member.delete("route_tables", made["id"])
    assert site.member.find("route_tables") == []


def test_a_table_that_can_not_be_is_refused(site: Site, stranger: Client) -> None:
    """And nothing is written."""
    lonely = site.member.create("subnets", network_id=site.member.create("networks")["id"], cidr="10.5.0.0/24")
    made = table(site, routes=[VIA]).body["route_table"]
    before = site.administrator.everything()
    for attributes, expected in (
        ({"routes": [VIA | {"nexthop": "10.9.0.1"}]}, (400, "InvalidRoutes")),
        ({"routes": [VIA | {"nexthop": "10.0.0.1"}]}, (400, "InvalidRoutes")),
        ({"routes": [VIA, VIA]}, (400, "InvalidRoutes")),
        ({"subnets": [lonely["id"]]}, (400, "InvalidInput")),
        ({"subnets": [UNKNOWN]}, (400, "InvalidInput")),
        ({"subnets": [site.subnet["id"], site.subnet["id"]]}, (400, "InvalidInput")),
        ({"subnets": ["x"]}, (400, "HTTPBadRequest")),
    ):
        assert refusal(table(site, **attributes)) == expected, attributes
        assert refusal(site.member.put("route_tables", made["id"], **attributes)) == expected, attributes
    assert refusal(table(site, router_id=UNKNOWN)) == (404, "RouterNotFound")
    assert refusal(stranger.post("route_tables", router_id=site.router["id"])) == (404, "RouterNotFound")
    assert refusal(stranger.send("DELETE", f"route_tables/{made['id']}")) == (404, "RouteTableNotFound")
    assert site.administrator.everything() == before


def test_the_subnets_of_one_port_use_one_table(site: Site) -> None:
    """A router announces IPv6 subnets of a network together; who comes later joins."""
    first = ipv6(site, "2001:db8:1::/64")
    made = table(site, subnets=[first["id"]]).body["route_table"]
    second = ipv6(site, "2001:db8:2::/64")
    assert site.member.show("route_tables", made["id"])["subnets"] == [first["id"], second["id"]]
    answer = site.member.put("route_tables", made["id"], subnets=[second["id"]])
    assert refusal(answer) == (400, "InvalidInput")


def test_what_a_table_needs_stays(site: Site) -> None:
    """The interfaces of its subnets and of its next hops; with the router it goes."""
    other = site.joined("10.1.0.0/24")
    made = table(site, routes=[VIA], subnets=[other["id"]]).body["route_table"]
    assert refusal(site.interface("remove", other)) == (409, "RouterInterfaceInUseByRouteTable")
    assert refusal(site.interface("remove", site.subnet)) == (409, "RouterInterfaceInUseByRoute")
    site.member.update("route_tables", made["id"], routes=[], subnets=[])
    rule = policy(site, nexthops=["10.0.0.8"]).body["policy_route"]
    assert refusal(site.interface("remove", site.subnet)) == (409, "RouterInterfaceInUseByRoute")
    site.member.update("policy_routes", rule["id"], action="drop", nexthops=[])
    for subnet in (site.subnet, other):
        assert site.interface("remove", subnet).status == 200
    site.member.delete("routers", site.router["id"])
    assert (site.member.find("route_tables"), site.member.find("policy_routes")) == ([], [])


def test_a_policy_says_what_becomes_of_packets(site: Site) -> None:
    """To next hops, as the tables say, or nowhere."""
    made = policy(site, nexthops=["10.0.0.8", "10.0.0.9"], destination="172.16.0.0/12").body["policy_route"]
    assert (made["action"], made["project_id"]) == ("reroute", "blue-team")
    changed = site.member.update("policy_routes", made["id"], action="allow", nexthops=[], priority=1000)
    assert (changed["action"], changed["priority"]) == ("allow", 1000)
    assert policy(site, action="drop").status == 201


def test_a_policy_that_can_not_be_is_refused(site: Site, stranger: Client) -> None:
    """And nothing is written."""
    made = policy(site, action="drop").body["policy_route"]
    before = site.administrator.everything()
    for attributes, expected in (
        ({"action": "drop"}, (409, "PolicyRouteExists")),
        ({"priority": 6}, (400, "InvalidInput")),
        ({"priority": 6, "action": "allow", "nexthops": ["10.0.0.8"]}, (400, "InvalidInput")),
        ({"priority": 6, "action": "drop", "destination": "2001:db8::/64"}, (400, "InvalidInput")),
        ({"priority": 6, "nexthops": ["2001:db8::1"]}, (400, "InvalidRoutes")),
        ({"priority": 6, "nexthops": ["10.9.0.1"]}, (400, "InvalidRoutes")),
        ({"priority": 6, "nexthops": ["10.0.0.8", "10.0.0.8"]}, (400, "InvalidRoutes")),
        ({"priority": 0, "action": "drop"}, (400, "HTTPBadRequest")),
        ({"priority": 1001, "action": "drop"}, (400, "HTTPBadRequest")),
        ({"source": "10.0.0.1/24", "action": "drop"}, (400, "HTTPBadRequest")),
        ({"action": "reject"}, (400, "HTTPBadRequest")),
        ({"router_id": UNKNOWN, "action": "drop"}, (404, "RouterNotFound")),
    ):
        assert refusal(policy(site, **attributes)) == expected, attributes
    assert refusal(stranger.send("GET", f"policy_routes/{made['id']}")) == (404, "PolicyRouteNotFound")
    assert site.administrator.everything() == before
