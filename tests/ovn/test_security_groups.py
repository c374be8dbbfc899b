"""Security groups and port security of OVN, shown by packets."""

from typing import Any

import pytest

from tests.api.client import Document
from tests.ovn.site import Site, Vm, until

pytestmark = pytest.mark.root


@pytest.fixture
def blue(site: Site) -> Document:
    return site.network("10.1.0.0/24", "fd00:1::/64", name="blue")


def group(site: Site, *rules: dict[str, Any], **attributes: Any) -> str:
    """A group with these rules for what comes in, beside those for what goes out."""
    made = site.admin.create("security-groups", name="group", **attributes)
    for rule in rules:
        site.admin.create("security-group-rules", security_group_id=made["id"], direction="ingress", **rule)
    id: str = made["id"]
    return id


def vm(site: Site, network: Document, number: int, *groups: str, **port: Any) -> Vm:
    """On host 1 or 2, in these groups."""
    host = (site.host1, site.host2)[number % 2]
    return site.start(network, host, security_groups=list(groups), **port).configure()


def test_nothing_comes_in_without_a_rule(site: Site, blue: Document) -> None:
    """And answers to what goes out do."""
    closed, opened = vm(site, blue, 1, group(site)), vm(site, blue, 2, group(site, {"protocol": "icmp"}))
    assert closed.reaches(opened.address)
    assert not opened.reaches(closed.address)


def test_a_rule_that_comes_and_goes(site: Site, blue: Document) -> None:
    """Takes effect on ports that are there."""
    mine = group(site)
    one, other = vm(site, blue, 1, mine), vm(site, blue, 2, group(site))
    assert not other.reaches(one.address)
    rule = site.admin.create(
        "security-group-rules", security_group_id=mine, direction="ingress", protocol="icmp", ethertype="IPv4"
    )
    until(lambda: other.reaches(one.address, tries=1), "the new rule lets nothing through")
    site.admin.delete("security-group-rules", rule["id"])
    until(lambda: not other.reaches(one.address, tries=1), "the rule is gone and lets packets through")


def test_ports_of_a_range(site: Site, blue: Document) -> None:
    """TCP 22 to 23 and nothing beside it."""
    server = vm(site, blue, 1, group(site, {"protocol": "tcp", "port_range_min": 22, "port_range_max": 23}))
    client = vm(site, blue, 2, group(site))
    with server.listening(21, 22, 23, 24):
        assert [port for port in (21, 22, 23, 24) if client.connects(server.address, port)] == [22, 23]
    assert not client.reaches(server.address)


def test_a_remote_group_is_its_ports_addresses(site: Site, blue: Document) -> None:
    """Who leaves the group is shut out."""
    friends = group(site)
    mine = group(site, {"protocol": "icmp", "remote_group_id": friends})
    one, friend, stranger = vm(site, blue, 1, mine), vm(site, blue, 2, friends), vm(site, blue, 4, group(site))
    assert friend.reaches(one.address)
    assert not stranger.reaches(one.address)
    site.admin.update("ports", friend.port["id"], security_groups=[])
    until(lambda: not friend.reaches(one.address, tries=1), "who left the group still gets in")


def test_a_remote_prefix(site: Site, blue: Document) -> None:
    """One address of the network."""
    one = vm(site, blue, 1, group(site, {"remote_ip_prefix": "10.1.0.7/32"}))
    seven = vm(site, blue, 2, group(site), fixed_ips=[{"ip_address": "10.1.0.7"}])
    eight = vm(site, blue, 2, group(site), fixed_ips=[{"ip_address": "10.1.0.8"}])
    assert seven.reaches(one.address)
    assert not eight.reaches(one.address)


def test_an_address_group(site: Site, blue: Document) -> None:
    """Its addresses change under the rules that refer to it."""
    addresses = site.admin.create("address-groups", name="office", addresses=["10.1.0.7/32"])
    one = vm(site, blue, 1, group(site, {"remote_address_group_id": addresses["id"]}))
    seven = vm(site, blue, 2, group(site), fixed_ips=[{"ip_address": "10.1.0.7"}])
    assert seven.reaches(one.address)
    taken = site.admin.send("PUT", f"address-groups/{addresses['id']}/remove_addresses", {"addresses": ["10.1.0.7/32"]})
    assert taken.status == 200, taken
    until(lambda: not seven.reaches(one.address, tries=1), "what was taken out of the address group still gets in")


def test_a_stateless_group_has_no_memory(site: Site, blue: Document) -> None:
    """What comes back is not let in unless a rule says so."""
    forgetful = group(site, stateful=False)
    one, other = vm(site, blue, 1, forgetful), vm(site, blue, 2, group(site, {"protocol": "icmp"}))
    assert not one.reaches(other.address)


def test_a_false_address_is_not_let_out(site: Site, blue: Document) -> None:
    """Unless port security is off, or an address pair allows it."""
    open_to_all = group(site, {"protocol": "icmp"})
    server = vm(site, blue, 1, open_to_all)
    liar = vm(site, blue, 2, open_to_all)
    liar.netns.ip("addr", "add", "10.1.0.66/24", "dev", "eth0")
    assert not liar.reaches(server.address, source="10.1.0.66")
    site.admin.update("ports", liar.port["id"], allowed_address_pairs=[{"ip_address": "10.1.0.66"}])
    until(lambda: liar.reaches(server.address, tries=1, source="10.1.0.66"), "the address pair is not let out")


def test_a_port_without_port_security_is_open(site: Site, blue: Document) -> None:
    """It may send from any address, and everything comes in."""
    free = site.start(blue, site.host1, port_security_enabled=False).configure()
    other = vm(site, blue, 2, group(site))
    free.netns.ip("addr", "add", "10.1.0.66/24", "dev", "eth0")
    assert other.reaches("10.1.0.66")


def test_dhcp_works_whatever_the_rules_say(site: Site, blue: Document) -> None:
    """A group that lets nothing out."""
    mute = group(site)
    for rule in site.admin.find("security-group-rules", f"security_group_id={mute}"):
        site.admin.delete("security-group-rules", rule["id"])
    asking = site.start(blue, site.host1, security_groups=[mute]).ask_dhcp()
    assert asking.lease["ip"] == asking.address
    other = vm(site, blue, 2, group(site, {"protocol": "icmp"}))
    assert not asking.reaches(other.address)


def test_ipv6_has_rules_of_its_own(site: Site, blue: Document) -> None:
    """An IPv4 rule opens nothing of IPv6."""
    four = vm(site, blue, 1, group(site, {"protocol": "icmp", "ethertype": "IPv4"}))
    six = vm(site, blue, 1, group(site, {"protocol": "icmpv6", "ethertype": "IPv6"}))
    client = vm(site, blue, 2, group(site))
    assert client.reaches(four.address_of(4))
    assert not client.reaches(four.address_of(6))
    assert client.reaches(six.address_of(6))
    assert not client.reaches(six.address_of(4))
