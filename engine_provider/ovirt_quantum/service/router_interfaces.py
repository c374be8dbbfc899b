"""A router's interfaces: its ports on the networks that it joins."""

from msgspec import Struct, structs

from .. import addressing
from ..errors import BadInput, Conflict, NotFound
from ..model import ROUTER_INTERFACE, Actor, FixedIp, FloatingIp, Network, Port, PortForwarding, Router, Subnet
from ..model.types import Uuid
from ..store.transaction import Transaction
from . import addresses, port_security
from .access import get_own, get_visible
from .firewall_group import leave_group
from .infrastructure import new_port, on_subnet, ports_of, remove_port, subnet_ids
from .route_table import check_in_no_table, join_table
from .router_routes import check_unneeded
from .router_subnets import check_apart, refuse_router


class Interface(Struct, frozen=True, forbid_unknown_fields=True):
    """Which interface a client means: that on a subnet, or a port."""

    subnet_id: Uuid | None = None
    port_id: Uuid | None = None


class Attachment(Struct, frozen=True):
    """What became of it: Neutron's answer."""

    id: Uuid
    """The router's."""
    project_id: str
    tenant_id: str
    port_id: Uuid
    network_id: Uuid
    subnet_id: Uuid
    subnet_ids: list[Uuid]


def add_interface(tx: Transaction, actor: Actor, id: str, asked: Interface) -> Attachment:
    """On a subnet, under its gateway's address; or a port, under the port's. Raises BadInput, Conflict, NotFound."""
    router = get_own(tx, actor, Router, id)
    _check_asked(asked)
    if asked.subnet_id is not None and asked.port_id is not None:
        raise refuse_router("Cannot specify both subnet-id and port-id")
    if asked.port_id is not None:
        port = _attach_port(tx, actor, router, asked.port_id)
        return _attachment(router, port, subnet_ids([port]))
    subnet = get_visible(tx, actor, Subnet, asked.subnet_id or "")
    return _attachment(router, _attach_subnet(tx, actor, router, subnet), [subnet.id])


def remove_interface(tx: Transaction, actor: Actor, id: str, asked: Interface) -> Attachment:
    """Refused while routes or floating IPs need it."""
    router = get_own(tx, actor, Router, id)
    _check_asked(asked)
    if asked.port_id is not None:
        port, lost = _by_port(tx, router, asked.port_id, asked.subnet_id)
    else:
        subnet = get_visible(tx, actor, Subnet, asked.subnet_id or "")
        port, lost = _by_subnet(tx, router, subnet), [subnet.id]
    for subnet_id in lost:
        _check_unneeded(tx, router, tx.get(Subnet, subnet_id))
    kept = [fixed for fixed in port.fixed_ips if fixed.subnet_id not in lost]
    if kept:
        tx.change(structs.replace(port, fixed_ips=addresses.change(tx, port, kept)))
    else:
        leave_group(tx, port)
        remove_port(tx, port)
    return _attachment(router, port, lost)


def _check_asked(asked: Interface) -> None:
    if asked == Interface():
        raise refuse_router("Either subnet_id or port_id must be specified")


def _attach_subnet(tx: Transaction, actor: Actor, router: Router, subnet: Subnet) -> Port:
    network = tx.get(Network, subnet.network_id)
    if not actor.sees_all_projects and actor.project_id not in (subnet.project_id, network.project_id):
        raise refuse_router(
            f"Cannot add interface to router because subnet {subnet.id} is not owned by project making the request"
        )
    if subnet.gateway_ip is None:
        raise refuse_router("Subnet for router interface must have a gateway IP")
    if subnet.ipv6_address_mode is not None and subnet.ipv6_ra_mode is None:
        raise refuse_router(
            f"IPv6 subnet {subnet.id} configured to receive RAs from an external router cannot be added to Neutron "
            "Router"
        )
    check_apart(tx, router, [subnet])
    address = FixedIp(subnet.id, subnet.gateway_ip)
    joined = _ipv6_port(tx, router, network) if subnet.ip_version == 6 else None
    if joined is not None:
        join_table(tx, joined, subnet.id)
        more = addresses.change(tx, joined, [*joined.fixed_ips, address])
        return tx.change(structs.replace(joined, fixed_ips=more))
    port = new_port(tx, network.id, ROUTER_INTERFACE, router.id, router.project_id)
    return tx.add(structs.replace(port, fixed_ips=addresses.give(tx, port, [address])))


