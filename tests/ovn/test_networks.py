"""Networks and ports of OVN, shown by packets between namespaces on two hosts."""

import pytest

from lab.host import DATA_NIC
from tests.ovn.site import Site, until

pytestmark = pytest.mark.root


def test_an_overlay_joins_two_hosts(site: Site) -> None:
    """By DHCP and through tunnels; with the MTU that a tunnel carries."""
    blue = site.network("10.1.0.0/24", name="blue")
    assert (blue["provider:network_type"], blue["mtu"]) == ("geneve", 1442)
    a, b = site.start(blue, site.host1).ask_dhcp(), site.start(blue, site.host2).ask_dhcp()
    assert (a.lease["ip"], a.lease["mtu"]) == (a.address, "1442")
    assert a.reaches(b.address)
    assert b.reaches(a.address)


def test_networks_with_the_same_addresses_are_apart(site: Site) -> None:
    """Two overlays, one pair of addresses."""
    blue, red = site.network("10.1.0.0/24"), site.network("10.1.0.0/24")
    a, b = (site.start(network, host).configure() for network, host in ((blue, site.host1), (blue, site.host2)))
    c = site.start(red, site.host2, fixed_ips=[{"ip_address": "10.1.0.99"}]).configure()
    assert a.reaches(b.address)
    assert not c.reaches(a.address)
    assert not a.reaches(c.address)


def test_a_vlan_network_is_on_the_wire(site: Site) -> None:
    """What hosts send of it leaves them with its tag."""
    wire = {"provider:network_type": "vlan", "provider:physical_network": "physnet1"}
    green = site.network("10.3.0.0/24", **wire, **{"provider:segmentation_id": 333})
    a, b = site.start(green, site.host1).ask_dhcp(), site.start(green, site.host2).ask_dhcp()
    assert a.lease["mtu"] == "1500"
    capture = ["tcpdump", "-i", DATA_NIC, "-c", "1", "-l", "vlan", "333", "and", "icmp"]
    watching = site.host1.netns.popen(capture, log=site.folder / "capture.log")
    until(lambda: "listening" in (site.folder / "capture.log").read_text(), "tcpdump does not start")
    assert a.reaches(b.address)
    assert watching.wait(10) == 0
