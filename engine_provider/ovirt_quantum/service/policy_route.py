"""Policy routes: a way by source."""

from msgspec import structs

from ..errors import BadInput, Conflict
from ..model import Actor, PolicyRoute, Router
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for
from .router_routes import check_next_hops


def create_policy_route(tx: Transaction, actor: Actor, wish: Wish[PolicyRoute]) -> PolicyRoute:
    """It belongs to its router's project, whoever makes it."""
    check_role(actor, PolicyRoute)
    router = get_own(tx, actor, Router, wish.wanted.router_id)
    project_for(actor, wish.wanted.project_id)
    policy = structs.replace(wish.wanted, project_id=router.project_id)
    _check(tx, router, policy)
    return tx.add(policy)


def update_policy_route(tx: Transaction, actor: Actor, wish: Wish[PolicyRoute]) -> PolicyRoute:
    old = get_own(tx, actor, PolicyRoute, wish.wanted.id)
    _check(tx, tx.get(Router, old.router_id), wish.wanted)
    return tx.change(wish.wanted)


def delete_policy_route(tx: Transaction, actor: Actor, id: str) -> None:
    tx.remove(get_own(tx, actor, PolicyRoute, id))


def _check(tx: Transaction, router: Router, policy: PolicyRoute) -> None:
    if policy.action == "reroute" and not policy.nexthops:
        raise BadInput("InvalidInput", "Invalid input for nexthops: to reroute takes one at least.")
    if policy.action != "reroute" and policy.nexthops:
        raise BadInput("InvalidInput", f"Invalid input for nexthops: to {policy.action} takes none.")
    if policy.destination is not None and _is_ipv6(policy.destination) != _is_ipv6(policy.source):
        raise BadInput("InvalidInput", "Invalid input for destination: it is of another family than source.")
    check_next_hops(tx, router, [(policy.source, nexthop) for nexthop in policy.nexthops])
    for other in tx.find(PolicyRoute, router_id=router.id):
        if other.id != policy.id and _meaning(other) == _meaning(policy):
            raise Conflict(
                "PolicyRouteExists",
                f"Policy route {other.id} of the same priority has the same source and destination.",
            )


def _meaning(policy: PolicyRoute) -> tuple[int, str, str | None]:
    return policy.priority, policy.source, policy.destination


def _is_ipv6(cidr: str) -> bool:
    return ":" in cidr
