"""Floating IPs: an address on the external network, and the VM's address that it stands for."""

from collections.abc import Set

from msgspec import structs

from ..errors import BadInput, Conflict
from ..model import (
    FLOATING_IP_OWNER,
    Actor,
    FixedIp,
    FloatingIp,
    Network,
    Port,
    PortDetails,
    PortForwarding,
    Router,
    Subnet,
)
from ..model.wish import Wish
from ..store.transaction import Transaction
from . import addresses
from .access import check_role, get_own, get_visible, project_for
from .infrastructure import OWNERS, new_port, remove_port
from .reachability import find_router


def create_floating_ip(tx: Transaction, actor: Actor, wish: Wish[FloatingIp]) -> FloatingIp:
    """An address of the external network: that asked for, or a free one."""
    check_role(actor, FloatingIp)
    wanted = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    _check_network(tx, wanted)
    port = new_port(tx, wanted.floating_network_id, FLOATING_IP_OWNER, wanted.id)
    port = tx.add(structs.replace(port, fixed_ips=_addresses(tx, port, wanted)))
    (held,) = port.fixed_ips
    placed = structs.replace(wanted, floating_ip_address=held.ip_address, subnet_id=held.subnet_id)
    return tx.add(_associated(tx, actor, placed))


def update_floating_ip(tx: Transaction, actor: Actor, wish: Wish[FloatingIp]) -> FloatingIp:
    """Given to another port, taken back (port_id null), or only described anew."""
    old, wanted = get_own(tx, actor, FloatingIp, wish.wanted.id), wish.wanted
    if not wish.given & {"port_id", "fixed_ip_address"}:
        return tx.change(wanted)
    new = _associated(tx, actor, _as_meant(wanted, wish.given))
    if old.router_id != new.router_id:
        _tell_router(tx, old)
    return tx.change(new)


