"""The rules of a firewall as OVN's matches (ovn-sb(5)): what is refused is what a reader of the rules would refuse."""

from ipaddress import ip_address, ip_network

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ovirt_quantum.model import FirewallRule
from ovirt_quantum.model.types import AddressOrBlock, PortNumbers
from ovirt_quantum_ovn.firewall_rules import PROTOCOLS, Refusal, TooMuch, condition, refusals, word

BLOCKS = [None, "10.0.0.0/8", "10.1.0.0/24", "10.1.0.5", "0.0.0.0/0", "10.1.0.0/31"]
PORTS = [None, "80", "79:81", "1:1024", "81:65535"]
PACKETS = st.fixed_dictionaries(
    {
        "protocol": st.sampled_from(PROTOCOLS),
        "dst": st.sampled_from(["10.1.0.5", "10.1.0.4", "10.1.0.1", "10.2.0.1", "9.9.9.9", "255.255.255.255"]),
        "src": st.sampled_from(["10.1.0.5", "10.1.0.0", "11.0.0.0", "0.0.0.0"]),
        "dport": st.sampled_from([1, 79, 80, 81, 82, 1024, 1025, 65535]),
        "sport": st.sampled_from([1, 80, 2000]),
    }
)


@st.composite
def rule(draw: st.DrawFn) -> FirewallRule:
    protocol = draw(st.sampled_from([None, *PROTOCOLS]))
    ports = st.sampled_from(PORTS if protocol in ("tcp", "udp") else [None])
    blocks = st.sampled_from(BLOCKS)
    return FirewallRule(
        action=draw(st.sampled_from(["allow", "deny", "reject"])),
        protocol=protocol,
        source_ip_address=block(draw(blocks)),
        destination_ip_address=block(draw(blocks)),
        source_port=numbers(draw(ports)),
        destination_port=numbers(draw(ports)),
    )


def block(value: str | None) -> AddressOrBlock | None:
    return None if value is None else AddressOrBlock(value)


def numbers(value: str | None) -> PortNumbers | None:
    return None if value is None else PortNumbers(value)


def within(address: str, block: str | None) -> bool:
    return block is None or ip_address(address) in ip_network(block)


def among(port: int, ports: PortNumbers | None) -> bool:
    return ports is None or ports.ends[0] <= port <= ports.ends[1]


def decision(rules: list[FirewallRule], packet: dict[str, object]) -> str:
    """By reading the rules from the top."""
    for one in rules:
        if (
            one.protocol in (None, packet["protocol"])
            and within(str(packet["dst"]), one.destination_ip_address)
            and within(str(packet["src"]), one.source_ip_address)
            and among(int(str(packet["dport"])), one.destination_port)
            and among(int(str(packet["sport"])), one.source_port)
        ):
            return {"deny": "drop"}.get(one.action, one.action)
    return "drop"


def fits(match: str, packet: dict[str, object]) -> bool:
    """As OVN reads the few forms that are written."""
    protocol = str(packet["protocol"])
    values = {
        "ip4.dst": packet["dst"],
        "ip4.src": packet["src"],
        f"{protocol}.dst": packet["dport"],
        f"{protocol}.src": packet["sport"],
    }
    for part in match.split(" && "):
        if part in ("ip4", word(4, protocol)):
            continue
        if " == " in part:
            field, _, blocks = part.partition(" == ")
            if not any(within(str(values[field]), one) for one in blocks.strip("{}").split(", ")):
                return False
        elif "<=" in part:
            low, field, high = part.split(" <= ")
            if field not in values or not int(low) <= int(str(values[field])) <= int(high):
                return False
        else:
            return False
    return True


def outcome(found: list[Refusal], packet: dict[str, object]) -> str:
    return next((one.action for one in found if fits(one.match, packet)), "allow")


@given(st.lists(rule(), max_size=6), st.lists(PACKETS, min_size=1, max_size=20))
def test_refusals_say_what_the_rules_say(rules: list[FirewallRule], packets: list[dict[str, object]]) -> None:
    """Whatever they are, and whatever comes."""
    found = list(refusals(rules))
    for packet in packets:
        assert outcome(found, packet) == decision(rules, packet), (packet, found)


def test_without_rules_all_is_refused() -> None:
    """Both families."""
    assert [one.match for one in refusals([])] == [
        "ip4 && tcp",
        "ip4 && udp",
        "ip4 && icmp4",
        "ip6 && tcp",
        "ip6 && udp",
        "ip6 && icmp6",
    ]


def test_a_rule_as_a_match() -> None:
    """All that it says, and no more."""
    made = FirewallRule(
        protocol="tcp",
        ip_version=6,
        source_ip_address=AddressOrBlock("2001:db8::5/64"),
        destination_port=PortNumbers("80:90"),
    )
    assert condition(made) == "ip6 && tcp && ip6.src == 2001:db8::/64 && 80 <= tcp.dst <= 90"
    assert condition(FirewallRule()) == "ip4"


def crossing(count: int) -> list[FirewallRule]:
    """Half of them allow a block, half a port: what is left are all the gaps between the ones times the others."""
    blocks = [FirewallRule(action="allow", source_ip_address=AddressOrBlock(f"10.{n}.0.0/24")) for n in range(count)]
    ports = [
        FirewallRule(action="allow", protocol="tcp", destination_port=PortNumbers(f"{80 * n}")) for n in range(1, count)
    ]
    return blocks + ports


def test_rules_that_cross_too_often_are_not_computed() -> None:
    """However often they do, it ends."""
    assert len(list(refusals(crossing(10)))) > 100
    with pytest.raises(TooMuch):
        list(refusals(crossing(125)))
