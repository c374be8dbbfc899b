"""Security groups: which packets a port may send and is sent. All that no rule allows is dropped."""

from typing import Annotated, ClassVar, Literal

from ..errors import BadInput, NotFound
from .access import Role
from .resource import ALWAYS, READ_ONLY, Attribute, Refusal, Resource
from .types import Cidr, EtherType, IpPrefix, IpProtocol, Name, PortNumber, Uuid


def _bad(kind: str, words: str) -> Attribute:
    return Attribute("create", refusal=Refusal(BadInput, kind, words))


def _reference(kind: str, words: str) -> Attribute:
    """What is no id is one that nothing has, as in Neutron."""
    return Attribute("create", column=True, refusal=Refusal(NotFound, kind, words))


PORT_VALUE = _bad("SecurityGroupInvalidPortValue", "Invalid value for port {}")
GROUP = _reference("SecurityGroupNotFound", "Security group {} does not exist")
ADDRESSES = _reference("AddressGroupNotFound", "Address group {} could not be found.")
ETHERTYPE = _bad("SecurityGroupRuleInvalidEtherType", "Security group rule for ethertype '{}' not supported.")
PROTOCOL = _bad("SecurityGroupRuleInvalidProtocol", "Security group rule protocol {} not supported.")
PREFIX = _bad("InvalidCIDR", "Invalid CIDR {} given as IP prefix.")


class SecurityGroupRule(Resource, frozen=True, kw_only=True):
    """One thing that a security group allows. Of it only the description can be changed."""

    member: ClassVar[str] = "security_group_rule"
    collection: ClassVar[str] = "security_group_rules"
    path: ClassVar[str] = "security-group-rules"
    not_found: ClassVar[str] = "SecurityGroupRuleNotFound"
    feature: ClassVar[str] = "security-groups"

    name: Annotated[Name, READ_ONLY] = ""
    security_group_id: Annotated[Uuid, GROUP]
    direction: Annotated[Literal["ingress", "egress"], Attribute("create")]
    """The VM's: egress leaves it, ingress comes to it."""
    ethertype: Annotated[EtherType, ETHERTYPE] = EtherType("IPv4")
    protocol: Annotated[IpProtocol | None, PROTOCOL] = None
    """null: every protocol."""
    port_range_min: Annotated[PortNumber | None, PORT_VALUE] = None
    """The first port, or the ICMP type; null: all."""
    port_range_max: Annotated[PortNumber | None, PORT_VALUE] = None
    """The last port, or the ICMP code; null: all."""
    remote_ip_prefix: Annotated[IpPrefix | None, PREFIX] = None
    """Who is at the other end. At most one of this, remote_group_id and remote_address_group_id; none: anybody."""
    remote_group_id: Annotated[Uuid | None, GROUP] = None
    """The ports of that group."""
    remote_address_group_id: Annotated[Uuid | None, ADDRESSES] = None
    normalized_cidr: Annotated[Cidr | None, READ_ONLY] = None
    """`remote_ip_prefix` without host bits."""
    belongs_to_default_sg: Annotated[bool, READ_ONLY] = False


class SecurityGroup(Resource, frozen=True, kw_only=True):
    """Neutron's security group. Each project has one named default, which ports are in unless they say otherwise."""

    member: ClassVar[str] = "security_group"
    collection: ClassVar[str] = "security_groups"
    path: ClassVar[str] = "security-groups"
    not_found: ClassVar[str] = "SecurityGroupNotFound"
    feature: ClassVar[str] = "security-groups"

    stateful: Annotated[bool, ALWAYS] = True
    """Answers to what is allowed are allowed too. A port's groups must all be so, or none."""
    shared: Annotated[bool, READ_ONLY] = False
    default_of: Annotated[Name | None, Attribute(seen_by=Role.ADMIN, column=True)] = None
    """The project whose default group it is: unique, so that no project ever has two."""
    security_group_rules: Annotated[list[SecurityGroupRule], READ_ONLY] = []
    """Filled in when it is shown; each rule has a row of its own."""
