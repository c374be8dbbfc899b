"""A port's own DHCP options, as OVN writes them."""

from typing import Any, Literal

import pytest
from msgspec import structs
from ovirt_quantum.errors import Refused
from ovirt_quantum.model import DhcpOption, HostRoute, Network, Port, Subnet
from ovirt_quantum.model.types import Cidr, IpAddress, Uuid
from ovirt_quantum_ovn import dhcp

NETWORK = Network(network_type="geneve", mtu=1442)
SUBNET = Subnet(
    id=Uuid("8b5c55f9-64d1-4f5e-b545-88eef654a032"),
    network_id=NETWORK.id,
    cidr=Cidr("10.9.0.0/24"),
    gateway_ip=IpAddress("10.9.0.1"),
)
PLAIN = {
    "server_id": "10.9.0.1",
    "server_mac": "0a:ee:f6:54:a0:32",
    "lease_time": "43200",
    "mtu": "1442",
    "router": "10.9.0.1",
}


def options(*given: DhcpOption, **attributes: Any) -> dict[str, str]:
    port = Port(network_id=NETWORK.id, extra_dhcp_opts=list(given))
    return dhcp.options(port, structs.replace(SUBNET, **attributes), NETWORK)


def own(name: str, value: str | None, version: Literal[4, 6] = 4) -> dict[str, str]:
    """What one option of the port's adds to those of its subnet."""
    return {key: told for key, told in options(DhcpOption(name, value, version)).items() if PLAIN.get(key) != told}


def test_what_a_subnet_tells() -> None:
    """MTU, all name servers; routes with the default one among them, for a client that is given routes looks at
    nothing else (RFC 3442)."""
    assert options() == PLAIN
    told = options(
        dns_nameservers=[IpAddress("192.0.2.53"), IpAddress("192.0.2.54")],
        host_routes=[HostRoute(Cidr("10.99.0.0/16"), IpAddress("10.9.0.9"))],
    )
    assert told["dns_server"] == "{192.0.2.53, 192.0.2.54}"
    assert told["classless_static_route"] == "{10.99.0.0/16,10.9.0.9, 0.0.0.0/0,10.9.0.1}"


def test_without_a_gateway_there_is_no_router() -> None:
    """The server is nobody that a VM could be."""
    told = options(gateway_ip=None)
    assert "router" not in told
    assert told["server_id"] == "169.254.0.1"


@pytest.mark.parametrize(
    ("name", "value", "told"),
    [
        ("bootfile-name", "pxelinux.0", {"bootfile_name": '"pxelinux.0"'}),
        ("67", "pxelinux.0", {"bootfile_name": '"pxelinux.0"'}),
        ("option:ntp-server", "10.0.0.1, 10.0.0.2", {"ntp_server": "{10.0.0.1, 10.0.0.2}"}),
        ("server-ip-address", "10.9.0.5", {"next_server": "10.9.0.5"}),
        ("tftp-server", "10.9.0.5", {"tftp_server": "10.9.0.5"}),
        ("tftp-server", "tftp.example.org", {"tftp_server": '"tftp.example.org"'}),
        ("mtu", "1400", {"mtu": "1400"}),
        ("ip-forward-enable", "true", {"ip_forward_enable": "1"}),
        ("classless-static-route", "10.0.0.0/8,10.9.0.7", {"classless_static_route": "{10.0.0.0/8,10.9.0.7}"}),
    ],
)
def test_an_option_of_the_ports_own(name: str, value: str, told: dict[str, str]) -> None:
    """By Neutron's names and by number, over the subnet's."""
    assert own(name, value) == told


def test_an_option_that_is_taken_away() -> None:
    """null: the subnet's is not told."""
    assert "router" not in options(DhcpOption("router", None))


def test_ipv6_has_its_own() -> None:
    """Those of the other family do not count."""
    six = structs.replace(SUBNET, ip_version=6, ipv6_address_mode="dhcpv6-stateful")
    port = Port(network_id=NETWORK.id, extra_dhcp_opts=[DhcpOption("dns-server", "2001:db8::53", 6)])
    told = {"server_id": "0a:ee:f6:54:a0:32", "dns_server": "2001:db8::53"}
    assert dhcp.options(port, six, NETWORK) == told
    assert dhcp.options(port, SUBNET, NETWORK) == PLAIN


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("no-such-option", "1"),
        ("250", "1"),
        ("router", "nobody"),
        ("router", "10.0.0.300"),
        ("mtu", "-1"),
        ("mtu", "many"),
        ("ip-forward-enable", "perhaps"),
        ("bootfile-name", 'a"; drop'),
        ("classless-static-route", "10.0.0.0/8"),
    ],
)
def test_what_ovn_does_not_take_is_refused(name: str, value: str) -> None:
    """With the option's name."""
    with pytest.raises(Refused, match=name):
        dhcp.check(Port(network_id=NETWORK.id, extra_dhcp_opts=[DhcpOption(name, value)]))


def test_a_search_list_of_ipv6_is_refused() -> None:
    """Clients would drop what OVN makes of it."""
    with pytest.raises(Refused, match="domain-search"):
        dhcp.check(Port(network_id=NETWORK.id, extra_dhcp_opts=[DhcpOption("domain-search", "example.org", 6)]))
