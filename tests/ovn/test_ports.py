"""What a port may be: disabled, with several addresses, with those of others; shown by packets."""

from typing import Any

import pytest

from lab.host import DATA_NIC
from tests.api.client import Document
from tests.ovn.site import Site, Vm, until

pytestmark = pytest.mark.root

SHARED, SHARED_MAC = "10.1.0.66", "00:00:5e:00:01:07"
"""As VRRP has them (RFC 5798, 7.3)."""


@pytest.fixture
def open_to_all(site: Site) -> list[str]:
    """A group that lets ICMP in."""
    group: str = site.admin.create("security-groups", name="open")["id"]
    site.admin.create("security-group-rules", security_group_id=group, direction="ingress", protocol="icmp")
    return [group]


@pytest.fixture
def blue(site: Site) -> Document:
    return site.network("10.1.0.0/24")


def flows(one: Vm, address: str, *, yes: bool) -> None:
    """Until the address is reached, or no more."""
    until(lambda: one.reaches(address, tries=1) == yes, f"{address} is {'not' if yes else 'still'} reached")


def test_a_port_that_is_disabled_and_enabled(site: Site, blue: Document, open_to_all: list[str]) -> None:
    """By itself, and with its whole network; nothing comes in or out."""
    one = site.start(blue, site.host1, security_groups=open_to_all).configure()
    other = site.start(blue, site.host2, security_groups=open_to_all).configure()
    flows(one, other.address, yes=True)
    for path, id in (("ports", one.port["id"]), ("networks", blue["id"])):
        site.admin.update(path, id, admin_state_up=False)
        flows(one, other.address, yes=False)
        flows(other, one.address, yes=False)
        site.admin.update(path, id, admin_state_up=True)
        flows(one, other.address, yes=True)


def test_several_addresses(site: Site, blue: Document, open_to_all: list[str]) -> None:
    """Of one subnet and of another one, under port security; one that is taken away no longer."""
    site.admin.create("subnets", network_id=blue["id"], cidr="10.2.0.0/24", ip_version=4)
    fixed: list[dict[str, Any]] = [{"ip_address": ip} for ip in ("10.1.0.7", "10.1.0.8", "10.2.0.7")]
    one = site.start(blue, site.host1, security_groups=open_to_all, fixed_ips=fixed).configure()
    asking = site.start(
        blue, site.host2, fixed_ips=[{"ip_address": "10.1.0.9"}, {"ip_address": "10.2.0.9"}]
    ).configure()
    for address in ("10.1.0.7", "10.1.0.8", "10.2.0.7"):
        flows(asking, address, yes=True)
    site.admin.update("ports", one.port["id"], fixed_ips=fixed[:1])
    flows(asking, "10.1.0.8", yes=False)
    assert asking.reaches("10.1.0.7")


def test_an_address_with_a_mac_that_two_ports_share(site: Site, blue: Document, open_to_all: list[str]) -> None:
    """As VRRP has it: who has it answers, on whichever host; who has no such pair may not."""
    pair = [{"ip_address": SHARED, "mac_address": SHARED_MAC}]
    guarded = {"security_groups": open_to_all}
    first = site.start(blue, site.host1, **guarded, allowed_address_pairs=pair)
    second = site.start(blue, site.host2, **guarded, allowed_address_pairs=pair)
    stranger = site.start(blue, site.host2, **guarded)
    asking = site.start(blue, site.host1).configure()
    for holder, allowed in ((first, True), (second, True), (stranger, False), (first, True)):
        take(holder)
        assert asking.reaches(SHARED) == allowed
        holder.netns.ip("link", "del", "vrrp")


def test_what_is_for_nobody_does_not_reach_a_port_with_pairs(site: Site, blue: Document) -> None:
    """It is given what is for its pairs' MACs; what is for any, a port without port security alone."""
    pair = [{"ip_address": SHARED, "mac_address": SHARED_MAC}]
    guarded = site.start(blue, site.host1, allowed_address_pairs=pair, security_groups=[])
    free = site.start(blue, site.host1, port_security_enabled=False)
    sender = site.start(blue, site.host2).configure()
    sender.netns.ip("neigh", "add", "10.1.0.99", "lladdr", "02:00:00:00:00:99", "dev", "eth0")
    logs = {vm: site.folder / f"{vm.netns.name}.nobody" for vm in (guarded, free)}
    capture = ["tcpdump", "-i", "eth0", "-l", "-n", "ether", "dst", "02:00:00:00:00:99"]
    watching = [vm.netns.popen(capture, log=log) for vm, log in logs.items()]
    until(lambda: all("listening" in log.read_text() for log in logs.values()), "tcpdump does not start")
    assert not sender.reaches("10.1.0.99")
    until(lambda: "ICMP echo" in logs[free].read_text(), "the port without port security hears nothing")
    for process in watching:
        process.terminate()
        process.wait(10)
    assert "ICMP" not in logs[guarded].read_text()


def take(vm: Vm) -> None:
    """The VM has the shared address, on a device of the shared MAC."""
    vm.netns.ip("link", "add", "link", "eth0", "name", "vrrp", "address", SHARED_MAC, "type", "macvlan")
    vm.netns.ip("link", "set", "vrrp", "up")
    vm.netns.ip("addr", "add", f"{SHARED}/24", "dev", "vrrp")


def test_a_flat_network_is_untagged_on_the_wire(site: Site) -> None:
    """Between the hosts; with DHCP, as every network of OVN's."""
    flat = {"provider:network_type": "flat", "provider:physical_network": "physnet1"}
    green = site.network("10.3.0.0/24", port_security_enabled=False, **flat)
    a, b = site.start(green, site.host1).ask_dhcp(), site.start(green, site.host2).ask_dhcp()
    log = site.folder / "flat.log"
    watching = site.host1.netns.popen(["tcpdump", "-i", DATA_NIC, "-c", "1", "-l", "-n", "-e", "icmp"], log=log)
    until(lambda: "listening" in log.read_text(), "tcpdump does not start")
    assert a.reaches(b.address)
    assert watching.wait(10) == 0
    assert f"{a.port['mac_address']} > {b.port['mac_address']}, ethertype IPv4" in log.read_text()
