"""What a security group rule may say, and when two rules say the same. Pure.

The rules are Neutron's (neutron/db/securitygroups_db.py), error types included.
"""

import ipaddress
from collections.abc import Hashable, Sequence

from msgspec import structs

from .errors import BadInput, Conflict
from .model import SecurityGroupRule
from .model.types import Cidr, EtherType, IpPrefix, IpProtocol

ICMP, ICMPV6 = 1, 58
WITH_PORTS = {6: "TCP", 17: "UDP", 33: "DCCP", 132: "SCTP", 136: "UDPLITE"}
IPV6_ONLY = {41, 43, 44, 58, 59, 60}
ALL_PORTS = (1, 65535)
EVERYWHERE = {"0.0.0.0/0", "::/0"}


def canonical(rule: SecurityGroupRule) -> SecurityGroupRule:
    """The rule in Neutron's form: ICMP by its IPv6 name where it is IPv6, no range where it is all ports.

    Raises BadInput for what no packet could match or what says two things at once.
    """
    rule = structs.replace(rule, protocol=_protocol(rule.protocol, rule.ethertype))
    if (rule.port_range_min, rule.port_range_max) == ALL_PORTS:
        rule = structs.replace(rule, port_range_min=None, port_range_max=None)
    _check_range(rule)
    if rule.protocol is not None and rule.ethertype == "IPv4" and rule.protocol.number in IPV6_ONLY:
        raise BadInput(
            "SecurityGroupEthertypeConflictWithProtocol",
            f"Invalid ethertype {rule.ethertype} for protocol {rule.protocol}.",
        )
    if [rule.remote_ip_prefix, rule.remote_group_id, rule.remote_address_group_id].count(None) < 2:
        raise BadInput(
            "SecurityGroupMultipleRemoteEntites",
            "Only one of remote_ip_prefix or remote_group_id or remote_address_group_id may be provided.",
        )
    return structs.replace(rule, normalized_cidr=_block(rule.remote_ip_prefix, rule.ethertype))


def meaning(rule: SecurityGroupRule) -> Hashable:
    """Equal for two canonical rules that Neutron takes for the same one."""
    return (
        rule.security_group_id,
        rule.direction,
        rule.ethertype,
        None if rule.protocol is None else rule.protocol.number,
        rule.port_range_min,
        rule.port_range_max,
        rule.remote_group_id,
        rule.remote_address_group_id,
        None if rule.remote_ip_prefix in EVERYWHERE else rule.remote_ip_prefix,
    )


def check_together(rules: Sequence[SecurityGroupRule]) -> None:
    """Raises BadInput for rules of several groups in one request, Conflict for one that occurs twice."""
    if len({rule.security_group_id for rule in rules}) > 1:
        raise BadInput(
            "SecurityGroupNotSingleGroupRules", "Only allowed to update rules for one security profile at a time"
        )
    if len({meaning(canonical(rule)) for rule in rules}) < len(rules):
        raise Conflict("DuplicateSecurityGroupRuleInPost", "Duplicate Security Group Rule in POST.")


def _protocol(protocol: IpProtocol | None, ethertype: EtherType) -> IpProtocol | None:
    if protocol is None or protocol == "any":
        return None
    if ethertype == "IPv6" and protocol.number in (ICMP, ICMPV6):
        return IpProtocol(ICMPV6 if protocol.isdigit() else "ipv6-icmp")
    return protocol


def _check_range(rule: SecurityGroupRule) -> None:
    if (rule.port_range_min, rule.port_range_max) == (None, None):
        return
    if rule.protocol is None:
        raise BadInput("SecurityGroupProtocolRequiredWithPorts", "Must also specify protocol if port range is given.")
    if rule.protocol.number in WITH_PORTS:
        _check_ports(rule)
    elif rule.protocol.number in (ICMP, ICMPV6):
        _check_icmp(rule)
    else:
        raise BadInput(
            "SecurityGroupInvalidProtocolForPort",
            f"Ports cannot be specified for protocol {rule.protocol}. "
            f"Ports are only supported for {', '.join(WITH_PORTS.values())}.",
        )


def _check_ports(rule: SecurityGroupRule) -> None:
    first, last = rule.port_range_min, rule.port_range_max
    if 0 in (first, last):
        raise BadInput("SecurityGroupInvalidPortValue", "Invalid value for port 0")
    if first is None or last is None or first > last:
        raise BadInput(
            "SecurityGroupInvalidPortRange", "For TCP/UDP protocols, port_range_min must be <= port_range_max"
        )


def _check_icmp(rule: SecurityGroupRule) -> None:
    for attribute, word, value in (
        ("port_range_min", "type", rule.port_range_min),
        ("port_range_max", "code", rule.port_range_max),
    ):
        if value is not None and value > 255:
            raise BadInput(
                "SecurityGroupInvalidIcmpValue",
                f"Invalid value for ICMP {word} ({attribute}) {value}. It must be 0 to 255.",
            )
    if rule.port_range_min is None:
        raise BadInput(
            "SecurityGroupMissingIcmpType",
            f"ICMP code (port-range-max) {rule.port_range_max} is provided but ICMP type (port-range-min) is missing.",
        )


def _block(prefix: IpPrefix | None, ethertype: EtherType) -> Cidr | None:
    if prefix is None:
        return None
    if (":" in prefix) != (ethertype == "IPv6"):
        raise BadInput(
            "SecurityGroupRuleParameterConflict", f"Conflicting value ethertype {ethertype} for CIDR {prefix}"
        )
    return Cidr(str(ipaddress.ip_interface(prefix).network))
