"""Routers of OVN, shown by packets: between networks, to the outside and from there."""

from collections.abc import Iterator

import pytest

from tests.api.client import Document
from tests.ovn.outside import GATEWAY, GATEWAY6, Outside
from tests.ovn.routing import OPEN, gateway, interface, outer_address, routed, router
from tests.ovn.site import Site, until

pytestmark = pytest.mark.root


@pytest.fixture
def outside(site: Site) -> Iterator[Outside]:
    outside = Outside(site)
    outside.up()
    yield outside
    outside.down()


@pytest.fixture
def public(outside: Outside) -> Document:
    return outside.network()


def test_a_router_joins_two_networks(site: Site) -> None:
    """Across hosts, both families; and when an interface is taken away, they are apart."""
    blue, red = site.network("10.1.0.0/24", "fd00:1::/64"), site.network("10.2.0.0/24", "fd00:2::/64")
    between = router(site, blue, red)
    a, b = (routed(site.start(network, host, **OPEN)) for network, host in ((blue, site.host1), (red, site.host2)))
    until(lambda: a.reaches(b.address_of(4), tries=1), "no way from blue to red")
    assert b.reaches(a.address_of(4))
    until(lambda: a.reaches(b.address_of(6), tries=1), "no way from blue to red by IPv6")
    (subnet,) = [s["id"] for s in site.admin.find("subnets", f"network_id={red['id']}") if s["ip_version"] == 4]
    interface(site.admin, between, "remove", subnet_id=subnet)
    until(lambda: not a.reaches(b.address_of(4), tries=1), "an interface that was removed still routes")


def test_out_by_snat_under_the_routers_address(site: Site, outside: Outside, public: Document) -> None:
    """The outside never sees the VM's own."""
    blue = site.network("10.1.0.0/24")
    way_out = router(site, blue, **gateway(public))
    a = routed(site.start(blue, site.host2, **OPEN))
    until(lambda: a.reaches(GATEWAY, tries=1), "no way out")
    with outside.hearing("icmp") as heard:
        assert a.reaches(GATEWAY)
        until(lambda: any(f"{outer_address(site, way_out)} > {GATEWAY}" in line for line in heard()), "not translated")
        assert not any(a.address in line for line in heard())


def test_a_private_subnet_stays_private(site: Site, outside: Outside, public: Document) -> None:
    """Without SNAT no packet of it is translated; a network without a router lets nothing out at all."""
    blue, lonely = site.network("10.1.0.0/24"), site.network("10.5.0.0/24")
    router(site, blue, **gateway(public, enable_snat=False))
    a, alone = (routed(site.start(network, site.host1, **OPEN)) for network in (blue, lonely))
    with outside.hearing("icmp") as heard:
        a.reaches(GATEWAY)
        alone.reaches(GATEWAY)
        outside.reaches(a.address)
        assert [line for line in heard() if f"> {GATEWAY}" in line and a.address not in line] == []
        assert not any(alone.address in line for line in heard())


def test_a_routed_subnet_is_reached_by_a_static_route(site: Site, outside: Outside, public: Document) -> None:
    """A customer's own addresses, not translated in either direction."""
    blue = site.network("10.1.0.0/24")
    way_out = router(site, blue, **gateway(public, enable_snat=False))
    a = routed(site.start(blue, site.host2, **OPEN))
    outside.netns.ip("route", "add", "10.1.0.0/24", "via", outer_address(site, way_out))
    try:
        until(lambda: outside.reaches(a.address, tries=1), "no way in to a routed subnet")
        with outside.hearing("icmp") as heard:
            assert a.reaches(GATEWAY)
            until(lambda: any(f"{a.address} > {GATEWAY}" in line for line in heard()), "translated")
    finally:
        outside.netns.ip("route", "del", "10.1.0.0/24")


def test_a_floating_ip_leads_in_and_moves(site: Site, outside: Outside, public: Document) -> None:
    """To the port that it stands for, then to another one, then nowhere."""
    blue = site.network("10.1.0.0/24")
    router(site, blue, **gateway(public))
    a, b = (routed(site.start(blue, host, **OPEN)) for host in (site.host1, site.host2))
    floating = site.admin.create("floatingips", floating_network_id=public["id"], port_id=a.port["id"])
    address = floating["floating_ip_address"]
    until(lambda: outside.reaches(address, tries=1), "no way in by the floating IP")
    with outside.hearing("icmp") as heard:
        assert a.reaches(GATEWAY)
        until(lambda: any(f"{address} > {GATEWAY}" in line for line in heard()), "it does not go out under its address")
    with a.hearing("icmp") as at_a, b.hearing("icmp") as at_b:
        site.admin.update("floatingips", floating["id"], port_id=b.port["id"])
        until(lambda: outside.reaches(address, tries=1) and at_b(), "it does not move")
        quiet = len(at_a())
        assert outside.reaches(address)
        assert len(at_a()) == quiet
    site.admin.update("floatingips", floating["id"], port_id=None)
    until(lambda: not outside.reaches(address, tries=1), "a floating IP of nobody still leads in")


