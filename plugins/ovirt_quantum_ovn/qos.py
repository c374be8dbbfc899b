"""A port's limits: QoS rules of its switch, one a direction; what it gets at least: an option of its own (ovn-nb(5)).

A rule's rate is a meter on the host where the VM is. What a VM gets at least is kept by an HTB class of the host's NIC
to the physical network, if the NIC's interface in Open vSwitch has external_ids:ovn-egress-iface=true.
"""

from collections.abc import Mapping
from typing import Literal, TypeVar

from ovirt_quantum.model import AnyQosRule, BandwidthLimitRule, DscpMarkingRule, MinimumBandwidthRule
from ovirt_quantum.plugin import PORT, DesiredPort, Ref

from .ovsdb.values import Writable
from .rows import Place, Row, Table, derived, marked

RULES: tuple[Table, str] = ("Logical_Switch", "qos_rules")
"""The set that QoS rules stand in."""
PRIORITY = 1000
"""No two rules of ours match the same packet in the same direction."""

Direction = Literal["egress", "ingress"]
Rule = TypeVar("Rule", bound=AnyQosRule)


def rule_of(port_id: str, direction: Direction) -> Place:
    return Place("QoS", derived(port_id, f"qos-{direction}"))


def rows(desired: DesiredPort, deployment: str) -> tuple[Row, ...]:
    """The rules that the port's policy takes: none for a direction that is neither limited nor marked."""
    marks = marked(deployment, Ref(PORT, desired.port.id), desired.port.name)
    found = []
    for direction, (way, side) in _SIDES.items():
        limits: dict[str, Writable] = {"bandwidth": _bandwidth(desired, direction), "action": _mark(desired, direction)}
        if any(limits.values()):
            match = f'{side} == "{desired.port.id}"'
            where: dict[str, Writable] = {"direction": way, "priority": PRIORITY, "match": match}
            found.append(Row(rule_of(desired.port.id, direction), {**where, **limits, "external_ids": marks}))
    return tuple(found)


_SIDES: Mapping[Direction, tuple[str, str]] = {
    "egress": ("from-lport", "inport"),
    "ingress": ("to-lport", "outport"),
}


def options(desired: DesiredPort) -> Mapping[str, str]:
    """What the port's options say of its policy; bits a second."""
    least = _rule(desired, MinimumBandwidthRule, "egress") if _is_on_a_wire(desired) else None
    return {"qos_min_rate": str(least.min_kbps * 1000)} if least else {}


def shortfall(desired: DesiredPort) -> list[str]:
    """What of the policy OVN will never do, each in one clause."""
    lacking = []
    if _rule(desired, MinimumBandwidthRule, "ingress"):
        lacking.append("OVN keeps no minimum bandwidth of what comes to a VM")
    if _rule(desired, MinimumBandwidthRule, "egress") and not _is_on_a_wire(desired):
        lacking.append("OVN keeps a minimum bandwidth on VLAN and flat networks only")
    return lacking


def _bandwidth(desired: DesiredPort, direction: Direction) -> dict[str, int]:
    limit = _rule(desired, BandwidthLimitRule, direction)
    if limit is None:
        return {}
    return {"rate": limit.max_kbps} | ({"burst": limit.max_burst_kbps} if limit.max_burst_kbps else {})


def _mark(desired: DesiredPort, direction: Direction) -> dict[str, int]:
    """Packets are marked as they leave the VM."""
    mark = _rule(desired, DscpMarkingRule, "egress") if direction == "egress" else None
    return {"dscp": mark.dscp_mark} if mark else {}


def _rule(desired: DesiredPort, kind: type[Rule], direction: Direction) -> Rule | None:
    for rule in desired.qos.rules if desired.qos else ():
        if isinstance(rule, kind) and getattr(rule, "direction", "egress") == direction:
            return rule
    return None


def _is_on_a_wire(desired: DesiredPort) -> bool:
    return desired.physical is not None
