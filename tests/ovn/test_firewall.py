"""The truth table of docs/firewall.md, line by line, shown by packets."""

import socket

import pytest

from tests.ovn.outside import GATEWAY, Outside
from tests.ovn.routing import OPEN, gateway, ports_on, routed, router
from tests.ovn.site import Site, until
from tests.ovn.test_security_groups import group
from tests.ovn.walls import (
    ALLOW_ALL,
    GRE,
    GROUPS,
    PING,
    POLICIES,
    RULES,
    SCTP,
    WEB,
    policy,
    refused,
    renews,
    sends,
    walls,
)

pytestmark = pytest.mark.root


def test_nothing_passes_that_no_rule_allows(site: Site) -> None:
    """Lines 1 to 3: a group without policies, both ways and both families; within the network all is as before."""
    there = walls(site, **OPEN)
    until(lambda: there.a.reaches(there.b.address_of(6), tries=1), "no way by IPv6 before there is a wall")
    there.guard(None, None)
    for version in (4, 6):
        assert not there.a.reaches(there.b.address_of(version))
        assert not there.b.reaches(there.a.address_of(version))
        assert there.near.reaches(there.b.address_of(version))
    assert there.b.reaches("10.2.0.1")


def test_answers_are_let_through(site: Site) -> None:
    """Lines 4 and 5: what is allowed one way is answered; the other way it begins nothing."""
    there = walls(site, **OPEN)
    there.guard([WEB, PING], None)
    with there.b.listening(80, 81), there.a.listening(80):
        assert there.a.connects(there.b.address, 80)
        assert there.a.reaches(there.b.address)
        assert not there.a.connects(there.b.address, 81)
        assert not there.b.connects(there.a.address, 80)
        assert not there.b.reaches(there.a.address)
        assert not there.a.reaches(there.b.address_of(6))


def test_out_and_answered(site: Site) -> None:
    """Lines 6 and 7: the same for what the network sends."""
    there = walls(site, **OPEN)
    there.guard(None, [WEB, PING | {"ip_version": 6}])
    with there.a.listening(80, 81), there.b.listening(80):
        assert there.b.connects(there.a.address, 80)
        assert there.b.reaches(there.a.address_of(6))
        assert not there.b.connects(there.a.address, 81)
        assert not there.a.connects(there.b.address, 80)
        assert not there.a.reaches(there.b.address_of(6))


def test_the_first_rule_that_fits_decides(site: Site) -> None:
    """Lines 8 and 9: a deny before an allow, an allow before a deny; one that is off is passed over."""
    there = walls(site, **OPEN)
    deny = {"action": "deny", "protocol": "tcp", "destination_port": "80"}
    off = deny | {"enabled": False, "destination_port": "82"}
    wide = {"action": "allow", "protocol": "tcp", "destination_port": "80:82"}
    made = there.guard([deny, off, wide], [deny, off, wide])
    with there.b.listening(80, 81, 82), there.a.listening(80, 81, 82):
        for one, other in ((there.a, there.b), (there.b, there.a)):
            assert [one.connects(other.address, port) for port in (80, 81, 82)] == [False, True, True]
        for name in ("ingress", "egress"):
            site.admin.update(GROUPS, made["id"], **{f"{name}_firewall_policy_id": policy(site, wide, deny)})
        there.settle()
        for one, other in ((there.a, there.b), (there.b, there.a)):
            assert [one.connects(other.address, port) for port in (80, 81, 82)] == [True, True, True]


def test_reject_tells_the_sender(site: Site) -> None:
    """Line 10: at once, both ways; deny is silent."""
    there = walls(site, **OPEN)
    rules = [
        {"action": "reject", "protocol": "tcp", "destination_port": "80"},
        {"action": "deny", "protocol": "tcp", "destination_port": "81"},
        *ALLOW_ALL,
    ]
    there.guard(rules, rules)
    with there.b.listening(80, 81), there.a.listening(80, 81):
        for one, other in ((there.a, there.b), (there.b, there.a)):
            assert [refused(one, other.address, port) for port in (80, 81)] == [True, False]
            assert one.reaches(other.address)


