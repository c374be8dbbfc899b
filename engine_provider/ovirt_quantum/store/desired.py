"""The state that plugins are handed: an object together with what it takes to realise it."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from msgspec import structs

from ..model import (
    ROUTER_GATEWAY,
    ROUTER_INTERFACE,
    AddressGroup,
    FirewallGroup,
    FirewallPolicy,
    FirewallRule,
    FloatingIp,
    Host,
    Network,
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
from ..plugin import (
    ADDRESS_GROUP,
    FIREWALL_GROUP,
    NETWORK,
    PORT,
    ROUTER,
    SECURITY_GROUP,
    SUBNET,
    TAP_MIRROR,
    Desired,
    DesiredAddressGroup,
    DesiredFirewallGroup,
    DesiredFloatingIp,
    DesiredNetwork,
    DesiredPort,
    DesiredRouter,
    DesiredSecurityGroup,
    DesiredSubnet,
    DesiredTapMirror,
    Ref,
    RouterPort,
)
from .transaction import Transaction

ROUTED = (ROUTER_INTERFACE, ROUTER_GATEWAY)
HANDED_WITH: Mapping[type[Resource], Callable[[Transaction, Any], Iterable[Resource]]] = {
    PhysicalNetwork: lambda tx, physical: tx.find(Network, physical_network=physical.name),
    QosPolicy: lambda tx, policy: [*tx.find(Network, qos_policy_id=policy.id), *tx.find(Port, qos_policy_id=policy.id)],
    Network: lambda tx, network: [
        *tx.find(Subnet, network_id=network.id),
        *tx.find(Port, network_id=network.id),
    ],
    TapMirror: lambda tx, mirror: tx.find(Port, id=mirror.port_id),
    Subnet: lambda tx, subnet: [port for port in tx.find(Port, network_id=subnet.network_id) if _is_on(port, subnet)],
    Port: lambda tx, port: [*_router(tx, port.device_id), *_guards(tx, port)] if port.device_owner in ROUTED else (),
    FloatingIp: lambda tx, floating_ip: _router(tx, floating_ip.router_id),
    PortForwarding: lambda tx, forwarding: _there(tx.look(FloatingIp, forwarding.floatingip_id)),
    RouteTable: lambda tx, table: _router(tx, table.router_id),
    PolicyRoute: lambda tx, policy: _router(tx, policy.router_id),
    FirewallRule: lambda tx, rule: [each for each in tx.find(FirewallPolicy) if rule.id in each.firewall_rules],
    FirewallPolicy: lambda tx, policy: [
        *tx.find(FirewallGroup, ingress_firewall_policy_id=policy.id),
        *tx.find(FirewallGroup, egress_firewall_policy_id=policy.id),
    ],
    Host: lambda tx, _: tx.find(Router),
}
"""Kind -> what is handed over together with a resource of it. Whoever adds to what `desired` reads adds here."""


def concerned(transaction: Transaction) -> Iterable[Ref]:
    """What a request's writes make due: what it wrote, and all that what it changed is handed over with."""
    found = dict.fromkeys(transaction.touched)
    for changed in transaction.changed:
        found |= dict.fromkeys(Ref(user.member, user.id) for user in _users(transaction, changed))
    return found


def _users(transaction: Transaction, changed: Resource) -> Iterator[Resource]:
    for user in HANDED_WITH.get(type(changed), _nobody)(transaction, changed):
        yield user
        yield from _users(transaction, user)


def _is_on(port: Port, subnet: Subnet) -> bool:
    return any(fixed.subnet_id == subnet.id for fixed in port.fixed_ips)


def _router(transaction: Transaction, id: str | None) -> Iterable[Resource]:
    return () if id is None else _there(transaction.look(Router, id))


def _guards(transaction: Transaction, port: Port) -> list[FirewallGroup]:
    """The firewall group that a router's port is in: one of its own project, and one at most."""
    return [one for one in transaction.find(FirewallGroup, project_id=port.project_id) if port.id in one.ports]


def _there(resource: Resource | None) -> Iterable[Resource]:
    return () if resource is None else (resource,)


def _nobody(_transaction: Transaction, _changed: Resource) -> Iterable[Resource]:
    return ()


def desired(transaction: Transaction, ref: Ref) -> Desired | None:
    """What should be, read now; None where the object must not exist."""
    return DESIRED[ref.kind](transaction, ref.id)


def _network(transaction: Transaction, id: str) -> DesiredNetwork | None:
    network = transaction.look(Network, id)
    return None if network is None else DesiredNetwork(network, _physical(transaction, network))


def _port(transaction: Transaction, id: str) -> DesiredPort | None:
    port = transaction.look(Port, id)
    if port is None:
        return None
    port = structs.replace(
        port, security_groups=[id for id in port.security_groups or [] if _is_group(transaction, id)]
    )
    network = transaction.get(Network, port.network_id)
    policy = port.qos_policy_id or network.qos_policy_id
    qos = transaction.look(QosPolicy, policy) if policy else None
    mirrors = tuple(transaction.find(TapMirror, port_id=id))
    guards = _guards(transaction, port) if port.device_owner == ROUTER_INTERFACE else []
    return DesiredPort(
        port,
        network,
        _physical(transaction, network),
        qos,
        _subnets(transaction, port),
        mirrors,
        guards[0].id if guards else None,
    )


