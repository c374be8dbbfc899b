"""A router's static routes: each next hop is a neighbour."""

from collections.abc import Sequence

from .. import addressing
from ..errors import BadInput, Conflict
from ..model import ROUTER_GATEWAY, ROUTER_INTERFACE, HostRoute, Router, Subnet
from ..store.transaction import Transaction
from .infrastructure import ports_of
from .router_subnets import subnets_of


def check_routes(tx: Transaction, router: Router, routes: Sequence[HostRoute]) -> None:
    """Raises BadInput for a next hop that no port of the router reaches, and for a route that occurs twice."""
    subnets = subnets_of(tx, router) if routes else []
    ports = [port for owner in (ROUTER_INTERFACE, ROUTER_GATEWAY) for port in ports_of(tx, router.id, owner)]
    own = {fixed.ip_address for port in ports for fixed in port.fixed_ips}
    for place, route in enumerate(routes):
        if (":" in route.destination) != (":" in route.nexthop):
            raise _invalid(route, "the nexthop is of another family than the destination")
        if not any(addressing.contains(subnet.cidr, route.nexthop) for subnet in subnets):
            raise _invalid(route, "the nexthop is not connected with router")
        if route.nexthop in own:
            raise _invalid(route, "the nexthop is used by router")
        if route in routes[:place]:
            raise _invalid(route, "the route occurs twice")


def check_unneeded(router: Router, subnet: Subnet) -> None:
    """Raises Conflict where a route's next hop is on the subnet, which the router is about to leave."""
    if any(addressing.contains(subnet.cidr, route.nexthop) for route in router.routes):
        raise Conflict(
            "RouterInterfaceInUseByRoute",
            f"Router interface for subnet {subnet.id} on router {router.id} cannot be deleted, as it is required by "
            "one or more routes.",
        )


def _invalid(route: HostRoute, reason: str) -> BadInput:
    words = f"{route.destination} via {route.nexthop}"
    return BadInput("InvalidRoutes", f"Invalid format for routes: {words}, {reason}.")