def test_sources_and_destinations(site: Site) -> None:
    """Line 11: a block but for one address of it."""
    there = walls(site, **OPEN)
    near = {"action": "deny", "destination_ip_address": there.near.address}
    there.guard([near, {"action": "allow", "source_ip_address": "10.1.0.0/24"}], list(ALLOW_ALL))
    assert there.a.reaches(there.b.address)
    assert not there.a.reaches(there.near.address)
    assert not there.a.reaches(there.b.address_of(6))


@pytest.mark.parametrize("wall", [True, False])
@pytest.mark.parametrize("rule", [True, False])
def test_groups_and_firewall_must_both_allow(site: Site, wall: bool, rule: bool) -> None:
    """Lines 12 to 15: ingress of both."""
    ping = group(site, {"protocol": "icmp", "remote_ip_prefix": "10.1.0.0/24"}) if rule else group(site)
    there = walls(site, security_groups=[group(site, {"protocol": "icmp"})])
    site.admin.update("ports", there.b.port["id"], security_groups=[ping])
    there.guard([PING] if wall else [], None)
    assert there.a.reaches(there.b.address) is (wall and rule)


@pytest.mark.parametrize("wall", [True, False])
@pytest.mark.parametrize("rule", [True, False])
def test_groups_and_firewall_must_both_let_out(site: Site, wall: bool, rule: bool) -> None:
    """Lines 12 to 15: egress of both."""
    mute = group(site)
    if not rule:
        for each in site.admin.find("security-group-rules", f"security_group_id={mute}"):
            site.admin.delete("security-group-rules", each["id"])
    there = walls(site, security_groups=[group(site, {"protocol": "icmp"})])
    site.admin.update("ports", there.b.port["id"], security_groups=[mute])
    there.guard(None, [PING] if wall else [])
    assert there.b.reaches(there.a.address) is (wall and rule)


def test_a_stateless_group_makes_the_firewall_so(site: Site) -> None:
    """Line 16: answers need a rule of their own then."""
    bare = [{"protocol": "icmp"}]
    there = walls(site, security_groups=[group(site, *bare, stateful=False)])
    made = there.guard([PING], None)
    assert not there.a.reaches(there.b.address)
    site.admin.update(GROUPS, made["id"], egress_firewall_policy_id=policy(site, PING))
    there.settle()
    assert there.a.reaches(there.b.address)


def test_other_protocols_have_no_memory(site: Site) -> None:
    """Lines 17 and 18: decided each way by rules without a protocol."""
    there = walls(site, **OPEN)
    made = there.guard([WEB], list(ALLOW_ALL))
    assert not sends(there.a, there.b.address, SCTP, there.b)
    assert sends(there.b, there.a.address, SCTP, there.a)
    from_a = {"action": "allow", "source_ip_address": there.a.address}
    site.admin.update(GROUPS, made["id"], ingress_firewall_policy_id=policy(site, from_a))
    there.settle()
    assert sends(there.a, there.b.address, SCTP, there.b)
    site.admin.update(GROUPS, made["id"], ingress_firewall_policy_id=policy(site, from_a | {"action": "reject"}))
    there.settle()
    with there.a.hearing("icmp[icmptype] == icmp-unreach") as heard:
        assert not sends(there.a, there.b.address, GRE, there.b)
        until(heard, "a packet is not rejected")


def test_a_connection_that_is_forbidden_ends(site: Site) -> None:
    """Line 19: also one that is there."""
    there = walls(site, **OPEN)
    made = there.guard([WEB], None)
    with there.b.netns.entered():
        server = socket.create_server(("", 80))
    with there.a.netns.entered():
        client = socket.create_connection((there.b.address, 80), timeout=1)
    accepted, _ = server.accept()
    with server, client, accepted:
        accepted.settimeout(1)
        client.sendall(b"before")
        assert accepted.recv(16) == b"before"
        site.admin.update(GROUPS, made["id"], ingress_firewall_policy_id=policy(site))
        there.settle()
        client.sendall(b"after")
        with pytest.raises(TimeoutError):
            accepted.recv(16)


