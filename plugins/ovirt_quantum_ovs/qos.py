"""Bandwidth limits: what of a Neutron QoS policy Open vSwitch is asked for."""

from dataclasses import dataclass
from typing import Literal

from ovirt_quantum.model import BandwidthLimitRule, QosPolicy, rule_type


@dataclass(frozen=True)
class Limit:
    """A speed limit: kilobits a second, and the burst in kilobits (0: the switch's own choice)."""

    kbps: int
    burst_kb: int = 0


def limit(policy: QosPolicy | None, direction: Literal["egress", "ingress"]) -> Limit | None:
    """The policy's limit in the VM's `direction`; None where there is none. 0 kbps is no limit either."""
    for rule in policy.rules if policy else ():
        if isinstance(rule, BandwidthLimitRule) and rule.direction == direction and rule.max_kbps:
            return Limit(rule.max_kbps, rule.max_burst_kbps)
    return None


def unmet(policy: QosPolicy | None) -> list[str]:
    """The types of the policy's rules that Open vSwitch is not asked for."""
    return [rule_type(type(rule)) for rule in policy.rules if rule.feature] if policy else []
