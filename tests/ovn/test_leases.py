"""What VMs are told by DHCP, as their own clients show it (busybox's udhcpc, ISC's dhclient for IPv6)."""

from typing import Any

import pytest

from tests.api.client import Document
from tests.ovn import dhcpv6
from tests.ovn.site import Site, until

pytestmark = pytest.mark.root


def network(site: Site, *subnets: Document, **attributes: Any) -> Document:
    """A network with these subnets, which have ids afterwards."""
    made = site.admin.create("networks", **attributes)
    for subnet in subnets:
        version = 6 if ":" in subnet["cidr"] else 4
        subnet |= site.admin.create("subnets", network_id=made["id"], ip_version=version, **subnet)
    return made


def test_a_subnets_name_servers_and_routes(site: Site) -> None:
    """All name servers; routes with the default one among them."""
    routes = [{"destination": "10.99.0.0/16", "nexthop": "10.1.0.9"}]
    blue = network(
        site, {"cidr": "10.1.0.0/24", "dns_nameservers": ["192.0.2.53", "192.0.2.54"], "host_routes": routes}
    )
    lease = site.start(blue, site.host1).ask_dhcp().lease
    assert lease["dns"] == "192.0.2.53 192.0.2.54"
    assert lease["staticroutes"] == "10.99.0.0/16 10.1.0.9 0.0.0.0/0 10.1.0.1"
    assert (lease["subnet"], lease["router"]) == ("255.255.255.0", "10.1.0.1")


def test_a_ports_own_options(site: Site) -> None:
    """Over those of its subnet; what is null is not told."""
    blue = network(site, {"cidr": "10.1.0.0/24", "dns_nameservers": ["192.0.2.53"]})
    given = {
        "ntp-server": "10.1.0.4",
        "bootfile-name": "pxelinux.0",
        "server-ip-address": "10.1.0.5",
        "dns-server": "192.0.2.99",
        "router": None,
    }
    extra = [{"opt_name": name, "opt_value": value} for name, value in given.items()]
    plain, own = site.start(blue, site.host1), site.start(blue, site.host2, extra_dhcp_opts=extra)
    lease = own.ask_dhcp().lease
    assert (lease["ip"], lease["dns"], lease["ntpsrv"]) == (own.address, "192.0.2.99", "10.1.0.4")
    assert (lease["bootfile"], lease["siaddr"]) == ("pxelinux.0", "10.1.0.5")
    assert "router" not in lease
    other = plain.ask_dhcp().lease
    assert (other["dns"], other["router"], "bootfile" in other) == ("192.0.2.53", "10.1.0.1", False)
    site.admin.update("ports", own.port["id"], extra_dhcp_opts=[])
    until(lambda: own.ask_dhcp().lease["dns"] == "192.0.2.53", "the port's own options are gone and still told")


def test_a_subnet_without_a_gateway(site: Site) -> None:
    """A lease that names no router; the two reach each other."""
    blue = network(site, {"cidr": "10.1.0.0/24", "gateway_ip": None})
    one, other = site.start(blue, site.host1).ask_dhcp(), site.start(blue, site.host2).ask_dhcp()
    assert "router" not in one.lease
    assert one.reaches(other.address)


def test_dhcp_that_is_switched_off_and_on(site: Site) -> None:
    """On a subnet with a VM that runs."""
    subnet: Document = {"cidr": "10.1.0.0/24"}
    vm = site.start(network(site, subnet), site.host1)
    assert vm.has_dhcp()
    site.admin.update("subnets", subnet["id"], enable_dhcp=False)
    until(lambda: not vm.has_dhcp(), "DHCP is switched off and answers")
    site.admin.update("subnets", subnet["id"], enable_dhcp=True)
    until(vm.has_dhcp, "DHCP is switched on and does not answer")


def test_an_mtu_that_changes(site: Site) -> None:
    """Is what the next lease says."""
    blue = network(site, {"cidr": "10.1.0.0/24"})
    vm = site.start(blue, site.host1).ask_dhcp()
    assert vm.lease["mtu"] == "1442"
    site.admin.update("networks", blue["id"], mtu=1300)
    until(lambda: vm.ask_dhcp().lease["mtu"] == "1300", "the lease does not say the new MTU")


def test_two_families(site: Site) -> None:
    """A port with an address of each has a lease of each; and by both it is reached."""
    stateful = {"ipv6_address_mode": "dhcpv6-stateful", "ipv6_ra_mode": "dhcpv6-stateful"}
    servers: Document = {"dns_nameservers": ["2001:db8::53", "2001:db8::54"]}
    blue = network(site, {"cidr": "10.1.0.0/24"}, {"cidr": "fd00:1::/64", **stateful, **servers})
    one, other = site.start(blue, site.host1), site.start(blue, site.host2).configure()
    assert one.ask_dhcp().lease["ip"] == one.address_of(4)
    told = dhcpv6.lease(one)
    assert told["ip6_address"] == one.address_of(6)
    assert told["dhcp6_name_servers"] == "2001:db8::53 2001:db8::54"
    one.netns.ip("addr", "replace", f"{told['ip6_address']}/64", "dev", "eth0", "nodad")
    assert one.reaches(other.address_of(4))
    assert one.reaches(other.address_of(6))


def test_a_ports_own_options_of_ipv6(site: Site) -> None:
    """Over the subnet's."""
    blue = network(
        site, {"cidr": "fd00:1::/64", "ipv6_address_mode": "dhcpv6-stateful", "dns_nameservers": ["2001:db8::53"]}
    )
    extra = [{"opt_name": "dns-server", "opt_value": "2001:db8::99", "ip_version": 6}]
    vm = site.start(blue, site.host1, extra_dhcp_opts=extra)
    told = dhcpv6.lease(vm)
    assert (told["ip6_address"], told["dhcp6_name_servers"]) == (vm.address_of(6), "2001:db8::99")


def test_stateless_dhcpv6_tells_no_address(site: Site) -> None:
    """Name servers alone; addresses are the VM's own work."""
    blue = network(
        site,
        {"cidr": "fd00:1::/64", "ipv6_address_mode": "dhcpv6-stateless", "dns_nameservers": ["2001:db8::53"]},
    )
    told = dhcpv6.lease(site.start(blue, site.host1), stateless=True)
    assert told["dhcp6_name_servers"] == "2001:db8::53"
    assert "ip6_address" not in told
