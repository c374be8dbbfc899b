"""The resources: what the API speaks of, the service decides on, the store keeps and plugins realise."""

from .access import ENGINE_PROJECT, Actor, Role
from .address_group import AddressGroup
from .network import Network
from .physical import Host, Link, PhysicalNetwork, VlanRange
from .port import ENGINE_DEVICE_OWNER, AddressPair, DhcpOption, FixedIp, Port
from .qos import BandwidthLimitRule, QosPolicy
from .resource import Attribute, Field, Refusal, Resource, fields
from .security_group import SecurityGroup, SecurityGroupRule
from .segment_range import NetworkSegmentRange
from .subnet import AllocationPool, HostRoute, Subnet

RESOURCES: tuple[type[Resource], ...] = (
    PhysicalNetwork,
    Host,
    Link,
    NetworkSegmentRange,
    QosPolicy,
    AddressGroup,
    SecurityGroup,
    SecurityGroupRule,
    Network,
    Subnet,
    Port,
)
"""In the order in which they refer to each other: the database's tables are made in it."""

__all__ = [
    "ENGINE_DEVICE_OWNER",
    "ENGINE_PROJECT",
    "RESOURCES",
    "Actor",
    "AddressGroup",
    "AddressPair",
    "AllocationPool",
    "Attribute",
    "BandwidthLimitRule",
    "DhcpOption",
    "Field",
    "FixedIp",
    "Host",
    "HostRoute",
    "Link",
    "Network",
    "NetworkSegmentRange",
    "PhysicalNetwork",
    "Port",
    "QosPolicy",
    "Refusal",
    "Resource",
    "Role",
    "SecurityGroup",
    "SecurityGroupRule",
    "Subnet",
    "VlanRange",
    "fields",
]
