"""Rules of security groups as OVN's access control list entries (ovn-nb(5), ACL; ovn-sb(5), Logical_Flow's matches)."""

from ovirt_quantum.model import SecurityGroupRule

from .ovsdb import Writable

ALLOW, DROP = 1002, 1001
"""Priorities: what a rule allows is above what is dropped."""
ICMP = frozenset({1, 58})
WITH_PORTS = {6: "tcp", 17: "udp", 132: "sctp"}
DHCP = ("ip4 && udp.src == 68 && udp.dst == 67", "ip6 && udp.src == 546 && udp.dst == 547")
"""What a VM asks OVN's own DHCP server: it is let through whatever the rules say."""


def group_name(id: str) -> str:
    """The port group's name: in matches only letters, digits and underscores may stand."""
    return f"pg_{id.replace('-', '_')}"


def address_set_name(id: str, version: int) -> str:
    return f"as_{id.replace('-', '_')}_ip{version}"


def of_rule(rule: SecurityGroupRule, stateful: bool) -> dict[str, Writable]:
    """The columns of a rule's entry; stateful: answers are let through as well."""
    group = group_name(rule.security_group_id)
    action = "allow-related" if stateful else "allow-stateless"
    return _entry(rule.direction, ALLOW, " && ".join([_at(rule.direction, group), *_conditions(rule)]), action)


def of_drop_group(group: str) -> list[dict[str, Writable]]:
    asks = [_entry("egress", ALLOW, f"{_at('egress', group)} && {match}", "allow") for match in DHCP]
    drops = [_entry(way, DROP, f"{_at(way, group)} && ip", "drop") for way in ("egress", "ingress")]
    return asks + drops


def _entry(direction: str, priority: int, match: str, action: str) -> dict[str, Writable]:
    way = "from-lport" if direction == "egress" else "to-lport"
    return {"direction": way, "priority": priority, "match": match, "action": action}


def _at(direction: str, group: str) -> str:
    return f"{'inport' if direction == 'egress' else 'outport'} == @{group}"


def _conditions(rule: SecurityGroupRule) -> list[str]:
    version = 4 if rule.ethertype == "IPv4" else 6
    return [f"ip{version}", *_remote(rule, version), *_protocol(rule, version)]


def _remote(rule: SecurityGroupRule, version: int) -> list[str]:
    other = f"ip{version}.{'dst' if rule.direction == 'egress' else 'src'}"
    if rule.remote_group_id is not None:
        return [f"{other} == ${group_name(rule.remote_group_id)}_ip{version}"]
    if rule.remote_address_group_id is not None:
        return [f"{other} == ${address_set_name(rule.remote_address_group_id, version)}"]
    return [f"{other} == {rule.normalized_cidr}"] if rule.normalized_cidr is not None else []


def _protocol(rule: SecurityGroupRule, version: int) -> list[str]:
    if rule.protocol is None or rule.protocol == "any":
        return []
    number = rule.protocol.number
    if number in ICMP:
        return _icmp(rule, f"icmp{version}")
    if number in WITH_PORTS:
        return _ports(rule, WITH_PORTS[number])
    return [f"ip.proto == {number}"] if number else []


def _icmp(rule: SecurityGroupRule, word: str) -> list[str]:
    """Neutron's port range is the type and the code here."""
    parts = [(f"{word}.type", rule.port_range_min), (f"{word}.code", rule.port_range_max)]
    return [word, *(f"{field} == {value}" for field, value in parts if value is not None)]


def _ports(rule: SecurityGroupRule, word: str) -> list[str]:
    first, last = rule.port_range_min, rule.port_range_max
    if first is not None and first == last:
        return [word, f"{word}.dst == {first}"]
    bounds = [(">=", first), ("<=", last)]
    return [word, *(f"{word}.dst {sign} {value}" for sign, value in bounds if value is not None)]
