"""Routers. What hangs on one: router_gateway.py, router_interfaces.py, router_routes.py."""

from collections.abc import Sequence

from msgspec import structs

from ..errors import Conflict
from ..model import ROUTER_INTERFACE, Actor, HostRoute, PolicyRoute, Router, RouteTable
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for
from .infrastructure import ports_of
from .router_gateway import remove_gateway, set_gateway
from .router_routes import check_routes


def create_router(tx: Transaction, actor: Actor, wish: Wish[Router]) -> Router:
    check_role(actor, Router)
    router = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    router = set_gateway(tx, actor, router, None)
    check_routes(tx, router, router.routes)
    return tx.add(router)


def update_router(tx: Transaction, actor: Actor, wish: Wish[Router]) -> Router:
    old, router = get_own(tx, actor, Router, wish.wanted.id), wish.wanted
    if "external_gateway_info" in wish.given:
        router = set_gateway(tx, actor, router, old.external_gateway_info)
    if "routes" in wish.given:
        check_routes(tx, router, router.routes)
    return tx.change(router)


def delete_router(tx: Transaction, actor: Actor, id: str) -> None:
    """With its gateway, tables and policies. Refused while it has interfaces."""
    router = get_own(tx, actor, Router, id)
    interfaces = ports_of(tx, router.id, ROUTER_INTERFACE)
    if interfaces:
        attached = ",".join(port.id for port in interfaces)
        raise Conflict("RouterInUse", f"Router {id} has ports still attached: {attached}")
    for part in (*tx.find(RouteTable, router_id=router.id), *tx.find(PolicyRoute, router_id=router.id)):
        tx.remove(part)
    remove_gateway(tx, router)
    tx.remove(router)


def add_routes(tx: Transaction, actor: Actor, id: str, routes: Sequence[HostRoute]) -> Router:
    """Those that are there already stay."""
    router = get_own(tx, actor, Router, id)
    return _with_routes(tx, router, list(dict.fromkeys([*router.routes, *routes])))


def remove_routes(tx: Transaction, actor: Actor, id: str, routes: Sequence[HostRoute]) -> Router:
    """Those that are not there are not missed."""
    router = get_own(tx, actor, Router, id)
    return _with_routes(tx, router, [route for route in router.routes if route not in routes])


def _with_routes(tx: Transaction, router: Router, routes: list[HostRoute]) -> Router:
    check_routes(tx, router, routes)
    return tx.change(structs.replace(router, routes=routes))
