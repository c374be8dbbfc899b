"""A router's way to the outside: its port on an external network."""

from collections.abc import Sequence

from msgspec import structs

from ..errors import BadInput, Conflict, Forbidden
from ..model import ROUTER_GATEWAY, Actor, ExternalGateway, FixedIp, FloatingIp, Network, Port, Role, Router, Subnet
from ..store.transaction import Transaction
from . import addresses, router_routes
from .access import get_visible
from .infrastructure import new_port, ports_of, remove_port, subnet_ids
from .router_subnets import check_apart, refuse_router


def set_gateway(tx: Transaction, actor: Actor, router: Router, old: ExternalGateway | None) -> Router:
    """The router with the gateway that it asks for, made; in its place `old` was.

    Raises BadInput, Conflict, Forbidden, NotFound, with Neutron's error types.
    """
    wanted = _named(router.external_gateway_info)
    if wanted is None:
        _detach(tx, router)
        return structs.replace(router, external_gateway_info=None)
    _check_rights(actor, wanted, old)
    if old is not None and old.network_id == wanted.network_id:
        (port,) = ports_of(tx, router.id, ROUTER_GATEWAY)
        port = _readdress(tx, router, port, wanted) if wanted.external_fixed_ips else port
    else:
        _detach(tx, router)
        port = _attach(tx, actor, router, wanted)
    return structs.replace(router, external_gateway_info=structs.replace(wanted, external_fixed_ips=port.fixed_ips))


def remove_gateway(tx: Transaction, router: Router) -> None:
    """With the router itself. Raises Conflict while floating IPs need it."""
    for port in ports_of(tx, router.id, ROUTER_GATEWAY):
        if tx.any(FloatingIp, router_id=router.id):
            raise Conflict(
                "RouterExternalGatewayInUseByFloatingIp",
                f"Gateway cannot be updated for router {router.id}, since a gateway to external network "
                f"{port.network_id} is required by one or more floating IPs.",
            )
        remove_port(tx, port)


def _named(gateway: ExternalGateway | None) -> ExternalGateway | None:
    if gateway is None or gateway == ExternalGateway():
        return None
    if gateway.network_id is None:
        raise BadInput("HTTPBadRequest", "Invalid input for external_gateway_info. Reason: it takes a network_id.")
    return gateway


def _check_rights(actor: Actor, wanted: ExternalGateway, old: ExternalGateway | None) -> None:
    """A tenant may give back what it was shown, and leave out what it was not asked."""
    known = old or ExternalGateway()
    for name in ("enable_snat", "external_fixed_ips"):
        allowed = (getattr(ExternalGateway(), name), getattr(known, name))
        if actor.role < Role.MANAGER and getattr(wanted, name) not in allowed:
            raise Forbidden(
                "PolicyNotAuthorized", f"Attribute external_gateway_info:{name} may be set only by role manager."
            )


def _attach(tx: Transaction, actor: Actor, router: Router, wanted: ExternalGateway) -> Port:
    network = get_visible(tx, actor, Network, wanted.network_id or "")
    if not network.external:
        raise refuse_router(f"Network {network.id} is not an external network")
    port = new_port(tx, network.id, ROUTER_GATEWAY, router.id)
    asked = wanted.external_fixed_ips
    _check_not_gateway(tx, network.id, asked)
    fixed_ips = addresses.give(tx, port, asked) if asked else addresses.give_any(tx, port)
    port = structs.replace(port, fixed_ips=fixed_ips)
    check_apart(tx, router, [tx.get(Subnet, id) for id in subnet_ids([port])])
    return tx.add(port)


def _readdress(tx: Transaction, router: Router, port: Port, wanted: ExternalGateway) -> Port:
    _check_not_gateway(tx, port.network_id, wanted.external_fixed_ips)
    held = {fixed.subnet_id: fixed for fixed in port.fixed_ips}
    asked = [held.get(one.subnet_id, one) if one.ip_address is None else one for one in wanted.external_fixed_ips]
    if asked == port.fixed_ips:
        return port
    moved = structs.replace(port, fixed_ips=addresses.change(tx, port, asked))
    check_apart(tx, router, [tx.get(Subnet, id) for id in subnet_ids([moved]) if id not in held])
    return tx.change(moved)


def _detach(tx: Transaction, router: Router) -> None:
    lost = subnet_ids(ports_of(tx, router.id, ROUTER_GATEWAY))
    for id in lost:
        router_routes.check_unneeded(tx, router, tx.get(Subnet, id))
    remove_gateway(tx, router)


def _check_not_gateway(tx: Transaction, network_id: str, asked: Sequence[FixedIp]) -> None:
    """The address of the next router upstream is not this one's."""
    taken = {subnet.gateway_ip for subnet in tx.find(Subnet, network_id=network_id) if subnet.gateway_ip}
    for fixed in asked:
        if fixed.ip_address in taken:
            raise refuse_router(f"External IP {fixed.ip_address} is the same as the gateway IP")