def test_ports_are_forwarded(site: Site, outside: Outside, public: Document) -> None:
    """TCP 2222 of a floating IP is TCP 22 of a VM; another port of it is nobody's."""
    blue = site.network("10.1.0.0/24")
    router(site, blue, **gateway(public))
    a = routed(site.start(blue, site.host1, **OPEN))
    floating = site.admin.create("floatingips", floating_network_id=public["id"])
    wanted = {
        "protocol": "tcp",
        "external_port": 2222,
        "internal_port": 22,
        "internal_port_id": a.port["id"],
        "internal_ip_address": a.address,
    }
    answer = site.admin.send("POST", f"floatingips/{floating['id']}/port_forwardings", {"port_forwarding": wanted})
    assert answer.status == 201, answer
    with a.listening(22, 2222):
        until(lambda: outside.connects(floating["floating_ip_address"], 2222), "no way in by the forwarded port")
        assert not outside.connects(floating["floating_ip_address"], 22)


def test_a_static_route_leads_to_a_vm_that_routes(site: Site) -> None:
    """10.9.0.0/24 lives behind a VM of blue; two next hops share the way."""
    blue, red = site.network("10.1.0.0/24"), site.network("10.2.0.0/24")
    between = router(site, blue, red)
    hops = [site.start(blue, host, **OPEN).configure() for host in (site.host1, site.host2)]
    for hop in hops:
        hop.netns.ip("addr", "add", "10.9.0.9/32", "dev", "lo")
        hop.netns.ip("route", "replace", "default", "via", "10.1.0.1")
    asking = routed(site.start(red, site.host1, **OPEN))
    assert not asking.reaches("10.9.0.9")
    routes = [{"destination": "10.9.0.0/24", "nexthop": hop.address} for hop in hops]
    site.admin.update("routers", between["id"], routes=routes)
    until(lambda: asking.reaches("10.9.0.9", tries=1), "the static route leads nowhere")


def test_overlapping_addresses_in_two_projects(site: Site, outside: Outside, public: Document) -> None:
    """Each behind its own router; each floating IP leads to its own."""
    vms = []
    for _ in range(2):
        network = site.network("10.1.0.0/24")
        router(site, network, **gateway(public))
        vms.append(routed(site.start(network, site.host1, fixed_ips=[{"ip_address": "10.1.0.10"}], **OPEN)))
    floating = [
        site.admin.create("floatingips", floating_network_id=public["id"], port_id=vm.port["id"])["floating_ip_address"]
        for vm in vms
    ]
    for vm, address in zip(vms, floating, strict=True):
        until(lambda address=address: outside.reaches(address, tries=1), "no way in")  # type: ignore[misc]
        with vm.hearing("icmp") as heard:
            assert outside.reaches(address)
            until(lambda heard=heard: any("10.1.0.10" in line for line in heard()), "another's VM answered")  # type: ignore[misc]


def test_ipv6_goes_out_untranslated(site: Site, outside: Outside, public: Document) -> None:
    """By router advertisement: the VM makes its address itself."""
    blue = site.admin.create("networks", name="blue")
    slaac = {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    site.admin.create("subnets", network_id=blue["id"], cidr="fd00:1::/64", ip_version=6, **slaac)
    way_out = router(site, blue, **gateway(public))
    a = site.start(blue, site.host1, **OPEN)
    until(lambda: a.address_of(6) in a.netns.ip("-6", "addr", "show", "dev", "eth0"), "no address by advertisement", 30)
    until(lambda: "default" in a.netns.ip("-6", "route"), "no default route by advertisement", 30)
    info = site.admin.show("routers", way_out["id"])["external_gateway_info"]
    hop = next(fixed["ip_address"] for fixed in info["external_fixed_ips"] if ":" in fixed["ip_address"])
    outside.netns.ip("-6", "route", "add", "fd00:1::/64", "via", hop)
    try:
        until(lambda: a.reaches(GATEWAY6, tries=1), "no way out by IPv6")
        assert outside.reaches(a.address_of(6))
    finally:
        outside.netns.ip("-6", "route", "del", "fd00:1::/64")