def delete_floating_ip(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while it has port forwardings."""
    floating_ip = get_own(tx, actor, FloatingIp, id)
    _check_not_forwarded(tx, floating_ip)
    drop(tx, floating_ip)


def drop(tx: Transaction, floating_ip: FloatingIp) -> None:
    """With its address."""
    tx.remove(floating_ip)
    for port in tx.find(Port, device_id=floating_ip.id):
        remove_port(tx, port)


def release(tx: Transaction, port: Port) -> None:
    """Takes all floating IPs back from a port that goes."""
    for floating_ip in tx.find(FloatingIp, port_id=port.id):
        _leave_router(tx, structs.replace(floating_ip, port_id=None, fixed_ip_address=None))
    for forwarding in tx.find(PortForwarding, internal_port_id=port.id):
        remove_forwarding(tx, forwarding)


def follow_addresses(tx: Transaction, port: Port) -> None:
    """Routers hear of the port's new addresses; port forwardings to those that it has no more go.

    Raises BadInput while a floating IP needs one. A port is told to its routers here and not by what it is handed
    over with (`store/desired.py`), or each change of a network would look for the floating IPs of all its ports.
    """
    held = {fixed.ip_address for fixed in port.fixed_ips}
    for floating_ip in tx.find(FloatingIp, port_id=port.id):
        if floating_ip.fixed_ip_address not in held:
            raise BadInput(
                "BadRequest",
                f"Bad port request: Cannot update the fixed_ips of the port {port.id}, because its original fixed_ips "
                f"are associated to floating ip {floating_ip.id}.",
            )
        _tell_router(tx, floating_ip)
    for forwarding in tx.find(PortForwarding, internal_port_id=port.id):
        if forwarding.internal_ip_address in held:
            _tell_router(tx, tx.get(FloatingIp, forwarding.floatingip_id))
        else:
            remove_forwarding(tx, forwarding)


def remove_forwarding(tx: Transaction, forwarding: PortForwarding) -> None:
    """With the last one its floating IP leaves the router."""
    tx.remove(forwarding)
    floating_ip = tx.get(FloatingIp, forwarding.floatingip_id)
    if not tx.any(PortForwarding, floatingip_id=floating_ip.id):
        _leave_router(tx, floating_ip)


def with_details(tx: Transaction, floating_ip: FloatingIp) -> FloatingIp:
    """Filled in with what stands elsewhere."""
    port = None if floating_ip.port_id is None else tx.look(Port, floating_ip.port_id)
    return structs.replace(
        floating_ip,
        port_details=None if port is None else details(port),
        port_forwardings=tx.find(PortForwarding, floatingip_id=floating_ip.id),
    )


def details(port: Port) -> PortDetails:
    return PortDetails(**{name: getattr(port, name) for name in PortDetails.__struct_fields__})


def _tell_router(tx: Transaction, floating_ip: FloatingIp) -> None:
    if floating_ip.router_id is not None:
        tx.touch(tx.get(Router, floating_ip.router_id))


def _leave_router(tx: Transaction, floating_ip: FloatingIp) -> None:
    _tell_router(tx, floating_ip)
    tx.change(structs.replace(floating_ip, router_id=None, status="DOWN"))


def _check_network(tx: Transaction, wanted: FloatingIp) -> None:
    network = tx.look(Network, wanted.floating_network_id)
    if network is None or not network.external:
        raise _refused(f"Network {wanted.floating_network_id} is not a valid external network")
    subnets = [one for one in tx.find(Subnet, network_id=network.id) if one.ip_version == 4]
    if not subnets:
        raise _refused(f"Network {network.id} does not contain any IPv4 subnet")
    if wanted.subnet_id is not None and wanted.subnet_id not in {subnet.id for subnet in subnets}:
        raise BadInput(
            "InvalidInput",
            f"Invalid input for subnet_id: {wanted.subnet_id} is no IPv4 subnet of network {network.id}.",
        )
    if ":" in (wanted.floating_ip_address or ""):
        raise BadInput("InvalidInput", f"Invalid input for floating_ip_address: {wanted.floating_ip_address} is IPv6.")


def _addresses(tx: Transaction, port: Port, wanted: FloatingIp) -> list[FixedIp]:
    if wanted.floating_ip_address is None and wanted.subnet_id is None:
        return addresses.give_ipv4(tx, port)
    return addresses.give(tx, port, [FixedIp(wanted.subnet_id, wanted.floating_ip_address)])


def _as_meant(wanted: FloatingIp, given: Set[str]) -> FloatingIp:
    """A port without an address is a port with its only one, whatever the address was before."""
    return wanted if "fixed_ip_address" in given else structs.replace(wanted, fixed_ip_address=None)


def _associated(tx: Transaction, actor: Actor, wanted: FloatingIp) -> FloatingIp:
    """Raises BadInput, Conflict, NotFound, with Neutron's error types."""
    if wanted.port_id is None:
        if wanted.fixed_ip_address is not None:
            raise _refused("fixed_ip_address cannot be specified without a port_id")
        forwarded = tx.any(PortForwarding, floatingip_id=wanted.id)
        return wanted if forwarded else structs.replace(wanted, router_id=None, status="DOWN")
    _check_not_forwarded(tx, wanted)
    port = internal_port(tx, actor, wanted, wanted.port_id)
    fixed = _fixed_ip(port, wanted)
    wanted = structs.replace(wanted, fixed_ip_address=fixed.ip_address, status="ACTIVE")
    _check_only_one(tx, wanted)
    subnet = tx.get(Subnet, fixed.subnet_id or "")
    return structs.replace(wanted, router_id=find_router(tx, subnet, wanted.floating_network_id, port).id)


def internal_port(tx: Transaction, actor: Actor, floating_ip: FloatingIp, id: str) -> Port:
    """The VM's port. Raises BadInput for one of another project or of no VM."""
    port = get_visible(tx, actor, Port, id)
    if port.project_id != floating_ip.project_id and not actor.sees_all_projects:
        raise _refused(
            f"Cannot process floating IP association with Port {id}, since that port is owned by a different tenant"
        )
    if port.device_owner in OWNERS:
        raise _refused(f"Cannot add floating IP to port {id}: it is no VM's but has owner {port.device_owner}")
    return port


def _fixed_ip(port: Port, wanted: FloatingIp) -> FixedIp:
    asked = wanted.fixed_ip_address
    if asked is not None and ":" in asked:
        raise _refused(f"Cannot process floating IP association with {asked}, since that is not an IPv4 address")
    found = ipv4(port) if asked is None else [fixed for fixed in port.fixed_ips if fixed.ip_address == asked]
    if asked is not None and not found:
        raise _refused(f"Port {port.id} does not have fixed ip {asked}")
    if not found:
        raise _refused(f"Cannot add floating IP to port {port.id} that has no fixed IPv4 addresses")
    if len(found) > 1:
        raise _refused(
            f"Port {port.id} has multiple fixed IPv4 addresses. Must provide a specific IPv4 address when assigning "
            "a floating IP"
        )
    return found[0]


def ipv4(port: Port) -> list[FixedIp]:
    """The port's IPv4 addresses."""
    return [fixed for fixed in port.fixed_ips if fixed.ip_address is not None and ":" not in fixed.ip_address]


def _check_only_one(tx: Transaction, wanted: FloatingIp) -> None:
    for other in tx.find(FloatingIp, port_id=wanted.port_id or ""):
        same = (other.fixed_ip_address, other.floating_network_id)
        if other.id != wanted.id and same == (wanted.fixed_ip_address, wanted.floating_network_id):
            raise already_associated(wanted, wanted.port_id or "", wanted.fixed_ip_address)


def already_associated(floating_ip: FloatingIp, port_id: str, fixed_ip: str | None) -> Conflict:
    return Conflict(
        "FloatingIPPortAlreadyAssociated",
        f"Cannot associate floating IP {floating_ip.floating_ip_address} ({floating_ip.id}) with port {port_id} using "
        f"fixed IP {fixed_ip}, as that fixed IP already has a floating IP on external network "
        f"{floating_ip.floating_network_id}.",
    )


def _check_not_forwarded(tx: Transaction, floating_ip: FloatingIp) -> None:
    if tx.any(PortForwarding, floatingip_id=floating_ip.id):
        raise Conflict("FipInUseByPortForwarding", f"Floating IP {floating_ip.id} in use by Port Forwarding resources.")


def _refused(reason: str) -> BadInput:
    return BadInput("BadRequest", f"Bad floatingip request: {reason}.")
