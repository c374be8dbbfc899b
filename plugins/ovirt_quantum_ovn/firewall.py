"""A firewall group: a port group of the switches' ends of the guarded router ports, and its entries (ovn-nb(5), ACL).

OVN tracks no connections at a switch's port to a router, so that state is kept where the VMs are; what passes between
them and the router is known by the router port's MAC address. What VMs send is decided in a table of its own, which
comes after that of the security groups (apply-after-lb). What they are sent meets the security groups in one table:
there only refusals stand (firewall_rules.py), of TCP, UDP and ICMP. All other protocols are decided where the router
sends them into the switch, without memory.
"""

from collections.abc import Iterator, Sequence
from itertools import islice

from ovirt_quantum.errors import Refused
from ovirt_quantum.plugin import FIREWALL_GROUP, DesiredFirewallGroup, Ref

from .firewall_rules import TooMuch, condition, refusals
from .ovsdb import Uuid, Writable
from .rows import Extent, Place, Row, Wanted, derived, marked

FIRST, LAST = 32000, 0
"""Priorities, from the first rule's downwards: above those of security groups; what no rule decides is below them."""
MOST = 1000
"""Entries of a group: each is some flows on each host."""
STATEFUL = {"allow": "allow-related", "deny": "drop", "reject": "reject"}
STATELESS = STATEFUL | {"allow": "allow"}
AFTER_GROUPS = {"apply-after-lb": "true"}

Entry = dict[str, Writable]


def group_of(id: str) -> Place:
    return Place("Port_Group", id)


def group_name(id: str) -> str:
    return f"fw_{id.replace('-', '_')}"


def extent(id: str) -> Extent:
    """An entry's row goes with the group that has it."""
    return Extent((group_of(id),))


def check(desired: DesiredFirewallGroup) -> None:
    """Raises Refused for what can't be guarded, and for what would be too many entries.

    On a wire, what goes to a VM of another host passes the wire's port on this one, too; there OVN tracks no
    connections, and answers would be dropped as if they were not such.
    """
    for each in desired.ports:
        if each.physical is not None:
            raise Refused(
                f"Port {each.port.id} is on network {each.network.id}, which is {each.network.network_type}: OVN keeps "
                "no connections in mind where a network meets its wire. Only overlays can be guarded."
            )
    try:
        few = len(list(islice(_entries(desired), MOST + 1))) <= MOST
    except TooMuch:
        few = False
    if not few:
        raise Refused(
            f"Firewall group {desired.group.id} takes more than {MOST} entries of OVN: give its ingress policy fewer "
            "rules, or such as do not cross each other by ranges of addresses here and of ports there."
        )


def wanted(desired: DesiredFirewallGroup, deployment: str) -> Wanted:
    """With its ports, so that a group that somebody deleted is whole again; each port also joins by itself."""
    group = desired.group
    marks = marked(deployment, Ref(FIREWALL_GROUP, group.id), group.name)
    entries = [
        Row(Place("ACL", derived(group.id, str(number))), entry | {"external_ids": marks})
        for number, entry in enumerate(_entries(desired))
    ]
    columns: dict[str, Writable] = {
        "name": group_name(group.id),
        "acls": frozenset(Uuid(entry.place.uuid) for entry in entries),
        "ports": frozenset(Uuid(each.port.id) for each in desired.ports),
        "external_ids": marks,
    }
    return Wanted((Row(group_of(group.id), columns), *entries))


def skeleton(id: str, deployment: str) -> Row:
    """A group that guards nothing yet: for ports that come before it is made."""
    return Row(group_of(id), {"name": group_name(id), "external_ids": marked(deployment, Ref(FIREWALL_GROUP, id))})


def _entries(desired: DesiredFirewallGroup) -> Iterator[Entry]:
    if desired.ports:
        yield from _egress(desired)
        yield from _ingress(desired)
        yield from _ingress_of_others(desired)


def _egress(desired: DesiredFirewallGroup) -> Iterator[Entry]:
    """What VMs send to the router, but not what is meant for the router itself: pings, and renewals of leases."""
    from_vm = f"eth.dst == {_macs(desired)}"
    rules = [(f"{from_vm} && {condition(rule)}", STATEFUL[rule.action]) for rule in desired.egress]
    passed = [(f"{from_vm} && {match}", "allow") for match in _own_addresses(desired)]
    yield from _in_order("from-lport", [*passed, *rules], AFTER_GROUPS)
    yield _entry("from-lport", LAST, f"{from_vm} && ip", "drop", AFTER_GROUPS)


def _ingress(desired: DesiredFirewallGroup) -> Iterator[Entry]:
    """What the router sends to VMs. The last entry is for the state alone, where no group of a VM keeps any."""
    to_vm = f"eth.src == {_macs(desired)}"
    refused = [(f"{to_vm} && {each.match}", each.action) for each in refusals(desired.ingress)]
    yield from _in_order("to-lport", refused)
    yield _entry("to-lport", LAST, f"{to_vm} && ip", "allow-related")


def _ingress_of_others(desired: DesiredFirewallGroup) -> Iterator[Entry]:
    """Whatever is neither TCP nor UDP nor ICMP, where it comes from the router."""
    from_router = f"inport == @{group_name(desired.group.id)}"
    known = (f"{from_router} && (tcp || udp || icmp)", "allow")
    rules = [rule for rule in desired.ingress if rule.protocol is None]
    others = [(f"{from_router} && {condition(rule)}", STATELESS[rule.action]) for rule in rules]
    yield from _in_order("from-lport", [known, *others])
    yield _entry("from-lport", LAST, f"{from_router} && ip", "drop")


def _in_order(
    direction: str, decisions: Sequence[tuple[str, str]], options: dict[str, str] | None = None
) -> Iterator[Entry]:
    for place, (match, action) in enumerate(decisions):
        yield _entry(direction, FIRST - place, match, action, options)


def _entry(direction: str, priority: int, match: str, action: str, options: dict[str, str] | None = None) -> Entry:
    return {
        "direction": direction,
        "priority": priority,
        "match": match,
        "action": action,
        "options": options or {},
    }


def _macs(desired: DesiredFirewallGroup) -> str:
    return "{" + ", ".join(sorted({each.port.mac_address for each in desired.ports})) + "}"


def _own_addresses(desired: DesiredFirewallGroup) -> Iterator[str]:
    own = sorted({str(fixed.ip_address) for each in desired.ports for fixed in each.port.fixed_ips})
    for version in (4, 6):
        addresses = [address for address in own if (":" in address) == (version == 6)]
        if addresses:
            yield f"ip{version}.dst == {{{', '.join(addresses)}}}"
