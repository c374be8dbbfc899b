"""Route tables besides a router's own."""

from msgspec import structs

from ..errors import BadInput, Conflict
from ..model import ROUTER_INTERFACE, Actor, Port, Router, RouteTable
from ..model.types import Uuid
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for
from .infrastructure import ports_of, subnet_ids
from .router_routes import check_routes


def create_route_table(tx: Transaction, actor: Actor, wish: Wish[RouteTable]) -> RouteTable:
    """It belongs to its router's project, whoever makes it."""
    check_role(actor, RouteTable)
    router = get_own(tx, actor, Router, wish.wanted.router_id)
    project_for(actor, wish.wanted.project_id)
    table = structs.replace(wish.wanted, project_id=router.project_id)
    _check(tx, router, table)
    return tx.add(table)


def update_route_table(tx: Transaction, actor: Actor, wish: Wish[RouteTable]) -> RouteTable:
    old = get_own(tx, actor, RouteTable, wish.wanted.id)
    _check(tx, tx.get(Router, old.router_id), wish.wanted)
    return tx.change(wish.wanted)


def delete_route_table(tx: Transaction, actor: Actor, id: str) -> None:
    """Its subnets use the router's own routes then."""
    tx.remove(get_own(tx, actor, RouteTable, id))


def join_table(tx: Transaction, port: Port, subnet_id: Uuid) -> None:
    """A subnet that comes to a router's port uses the table of those that are on it."""
    here = set(subnet_ids([port]))
    for table in tx.find(RouteTable, router_id=port.device_id):
        if here & set(table.subnets):
            tx.change(structs.replace(table, subnets=[*table.subnets, subnet_id]))


def check_in_no_table(tx: Transaction, router: Router, subnet_id: Uuid) -> None:
    """Raises Conflict for a subnet whose table the router still has."""
    for table in tx.find(RouteTable, router_id=router.id):
        if subnet_id in table.subnets:
            raise Conflict(
                "RouterInterfaceInUseByRouteTable",
                f"Router interface for subnet {subnet_id} on router {router.id} cannot be deleted, as the subnet uses "
                f"route table {table.id}.",
            )


def _check(tx: Transaction, router: Router, table: RouteTable) -> None:
    check_routes(tx, router, table.routes)
    if len(set(table.subnets)) < len(table.subnets):
        raise BadInput("InvalidInput", "Invalid input for subnets: a subnet occurs twice.")
    interfaces = ports_of(tx, router.id, ROUTER_INTERFACE)
    for subnet_id in table.subnets:
        if subnet_id not in subnet_ids(interfaces):
            raise BadInput(
                "InvalidInput", f"Invalid input for subnets: router {router.id} has no interface on {subnet_id}."
            )
    for port in interfaces:
        together, named = set(subnet_ids([port])), set(table.subnets)
        if together & named and together - named:
            raise BadInput(
                "InvalidInput",
                f"Invalid input for subnets: {', '.join(sorted(together))} are on one port and use one table.",
            )
    for other in tx.find(RouteTable, router_id=router.id):
        twice = set(other.subnets) & set(table.subnets)
        if other.id != table.id and twice:
            raise Conflict("RouteTableSubnetInUse", f"Subnet {min(twice)} uses route table {other.id} already.")
