"""QoS policies: named limits that ports and networks refer to."""

from typing import Annotated, ClassVar, Literal
from uuid import uuid4

import msgspec

from .access import Role
from .resource import ALWAYS, READ_ONLY, Attribute, Resource
from .types import Kbps, Uuid


class BandwidthLimitRule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A speed limit. `direction` is the VM's: egress leaves it, ingress comes to it."""

    id: Uuid = msgspec.field(default_factory=lambda: Uuid(uuid4()))
    max_kbps: Kbps
    max_burst_kbps: Kbps = 0
    """0: the backend's own choice."""
    direction: Literal["egress", "ingress"] = "egress"


class QosPolicy(Resource, frozen=True, kw_only=True):
    """Neutron's QoS policy, with its bandwidth rules inside; at most one a direction."""

    member: ClassVar[str] = "policy"
    collection: ClassVar[str] = "policies"
    path: ClassVar[str] = "qos/policies"
    written_by: ClassVar[Role] = Role.MANAGER
    not_found: ClassVar[str] = "QosPolicyNotFound"

    shared: Annotated[bool, Attribute("always", column=True)] = False
    is_default: Annotated[bool, ALWAYS] = False
    rules: Annotated[list[BandwidthLimitRule], READ_ONLY] = []