def _is_group(transaction: Transaction, id: str) -> bool:
    """A port may name a group that there is not, kept from a time when no plugin had any: it means nothing."""
    return transaction.look(SecurityGroup, id) is not None


def _subnets(transaction: Transaction, port: Port) -> tuple[Subnet, ...]:
    ids = dict.fromkeys(fixed.subnet_id for fixed in port.fixed_ips if fixed.subnet_id is not None)
    return tuple(transaction.get(Subnet, id) for id in ids)


def _subnet(transaction: Transaction, id: str) -> DesiredSubnet | None:
    subnet = transaction.look(Subnet, id)
    return None if subnet is None else DesiredSubnet(subnet, transaction.get(Network, subnet.network_id))


def _security_group(transaction: Transaction, id: str) -> DesiredSecurityGroup | None:
    group = transaction.look(SecurityGroup, id)
    if group is None:
        return None
    return DesiredSecurityGroup(group, tuple(transaction.find(SecurityGroupRule, security_group_id=id)))


def _address_group(transaction: Transaction, id: str) -> DesiredAddressGroup | None:
    group = transaction.look(AddressGroup, id)
    return None if group is None else DesiredAddressGroup(group)


def _router_as_desired(transaction: Transaction, id: str) -> DesiredRouter | None:
    router = transaction.look(Router, id)
    if router is None:
        return None
    ports = transaction.find(Port, device_id=id)
    gateway = [_router_port(transaction, port) for port in ports if port.device_owner == ROUTER_GATEWAY]
    return DesiredRouter(
        router,
        tuple(_router_port(transaction, port) for port in ports if port.device_owner == ROUTER_INTERFACE),
        gateway[0] if gateway else None,
        tuple(_floating_ip(transaction, one) for one in transaction.find(FloatingIp, router_id=id)),
        _gateway_hosts(transaction),
        tuple(transaction.find(RouteTable, router_id=id)),
        tuple(transaction.find(PolicyRoute, router_id=id)),
    )


def _router_port(transaction: Transaction, port: Port) -> RouterPort:
    network = transaction.get(Network, port.network_id)
    return RouterPort(port, network, _physical(transaction, network), _subnets(transaction, port))


def _floating_ip(transaction: Transaction, floating_ip: FloatingIp) -> DesiredFloatingIp:
    """One that is a port's as a whole has no forwardings to look for."""
    if floating_ip.port_id is not None:
        return DesiredFloatingIp(floating_ip, transaction.look(Port, floating_ip.port_id), ())
    return DesiredFloatingIp(floating_ip, None, tuple(transaction.find(PortForwarding, floatingip_id=floating_ip.id)))


def _gateway_hosts(transaction: Transaction) -> tuple[str, ...]:
    marked = [host for host in transaction.find(Host) if host.gateway_priority]
    return tuple(host.name for host in sorted(marked, key=lambda host: (-host.gateway_priority, host.name)))


def _tap_mirror(transaction: Transaction, id: str) -> DesiredTapMirror | None:
    mirror = transaction.look(TapMirror, id)
    return None if mirror is None else DesiredTapMirror(mirror)


def _firewall_group(transaction: Transaction, id: str) -> DesiredFirewallGroup | None:
    group = transaction.look(FirewallGroup, id)
    if group is None:
        return None
    return DesiredFirewallGroup(
        group,
        tuple(_router_port(transaction, transaction.get(Port, port)) for port in group.ports),
        _rules(transaction, group, group.ingress_firewall_policy_id),
        _rules(transaction, group, group.egress_firewall_policy_id),
    )


def _rules(transaction: Transaction, group: FirewallGroup, policy_id: str | None) -> tuple[FirewallRule, ...]:
    if policy_id is None or not group.admin_state_up:
        return ()
    rules = [transaction.get(FirewallRule, id) for id in transaction.get(FirewallPolicy, policy_id).firewall_rules]
    return tuple(rule for rule in rules if rule.enabled)


def _physical(transaction: Transaction, network: Network) -> PhysicalNetwork | None:
    if network.physical_network is None:
        return None
    return next(iter(transaction.find(PhysicalNetwork, name=network.physical_network)), None)


DESIRED: Mapping[str, Callable[[Transaction, str], Desired | None]] = {
    NETWORK: _network,
    SUBNET: _subnet,
    ADDRESS_GROUP: _address_group,
    SECURITY_GROUP: _security_group,
    TAP_MIRROR: _tap_mirror,
    PORT: _port,
    ROUTER: _router_as_desired,
    FIREWALL_GROUP: _firewall_group,
}
"""The kinds that plugins may realise, those first that others refer to."""
