"""QoS policies: named limits that ports and networks refer to."""

from typing import Annotated, ClassVar, Literal
from uuid import uuid4

import msgspec

from .access import Role
from .resource import ALWAYS, READ_ONLY, Attribute, Resource
from .types import Kbps, Uuid

Direction = Literal["egress", "ingress"]
"""The VM's: egress leaves it, ingress comes to it."""
Dscp = Literal[0, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30, 32, 34, 36, 38, 40, 46, 48, 56]
"""neutron-lib, VALID_DSCP_MARKS: class selectors, assured and expedited forwarding (RFC 2474, 2597, 3246)."""


class QosRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """What rules of every type have. Their types are Neutron's."""

    feature: ClassVar[str] = ""
    """The feature of a loaded plugin without which nobody realises it; empty: every plugin does what it can."""

    id: Uuid = msgspec.field(default_factory=lambda: Uuid(uuid4()))


class BandwidthLimitRule(QosRule, frozen=True, kw_only=True, tag="bandwidth_limit"):
    """A speed limit. `direction` is the VM's: egress leaves it, ingress comes to it."""

    max_kbps: Kbps
    max_burst_kbps: Kbps = 0
    """0: the backend's own choice."""
    direction: Direction = "egress"


class DscpMarkingRule(QosRule, frozen=True, kw_only=True, tag="dscp_marking"):
    """The mark that IP packets bear which leave the VM (RFC 2474)."""

    feature: ClassVar[str] = "qos-dscp"

    dscp_mark: Dscp


class MinimumBandwidthRule(QosRule, frozen=True, kw_only=True, tag="minimum_bandwidth"):
    """What the VM gets at least where its host's wire is full. `direction` is the VM's."""

    feature: ClassVar[str] = "qos-minimum-bandwidth"

    min_kbps: Kbps
    direction: Direction = "egress"


AnyQosRule = BandwidthLimitRule | DscpMarkingRule | MinimumBandwidthRule
QOS_RULES: tuple[type[AnyQosRule], ...] = (BandwidthLimitRule, DscpMarkingRule, MinimumBandwidthRule)


def rule_type(kind: type[QosRule]) -> str:
    """Neutron's word for rules of that type: `bandwidth_limit`."""
    return str(kind.__struct_config__.tag)


class QosPolicy(Resource, frozen=True, kw_only=True):
    """Neutron's QoS policy, with its rules inside; at most one of a type and direction."""

    member: ClassVar[str] = "policy"
    collection: ClassVar[str] = "policies"
    path: ClassVar[str] = "qos/policies"
    written_by: ClassVar[Role] = Role.MANAGER
    not_found: ClassVar[str] = "QosPolicyNotFound"

    shared: Annotated[bool, Attribute("always", column=True)] = False
    is_default: Annotated[bool, ALWAYS] = False
    rules: Annotated[list[AnyQosRule], READ_ONLY] = []