def _ipv6_port(tx: Transaction, router: Router, network: Network) -> Port | None:
    """All IPv6 subnets of a network are on one port: a router announces them together."""
    for port in ports_of(tx, router.id, ROUTER_INTERFACE):
        if port.network_id == network.id and _has_ipv6(port):
            return port
    return None


def _attach_port(tx: Transaction, actor: Actor, router: Router, port_id: Uuid) -> Port:
    port = get_own(tx, actor, Port, port_id)
    if port.device_id:
        raise Conflict(
            "PortInUse",
            f"Unable to complete operation on port {port.id} for network {port.network_id}. Port already has an "
            f"attached device {port.device_id}.",
        )
    subnets = [tx.get(Subnet, id) for id in subnet_ids([port])]
    if not subnets:
        raise refuse_router("Router port must have at least one fixed IP")
    if len([subnet for subnet in subnets if subnet.ip_version == 4]) > 1:
        raise refuse_router("Cannot have multiple IPv4 subnets on router port")
    other = _ipv6_port(tx, router, tx.get(Network, port.network_id)) if _has_ipv6(port) else None
    if other is not None:
        raise refuse_router(
            "Cannot have multiple router ports with the same network id if both contain IPv6 subnets. Existing port "
            f"{other.id} has IPv6 subnet(s) and network id {other.network_id}"
        )
    check_apart(tx, router, subnets)
    if tx.any(FloatingIp, port_id=port.id) or tx.any(PortForwarding, internal_port_id=port.id):
        raise Conflict("PortInUse", f"Port {port.id} has a floating IP: a router's port can't have one.")
    taken = structs.replace(port, device_id=router.id, device_owner=ROUTER_INTERFACE)
    taken = port_security.guard(tx, actor, taken, frozenset())
    port_security.note_changed_groups(tx, taken, port)
    return tx.change(taken)


def _by_port(tx: Transaction, router: Router, port_id: Uuid, subnet_id: Uuid | None) -> tuple[Port, list[Uuid]]:
    for port in ports_of(tx, router.id, ROUTER_INTERFACE):
        if port.id == port_id:
            if subnet_id is not None and on_subnet(port, subnet_id) is None:
                raise BadInput(
                    "SubnetMismatchForPort",
                    f"Subnet on port {port_id} does not match the requested subnet {subnet_id}.",
                )
            return port, subnet_ids([port])
    raise NotFound("RouterInterfaceNotFound", f"Router {router.id} does not have an interface with id {port_id}")


def _by_subnet(tx: Transaction, router: Router, subnet: Subnet) -> Port:
    for port in ports_of(tx, router.id, ROUTER_INTERFACE):
        if on_subnet(port, subnet.id) is not None:
            return port
    raise NotFound("RouterInterfaceNotFoundForSubnet", f"Router {router.id} has no interface on subnet {subnet.id}")


def _check_unneeded(tx: Transaction, router: Router, subnet: Subnet) -> None:
    check_unneeded(tx, router, subnet)
    check_in_no_table(tx, router, subnet.id)
    served = tx.find(FloatingIp, router_id=router.id)
    inside = [fip.fixed_ip_address for fip in served]
    inside += [pf.internal_ip_address for fip in served for pf in tx.find(PortForwarding, floatingip_id=fip.id)]
    if any(ip is not None and addressing.contains(subnet.cidr, ip) for ip in inside):
        raise Conflict(
            "RouterInterfaceInUseByFloatingIP",
            f"Router interface for subnet {subnet.id} on router {router.id} cannot be deleted, as it is required by "
            "one or more floating IPs.",
        )


def _has_ipv6(port: Port) -> bool:
    return any(":" in (fixed.ip_address or "") for fixed in port.fixed_ips)


def _attachment(router: Router, port: Port, subnets: list[Uuid]) -> Attachment:
    project = port.project_id
    return Attachment(router.id, project, project, port.id, port.network_id, subnets[-1], subnets)
