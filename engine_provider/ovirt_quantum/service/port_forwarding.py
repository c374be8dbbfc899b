"""Port forwardings of floating IPs."""

from msgspec import structs

from ..errors import BadInput, Conflict, NotFound
from ..model import Actor, FixedIp, FloatingIp, Port, PortForwarding, Subnet
from ..model.types import PortRange, TransportPort
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own
from .floating_ip import already_associated, internal_port, ipv4, remove_forwarding
from .reachability import find_router

SIDES = ("external", "internal")


def create_forwarding(tx: Transaction, actor: Actor, wish: Wish[PortForwarding]) -> PortForwarding:
    """Its floating IP then belongs to the router that reaches the VM."""
    check_role(actor, PortForwarding)
    floating_ip = get_own(tx, actor, FloatingIp, wish.wanted.floatingip_id)
    wanted = structs.replace(wish.wanted, project_id=floating_ip.project_id)
    if floating_ip.port_id is not None:
        raise already_associated(floating_ip, wanted.internal_port_id, wanted.internal_ip_address)
    return tx.add(_placed(tx, actor, floating_ip, _with_ports(wanted, wish)))


def update_forwarding(tx: Transaction, actor: Actor, wish: Wish[PortForwarding]) -> PortForwarding:
    old = get_own(tx, actor, PortForwarding, wish.wanted.id)
    wanted = wish.wanted
    if wanted.internal_port_id != old.internal_port_id and "internal_ip_address" not in wish.given:
        wanted = structs.replace(wanted, internal_ip_address=None)
    floating_ip = tx.get(FloatingIp, old.floatingip_id)
    return tx.change(_placed(tx, actor, floating_ip, _with_ports(wanted, wish)))


def delete_forwarding(tx: Transaction, actor: Actor, id: str) -> None:
    remove_forwarding(tx, get_own(tx, actor, PortForwarding, id))


def _with_ports(wanted: PortForwarding, wish: Wish[PortForwarding]) -> PortForwarding:
    """Single ports and ranges say the same. Raises BadInput where they are missing or do not match."""
    for side in SIDES:
        port, ports = f"{side}_port", f"{side}_port_range"
        given = {port, ports} & {name for name in wish.given if getattr(wanted, name) is not None}
        if given == {port, ports} or (not given and getattr(wanted, ports) is None):
            raise _refused(f"Either {port} or {ports} must be specified, and not both")
        if port in given:
            wanted = structs.replace(wanted, **{ports: PortRange.parse(str(getattr(wanted, port)))})
        wanted = structs.replace(wanted, **{port: _single(getattr(wanted, ports))})
    if _count(wanted.external_port_range) != _count(wanted.internal_port_range):
        raise _refused(
            f"external_port_range {wanted.external_port_range} and internal_port_range {wanted.internal_port_range} "
            "must have the same size"
        )
    return wanted


def _placed(tx: Transaction, actor: Actor, floating_ip: FloatingIp, wanted: PortForwarding) -> PortForwarding:
    port = internal_port(tx, actor, floating_ip, wanted.internal_port_id)
    fixed = _internal_address(port, wanted)
    wanted = structs.replace(wanted, internal_ip_address=fixed.ip_address)
    _check_port_free(tx, floating_ip, wanted)
    _check_unique(tx, wanted)
    _join_router(tx, floating_ip, wanted, fixed, port)
    return wanted


def _internal_address(port: Port, wanted: PortForwarding) -> FixedIp:
    found = ipv4(port)
    if not found:
        raise _refused(f"Requested internal port {port.id} must allocate an IPv4 address at least")
    if wanted.internal_ip_address is None:
        return found[0]
    for fixed in found:
        if fixed.ip_address == wanted.internal_ip_address:
            return fixed
    raise _refused(
        f"Requested internal IP address {wanted.internal_ip_address} is not suitable for internal neutron port "
        f"{port.id}, as its fixed_ips are {', '.join(fixed.ip_address or '' for fixed in found)}"
    )


def _check_port_free(tx: Transaction, floating_ip: FloatingIp, wanted: PortForwarding) -> None:
    """A VM's address that is translated whole is not forwarded to as well."""
    for other in tx.find(FloatingIp, port_id=wanted.internal_port_id):
        if other.fixed_ip_address == wanted.internal_ip_address:
            raise Conflict(
                "PortHasBindingFloatingIP",
                f"Cannot create port forwarding to floating IP {floating_ip.floating_ip_address} ({floating_ip.id}) "
                f"with port {wanted.internal_port_id} using fixed IP {wanted.internal_ip_address}, as that port "
                "already has a binding floating IP.",
            )


def _check_unique(tx: Transaction, wanted: PortForwarding) -> None:
    outside = tx.find(PortForwarding, floatingip_id=wanted.floatingip_id, protocol=wanted.protocol)
    inside = tx.find(PortForwarding, internal_port_id=wanted.internal_port_id, protocol=wanted.protocol)
    for other in outside:
        if other.id != wanted.id and _overlap(other.external_port_range, wanted.external_port_range):
            raise _duplicate(other, f"external_port_range {other.external_port_range}")
    for other in inside:
        same_address = other.internal_ip_address == wanted.internal_ip_address
        if other.id != wanted.id and same_address and _overlap(other.internal_port_range, wanted.internal_port_range):
            raise _duplicate(other, f"internal_port_range {other.internal_port_range} of {other.internal_ip_address}")


def _join_router(tx: Transaction, floating_ip: FloatingIp, wanted: PortForwarding, fixed: FixedIp, port: Port) -> None:
    subnet = tx.get(Subnet, fixed.subnet_id or "")
    try:
        router = find_router(tx, subnet, floating_ip.floating_network_id, port)
    except NotFound:
        raise _refused(
            f"External network {floating_ip.floating_network_id} is not reachable from subnet {subnet.id}. Cannot set "
            f"Port forwarding for port {wanted.internal_port_id} with Floating IP {floating_ip.id}"
        ) from None
    if floating_ip.router_id is None:
        tx.change(structs.replace(floating_ip, router_id=router.id, status="ACTIVE"))
    elif floating_ip.router_id != router.id:
        raise _refused(
            f"The Floating IP {floating_ip.id} had been set on router {floating_ip.router_id}, the internal Neutron "
            f"port {wanted.internal_port_id} can not reach it"
        )


def _single(ports: PortRange) -> TransportPort | None:
    first, last = ports.ends
    return first if first == last else None


def _count(ports: PortRange | None) -> int:
    first, last = (0, -1) if ports is None else ports.ends
    return last - first + 1


def _overlap(one: PortRange | None, other: PortRange | None) -> bool:
    if one is None or other is None:
        return False
    return one.ends[0] <= other.ends[1] and other.ends[0] <= one.ends[1]


def _duplicate(other: PortForwarding, what: str) -> BadInput:
    return _refused(
        "A duplicate port forwarding entry with same attributes already exists, conflicting values are "
        f"{other.protocol} {what} ({other.id})"
    )


def _refused(reason: str) -> BadInput:
    return BadInput("BadRequest", f"Bad port_forwarding request: {reason}.")