def test_a_group_that_is_down_and_one_that_lets_go(site: Site) -> None:
    """Lines 20 and 21: down, nothing passes; out of the group, everything."""
    there = walls(site, **OPEN)
    made = there.guard(list(ALLOW_ALL), list(ALLOW_ALL))
    assert there.a.reaches(there.b.address)
    site.admin.update(GROUPS, made["id"], admin_state_up=False)
    there.settle()
    assert not there.a.reaches(there.b.address)
    site.admin.update(GROUPS, made["id"], ports=[])
    there.settle()
    assert there.a.reaches(there.b.address)


def test_a_rule_that_changes(site: Site) -> None:
    """It changes all groups that use it."""
    there = walls(site, **OPEN)
    made = there.guard([PING], None)
    assert there.a.reaches(there.b.address)
    used = site.admin.show(POLICIES, made["ingress_firewall_policy_id"])
    site.admin.update(RULES, used["firewall_rules"][0], action="deny")
    there.settle()
    assert not there.a.reaches(there.b.address)


def test_both_interfaces_guarded(site: Site) -> None:
    """Line 22: out of the one and into the other."""
    there = walls(site, **OPEN)
    blue = ports_on(site, there.between, there.blue)
    site.admin.create(GROUPS, ports=blue, egress_firewall_policy_id=policy(site, PING))
    there.guard([PING, WEB], None)
    with there.b.listening(80):
        assert there.a.reaches(there.b.address)
        assert not there.a.connects(there.b.address, 80)


def test_to_the_outside_and_from_there(site: Site) -> None:
    """Lines 23 and 24: with state, too; a floating IP is judged by the address that it stands for."""
    outside = Outside(site)
    outside.up()
    public = outside.network()
    blue = site.network("10.1.0.0/24")
    way_out = router(site, blue, **gateway(public))
    a = routed(site.start(blue, site.host1, **OPEN))
    address = site.admin.create("floatingips", floating_network_id=public["id"], port_id=a.port["id"])
    until(lambda: outside.reaches(address["floating_ip_address"], tries=1), "no way in by the floating IP")
    web = policy(site, WEB | {"destination_ip_address": a.address})
    made = site.admin.create(GROUPS, ports=ports_on(site, way_out, blue), ingress_firewall_policy_id=web)
    site.ovn.nbctl("--wait=hv", "sync")
    with a.listening(80, 81):
        assert outside.connects(address["floating_ip_address"], 80)
        assert not outside.connects(address["floating_ip_address"], 81)
    assert not a.reaches(GATEWAY)
    site.admin.update(GROUPS, made["id"], egress_firewall_policy_id=policy(site, PING))
    site.ovn.nbctl("--wait=hv", "sync")
    assert a.reaches(GATEWAY)
    assert not outside.reaches(address["floating_ip_address"])
    outside.down()


def test_a_lease_is_asked_for_behind_a_firewall(site: Site) -> None:
    """Line 25: and renewed, which a VM asks its router's address for."""
    there = walls(site, **OPEN)
    there.guard(None, None)
    assert there.b.ask_dhcp().lease["ip"] == there.b.address
    assert renews(there.b, "10.2.0.1")


def test_a_router_is_found_behind_a_firewall(site: Site) -> None:
    """Line 25: by its advertisements, from which a VM makes its address."""
    blue = site.admin.create("networks", name="blue")
    slaac = {"ipv6_ra_mode": "slaac", "ipv6_address_mode": "slaac"}
    site.admin.create("subnets", network_id=blue["id"], cidr="fd00:1::/64", ip_version=6, **slaac)
    between = router(site, blue)
    site.admin.create(GROUPS, ports=ports_on(site, between, blue))
    vm = site.start(blue, site.host1, **OPEN)
    until(
        lambda: vm.address_of(6) in vm.netns.ip("-6", "addr", "show", "dev", "eth0"), "no address by advertisement", 30
    )
    until(lambda: "default" in vm.netns.ip("-6", "route"), "no default route by advertisement", 30)
