"""The ordered rules of a firewall as matches (ovn-sb(5), Logical_Flow), for a table that they share with others.

Security groups and firewall meet in one table, where the first entry that fits decides: an entry that allows would pass
the groups by. So only what is refused becomes an entry: of each such rule what no rule before it allows, and of the
rest whatever no rule allows. A rule is a box of sources, destinations and ports; what is left of a box when another is
cut out of it are boxes again. Pure.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_network, summarize_address_range
from typing import Literal

from ovirt_quantum.model import FirewallRule

Version = Literal[4, 6]
Span = tuple[int, int]
"""Both ends included."""
Box = tuple[Span, Span, Span, Span]
"""Destination, source, destination port, source port."""
PROTOCOLS = ("tcp", "udp", "icmp")
"""What rules can name. OVN can't match "any other protocol" in one entry."""
PORTS: Span = (0, 65535)
LAST = {4: 2**32 - 1, 6: 2**128 - 1}


MOST_CUTS = 100_000
"""Of one box by another, for one policy: some tenths of a second."""


class TooMuch(Exception):
    """The rules cross each other in so many ways that what is left is not computed."""


@dataclass
class Budget:
    """What the computation may still cost."""

    cuts: int = MOST_CUTS

    def spend(self, cuts: int) -> None:
        """Raises TooMuch."""
        self.cuts -= cuts
        if self.cuts < 0:
            raise TooMuch


@dataclass(frozen=True)
class Refusal:
    """Packets that are dropped or rejected. Of two that fit, the one that comes first decides."""

    match: str
    action: Literal["drop", "reject"]


def refusals(rules: Sequence[FirewallRule]) -> Iterator[Refusal]:
    """What the rules refuse of TCP, UDP and ICMP, of both families, in order. Raises TooMuch."""
    budget = Budget()
    for version in (4, 6):
        for protocol in PROTOCOLS:
            ours = [rule for rule in rules if rule.ip_version == version and rule.protocol in (None, protocol)]
            yield from _refusals(ours, version, protocol, budget)


def condition(rule: FirewallRule) -> str:
    """All that the rule fits."""
    return _match(_box(rule), rule.ip_version, rule.protocol)


def word(version: Version, protocol: str) -> str:
    """OVN's name of the protocol."""
    return f"icmp{version}" if protocol == "icmp" else protocol


def _refusals(rules: Sequence[FirewallRule], version: Version, protocol: str, budget: Budget) -> Iterator[Refusal]:
    allowed: list[Box] = []
    for rule in rules:
        if rule.action == "allow":
            allowed.append(_box(rule))
        else:
            action: Literal["drop", "reject"] = "drop" if rule.action == "deny" else "reject"
            for piece in without(_box(rule), allowed, budget):
                yield Refusal(_match(piece, version, protocol), action)
    for piece in without(_everything(version), allowed, budget):
        yield Refusal(_match(piece, version, protocol), "drop")


def without(box: Box, others: Sequence[Box], budget: Budget) -> list[Box]:
    """What is left of a box, as boxes that do not meet. Raises TooMuch."""
    left = [box]
    for other in others:
        budget.spend(len(left))
        left = [piece for one in left for piece in _cut(one, other)]
    return left


def _cut(box: Box, other: Box) -> Iterator[Box]:
    """The slices beside the other box, one dimension after the other; what remains then is inside it."""
    if any(high < low_ or high_ < low for (low, high), (low_, high_) in zip(box, other, strict=True)):
        yield box
        return
    rest = list(box)
    for place, (low_, high_) in enumerate(other):
        low, high = rest[place]
        if low < low_:
            yield _with(rest, place, (low, low_ - 1))
        if high_ < high:
            yield _with(rest, place, (high_ + 1, high))
        rest[place] = max(low, low_), min(high, high_)


def _with(box: Sequence[Span], place: int, span: Span) -> Box:
    first, second, third, fourth = (span if each == place else old for each, old in enumerate(box))
    return first, second, third, fourth


def _everything(version: Version) -> Box:
    return (0, LAST[version]), (0, LAST[version]), PORTS, PORTS


def _box(rule: FirewallRule) -> Box:
    return (
        _addresses(rule.destination_ip_address, rule.ip_version),
        _addresses(rule.source_ip_address, rule.ip_version),
        rule.destination_port.ends if rule.destination_port else PORTS,
        rule.source_port.ends if rule.source_port else PORTS,
    )


def _addresses(block: str | None, version: Version) -> Span:
    if block is None:
        return 0, LAST[version]
    network = ip_network(block, strict=False)
    return int(network.network_address), int(network.broadcast_address)


def _match(box: Box, version: Version, protocol: str | None) -> str:
    destination, source, destination_port, source_port = box
    parts = [f"ip{version}"] if protocol is None else [f"ip{version}", word(version, protocol)]
    parts += [f"ip{version}.dst == {_blocks(destination, version)}"] if destination != (0, LAST[version]) else []
    parts += [f"ip{version}.src == {_blocks(source, version)}"] if source != (0, LAST[version]) else []
    for side, ports in (("dst", destination_port), ("src", source_port)):
        parts += [f"{ports[0]} <= {protocol}.{side} <= {ports[1]}"] if ports != PORTS else []
    return " && ".join(parts)


def _blocks(span: Span, version: Version) -> str:
    kind = IPv4Address if version == 4 else IPv6Address
    first, last = (kind(end) for end in span)
    blocks = [str(block) for block in summarize_address_range(first, last)]
    return blocks[0] if len(blocks) == 1 else "{" + ", ".join(blocks) + "}"
