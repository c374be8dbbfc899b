"""Route tables besides a router's own, and policy routes, shown by where packets go."""

import pytest

from tests.api.client import Document
from tests.ovn.routing import OPEN, routed, router
from tests.ovn.site import Site, Vm, until

pytestmark = pytest.mark.root
FAR = "10.9.0.9"


def hop(site: Site, network: Document, number: int) -> Vm:
    """A VM that says it is FAR: who answers shows which way a packet went."""
    vm = site.start(network, site.datacentre.hosts[number], **OPEN).configure()
    vm.netns.ip("addr", "add", f"{FAR}/32", "dev", "lo")
    vm.netns.ip("route", "replace", "default", "via", "10.1.0.1")
    return vm


def goes_by(asking: Vm, *hops: Vm) -> list[bool]:
    """Which of them a ping to FAR comes to."""
    until(lambda: asking.reaches(FAR, tries=1), "no way to what is far")
    found = []
    for each in hops:
        with each.hearing("icmp") as heard:
            asking.reaches(FAR)
            found.append(bool(heard()))
    return found


def test_one_subnet_goes_another_way(site: Site) -> None:
    """Red goes by its own table, green by the router's; and by the router's again when the table is gone."""
    blue, red, green = (site.network(f"10.{number}.0.0/24") for number in (1, 2, 3))
    between = router(site, blue, red, green)
    first, second = hop(site, blue, 0), hop(site, blue, 1)
    routes = [{"destination": "10.9.0.0/24", "nexthop": first.address}]
    site.admin.update("routers", between["id"], routes=routes)
    on_red, on_green = (routed(site.start(network, site.host1, **OPEN)) for network in (red, green))
    assert goes_by(on_red, first, second) == [True, False]
    (subnet,) = site.admin.find("subnets", f"network_id={red['id']}")
    table = site.admin.create(
        "route_tables",
        router_id=between["id"],
        routes=[{"destination": "10.9.0.0/24", "nexthop": second.address}],
        subnets=[subnet["id"]],
    )
    until(lambda: goes_by(on_red, first, second) == [False, True], "red does not go by its own table")
    assert goes_by(on_green, first, second) == [True, False]
    assert on_red.reaches(on_green.address)
    site.admin.delete("route_tables", table["id"])
    until(lambda: goes_by(on_red, first, second) == [True, False], "red still goes by a table that is gone")


def test_a_policy_route_decides_by_the_source(site: Site) -> None:
    """Rerouted, let through and dropped."""
    blue, red = site.network("10.1.0.0/24"), site.network("10.2.0.0/24")
    between = router(site, blue, red)
    first, second = hop(site, blue, 0), hop(site, blue, 1)
    routes = [{"destination": "10.9.0.0/24", "nexthop": first.address}]
    site.admin.update("routers", between["id"], routes=routes)
    asking = routed(site.start(red, site.host1, **OPEN))
    assert goes_by(asking, first, second) == [True, False]
    policy = {"router_id": between["id"], "source": "10.2.0.0/24", "destination": "10.9.0.0/24"}
    made = site.admin.create("policy_routes", priority=100, nexthops=[second.address], **policy)
    until(lambda: goes_by(asking, first, second) == [False, True], "the policy reroutes nothing")
    site.admin.create("policy_routes", priority=200, action="drop", **policy)
    until(lambda: not asking.reaches(FAR, tries=1), "the policy drops nothing")
    allow = site.admin.create("policy_routes", priority=300, action="allow", **policy)
    until(lambda: goes_by(asking, first, second) == [True, False], "the policy does not leave it to the table")
    for each in (made, allow):
        site.admin.delete("policy_routes", each["id"])
