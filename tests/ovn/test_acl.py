"""Rules of security groups as OVN's matches (ovn-sb(5))."""

from typing import Any

import pytest
from ovirt_quantum.model import SecurityGroupRule
from ovirt_quantum.model.types import Cidr, EtherType, IpProtocol, Uuid
from ovirt_quantum_ovn import acl

GROUP = "aec0fe67-118d-49ed-8c96-c37a428abfdc"
OTHER = "b1b4c9c5-0f4c-4b3a-9d8e-1f3a5b7c9d1e"
AT = "outport == @pg_aec0fe67_118d_49ed_8c96_c37a428abfdc"


def entry(stateful: bool = True, **attributes: Any) -> dict[str, Any]:
    values = {"direction": "ingress"} | attributes
    return acl.of_rule(SecurityGroupRule(security_group_id=Uuid(GROUP), **values), stateful)


@pytest.mark.parametrize(
    ("attributes", "match"),
    [
        ({}, "ip4"),
        ({"ethertype": EtherType("IPv6")}, "ip6"),
        ({"protocol": IpProtocol("tcp")}, "ip4 && tcp"),
        ({"protocol": IpProtocol("6")}, "ip4 && tcp"),
        ({"protocol": IpProtocol("any")}, "ip4"),
        ({"protocol": IpProtocol("vrrp")}, "ip4 && ip.proto == 112"),
        (
            {"protocol": IpProtocol("tcp"), "port_range_min": 22, "port_range_max": 23},
            "ip4 && tcp && tcp.dst >= 22 && tcp.dst <= 23",
        ),
        ({"protocol": IpProtocol("udp"), "port_range_min": 53, "port_range_max": 53}, "ip4 && udp && udp.dst == 53"),
        ({"protocol": IpProtocol("icmp"), "port_range_min": 8}, "ip4 && icmp4 && icmp4.type == 8"),
        (
            {"protocol": IpProtocol("icmp"), "port_range_min": 3, "port_range_max": 0},
            "ip4 && icmp4 && icmp4.type == 3 && icmp4.code == 0",
        ),
        ({"protocol": IpProtocol("icmpv6"), "ethertype": EtherType("IPv6")}, "ip6 && icmp6"),
        ({"protocol": IpProtocol("icmp"), "ethertype": EtherType("IPv6")}, "ip6 && icmp6"),
        ({"normalized_cidr": Cidr("192.0.2.0/24")}, "ip4 && ip4.src == 192.0.2.0/24"),
        ({"remote_group_id": Uuid(OTHER)}, "ip4 && ip4.src == $pg_b1b4c9c5_0f4c_4b3a_9d8e_1f3a5b7c9d1e_ip4"),
        (
            {"remote_address_group_id": Uuid(OTHER), "ethertype": EtherType("IPv6")},
            "ip6 && ip6.src == $as_b1b4c9c5_0f4c_4b3a_9d8e_1f3a5b7c9d1e_ip6",
        ),
    ],
)
def test_what_a_rule_matches(attributes: dict[str, Any], match: str) -> None:
    """Of what comes to the VM."""
    made = entry(**attributes)
    assert (made["direction"], made["match"]) == ("to-lport", f"{AT} && {match}")


def test_what_leaves_a_vm_is_matched_by_where_it_goes() -> None:
    """The other port of the switch, the other address of the packet."""
    made = entry(direction="egress", normalized_cidr=Cidr("192.0.2.0/24"))
    assert made["direction"] == "from-lport"
    assert made["match"] == f"{AT.replace('outport', 'inport')} && ip4 && ip4.dst == 192.0.2.0/24"


def test_a_stateless_group_remembers_nothing() -> None:
    """Answers are matched like anything else."""
    assert entry()["action"] == "allow-related"
    assert entry(stateful=False)["action"] == "allow-stateless"


def test_what_is_allowed_goes_before_what_is_dropped() -> None:
    """Also what a VM asks DHCP."""
    entries = acl.of_drop_group("pg_x")
    priorities = {made["action"]: made["priority"] for made in entries}
    assert priorities["allow"] > priorities["drop"]
    assert entry()["priority"] > priorities["drop"]
