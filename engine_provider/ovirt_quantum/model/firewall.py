"""A firewall on routers, Neutron's FWaaS v2: what may pass between a network and its router."""

from typing import Annotated, ClassVar, Literal

from ..errors import BadInput
from .access import Role
from .resource import ALWAYS, READ_ONLY, Attribute, Refusal, Resource
from .types import AddressOrBlock, PortNumbers, Uuid

SHARED = Attribute("always", set_by=Role.ADMIN)
POLICY = Attribute("always", column=True)
PROTOCOL = Attribute(
    "always", refusal=Refusal(BadInput, "FirewallRuleInvalidProtocol", "Protocol {} is not supported.")
)
PORTS = Attribute("always", refusal=Refusal(BadInput, "FirewallRuleInvalidPortValue", "Invalid value for port {}."))


class FirewallRule(Resource, frozen=True, kw_only=True):
    """What becomes of a kind of packets. It does nothing until a policy has it."""

    member: ClassVar[str] = "firewall_rule"
    collection: ClassVar[str] = "firewall_rules"
    path: ClassVar[str] = "fwaas/firewall_rules"
    not_found: ClassVar[str] = "FirewallRuleNotFound"
    feature: ClassVar[str] = "firewall"

    action: Annotated[Literal["allow", "deny", "reject"], ALWAYS] = "deny"
    """`deny` drops without a word, `reject` tells the sender."""
    ip_version: Annotated[Literal[4, 6], ALWAYS] = 4
    protocol: Annotated[Literal["tcp", "udp", "icmp"] | None, PROTOCOL] = None
    """null: every protocol. `icmp` is ICMPv6 where `ip_version` is 6."""
    source_ip_address: Annotated[AddressOrBlock | None, ALWAYS] = None
    destination_ip_address: Annotated[AddressOrBlock | None, ALWAYS] = None
    source_port: Annotated[PortNumbers | None, PORTS] = None
    destination_port: Annotated[PortNumbers | None, PORTS] = None
    enabled: Annotated[bool, ALWAYS] = True
    """One that is not is passed over."""
    shared: Annotated[bool, SHARED] = False
    """Every project may put it into its policies."""


class FirewallPolicy(Resource, frozen=True, kw_only=True):
    """Rules in their order: the first that fits a packet decides; one that none fits is dropped."""

    member: ClassVar[str] = "firewall_policy"
    collection: ClassVar[str] = "firewall_policies"
    path: ClassVar[str] = "fwaas/firewall_policies"
    not_found: ClassVar[str] = "FirewallPolicyNotFound"
    feature: ClassVar[str] = "firewall"

    firewall_rules: Annotated[list[Uuid], ALWAYS] = []
    shared: Annotated[bool, SHARED] = False
    """Every project may use it in its groups. All its rules are shared, too."""


class FirewallGroup(Resource, frozen=True, kw_only=True):
    """The router interfaces that are guarded, and by which policies."""

    member: ClassVar[str] = "firewall_group"
    collection: ClassVar[str] = "firewall_groups"
    path: ClassVar[str] = "fwaas/firewall_groups"
    not_found: ClassVar[str] = "FirewallGroupNotFound"
    feature: ClassVar[str] = "firewall"

    ports: Annotated[list[Uuid], ALWAYS] = []
    """Routers' interfaces of the group's own project. A port is in one group at most."""
    ingress_firewall_policy_id: Annotated[Uuid | None, POLICY] = None
    """For what the router sends into the network; null lets nothing in."""
    egress_firewall_policy_id: Annotated[Uuid | None, POLICY] = None
    """For what the network sends to the router; null lets nothing out."""
    admin_state_up: Annotated[bool, ALWAYS] = True
    """false: nothing passes, whatever the policies say."""
    status: Annotated[str, READ_ONLY] = "INACTIVE"
    """`ACTIVE`; `INACTIVE` without ports; `DOWN` by `admin_state_up`; `BUILD` while it is not realised."""
    status_reason: Annotated[str, READ_ONLY] = ""
