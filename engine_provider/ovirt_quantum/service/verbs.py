"""Every resource and its three writing verbs: the whole product in one table."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..model import (
    Actor,
    AddressGroup,
    FirewallGroup,
    FirewallPolicy,
    FirewallRule,
    FloatingIp,
    Host,
    Link,
    Network,
    NetworkSegmentRange,
    PhysicalNetwork,
    PolicyRoute,
    Port,
    PortForwarding,
    QosPolicy,
    Resource,
    Router,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    TapMirror,
)
from ..model.wish import Wish
from ..store.transaction import Transaction
from . import (
    address_group,
    firewall_group,
    firewall_policy,
    firewall_rule,
    floating_ip,
    network,
    physical,
    policy_route,
    port,
    port_forwarding,
    qos,
    route_table,
    router,
    security_group,
    security_group_rule,
    segment_range,
    subnet,
    tap_mirror,
)


@dataclass(frozen=True)
class Verbs:
    """create and update return the resource as it is then; all raise errors.QuantumError."""

    create: Callable[[Transaction, Actor, Wish[Any]], Resource]
    update: Callable[[Transaction, Actor, Wish[Any]], Resource]
    delete: Callable[[Transaction, Actor, str], None]


VERBS: dict[type[Resource], Verbs] = {
    PhysicalNetwork: Verbs(
        physical.create_physical_network, physical.update_physical_network, physical.delete_physical_network
    ),
    Host: Verbs(physical.create_host, physical.update_host, physical.delete_host),
    Link: Verbs(physical.create_link, physical.update_link, physical.delete_link),
    NetworkSegmentRange: Verbs(
        segment_range.create_segment_range, segment_range.update_segment_range, segment_range.delete_segment_range
    ),
    QosPolicy: Verbs(qos.create_policy, qos.update_policy, qos.delete_policy),
    AddressGroup: Verbs(
        address_group.create_address_group, address_group.update_address_group, address_group.delete_address_group
    ),
    SecurityGroup: Verbs(security_group.create_group, security_group.update_group, security_group.delete_group),
    SecurityGroupRule: Verbs(
        security_group_rule.create_rule, security_group_rule.update_rule, security_group_rule.delete_rule
    ),
    Network: Verbs(network.create_network, network.update_network, network.delete_network),
    Subnet: Verbs(subnet.create_subnet, subnet.update_subnet, subnet.delete_subnet),
    Port: Verbs(port.create_port, port.update_port, port.delete_port),
    Router: Verbs(router.create_router, router.update_router, router.delete_router),
    FloatingIp: Verbs(floating_ip.create_floating_ip, floating_ip.update_floating_ip, floating_ip.delete_floating_ip),
    PortForwarding: Verbs(
        port_forwarding.create_forwarding, port_forwarding.update_forwarding, port_forwarding.delete_forwarding
    ),
    RouteTable: Verbs(route_table.create_route_table, route_table.update_route_table, route_table.delete_route_table),
    PolicyRoute: Verbs(
        policy_route.create_policy_route, policy_route.update_policy_route, policy_route.delete_policy_route
    ),
    TapMirror: Verbs(tap_mirror.create_tap_mirror, tap_mirror.update_tap_mirror, tap_mirror.delete_tap_mirror),
    FirewallRule: Verbs(firewall_rule.create_rule, firewall_rule.update_rule, firewall_rule.delete_rule),
    FirewallPolicy: Verbs(firewall_policy.create_policy, firewall_policy.update_policy, firewall_policy.delete_policy),
    FirewallGroup: Verbs(firewall_group.create_group, firewall_group.update_group, firewall_group.delete_group),
}
