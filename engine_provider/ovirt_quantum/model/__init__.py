"""The resources: what the API speaks of, the service decides on, the store keeps and plugins realise."""

from .access import ENGINE_PROJECT, Actor, Role
from .address_group import AddressGroup
from .firewall import FirewallGroup, FirewallPolicy, FirewallRule
from .floating_ip import FLOATING_IP_OWNER, FloatingIp, PortDetails, PortForwarding
from .network import Network
from .physical import Host, Link, PhysicalNetwork, VlanRange
from .port import ENGINE_DEVICE_OWNER, AddressPair, DhcpOption, DnsAssignment, FixedIp, Port
from .qos import (
    QOS_RULES,
    AnyQosRule,
    BandwidthLimitRule,
    DscpMarkingRule,
    MinimumBandwidthRule,
    QosPolicy,
    QosRule,
    rule_type,
)
from .resource import Attribute, Field, Refusal, Resource, fields
from .route_table import PolicyRoute, RouteTable
from .router import ROUTER_GATEWAY, ROUTER_INTERFACE, ExternalGateway, Router
from .security_group import SecurityGroup, SecurityGroupRule
from .segment_range import NetworkSegmentRange
from .subnet import AllocationPool, HostRoute, Subnet
from .tap_mirror import Directions, TapMirror

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
    Router,
    FloatingIp,
    PortForwarding,
    RouteTable,
    PolicyRoute,
    TapMirror,
    FirewallRule,
    FirewallPolicy,
    FirewallGroup,
)
"""In the order in which they refer to each other: the database's tables are made in it."""

__all__ = [
    "ENGINE_DEVICE_OWNER",
    "ENGINE_PROJECT",
    "FLOATING_IP_OWNER",
    "QOS_RULES",
    "RESOURCES",
    "ROUTER_GATEWAY",
    "ROUTER_INTERFACE",
    "Actor",
    "AddressGroup",
    "AddressPair",
    "AllocationPool",
    "AnyQosRule",
    "Attribute",
    "BandwidthLimitRule",
    "DhcpOption",
    "Directions",
    "DnsAssignment",
    "DscpMarkingRule",
    "ExternalGateway",
    "Field",
    "FirewallGroup",
    "FirewallPolicy",
    "FirewallRule",
    "FixedIp",
    "FloatingIp",
    "Host",
    "HostRoute",
    "Link",
    "MinimumBandwidthRule",
    "Network",
    "NetworkSegmentRange",
    "PhysicalNetwork",
    "PolicyRoute",
    "Port",
    "PortDetails",
    "PortForwarding",
    "QosPolicy",
    "QosRule",
    "Refusal",
    "Resource",
    "Role",
    "RouteTable",
    "Router",
    "SecurityGroup",
    "SecurityGroupRule",
    "Subnet",
    "TapMirror",
    "VlanRange",
    "fields",
    "rule_type",
]
