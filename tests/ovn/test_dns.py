"""A port's names as OVN's records."""

from ovirt_quantum.model import FixedIp, Network, Port
from ovirt_quantum.model.types import DnsDomain, DnsName, IpAddress
from ovirt_quantum.plugin import DesiredPort
from ovirt_quantum_ovn import dns, port, subnet
from ovirt_quantum_ovn.ovsdb import Writable

from tests.ovn.test_dhcp import SUBNET

DEPLOYMENT = "11111111-1111-4111-8111-111111111111"
BOTH = [FixedIp(None, IpAddress("10.9.0.7")), FixedIp(None, IpAddress("2001:db8::7"))]
SEVEN = "7." + "0." * 23 + "8.b.d.0.1.0.0.2.ip6.arpa"


def records(name: str, domain: str, addresses: list[FixedIp]) -> Writable | None:
    network = Network(network_type="geneve", dns_domain=DnsDomain(domain))
    named = Port(network_id=network.id, dns_name=DnsName(name), fixed_ips=addresses)
    found = dns.rows(DesiredPort(named, network, None, None), DEPLOYMENT)
    return found[0].columns["records"] if found else None


def test_names_and_addresses() -> None:
    """Forward with both families, reverse with one each."""
    forward = "10.9.0.7 2001:db8::7"
    assert records("web", "example.org.", BOTH) == {
        "web": forward,
        "web.example.org": forward,
        "7.0.9.10.in-addr.arpa": "web.example.org",
        SEVEN: "web.example.org",
    }


def test_without_a_domain_the_name_is_all() -> None:
    """No dot at its end."""
    assert records("web", "", BOTH[:1]) == {"web": "10.9.0.7", "7.0.9.10.in-addr.arpa": "web"}


def test_no_name_or_no_address_no_record() -> None:
    """And its place is looked at for one that there was."""
    assert records("", "example.org.", BOTH) is None
    assert records("web", "example.org.", []) is None
    assert dns.records_of(SUBNET.id) in port.extent(SUBNET.id).places


def test_dhcp_tells_the_domain() -> None:
    """Without the dot; a network without one tells none."""
    network = Network(network_type="geneve", dns_domain=DnsDomain("example.org."))
    assert subnet.options(SUBNET, network)["domain_name"] == '"example.org"'
    assert "domain_name" not in subnet.options(SUBNET, Network(network_type="geneve"))
