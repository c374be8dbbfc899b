"""Where a router sends packets on: each next hop is a neighbour."""

from collections.abc import Sequence

from .. import addressing
from ..errors import BadInput, Conflict
from ..model import ROUTER_GATEWAY, ROUTER_INTERFACE, HostRoute, PolicyRoute, Router, RouteTable, Subnet
from ..model.types import Cidr, IpAddress
from ..store.transaction import Transaction
from .infrastructure import ports_of
from .router_subnets import subnets_of


def check_routes(tx: Transaction, router: Router, routes: Sequence[HostRoute]) -> None:
    """Raises BadInput for a next hop that no port of the router reaches, and for a route that occurs twice."""
    check_next_hops(tx, router, [(route.destination, route.nexthop) for route in routes])


def check_next_hops(tx: Transaction, router: Router, hops: Sequence[tuple[Cidr, IpAddress]]) -> None:
    """The same, of pairs of what is sent on and to whom."""
    subnets = subnets_of(tx, router) if hops else []
    ports = [port for owner in (ROUTER_INTERFACE, ROUTER_GATEWAY) for port in ports_of(tx, router.id, owner)]
    own = {fixed.ip_address for port in ports for fixed in port.fixed_ips}
    for place, (cidr, nexthop) in enumerate(hops):
        if (":" in cidr) != (":" in nexthop):
            raise _invalid(cidr, nexthop, "the nexthop is of another family")
        if not any(addressing.contains(subnet.cidr, nexthop) for subnet in subnets):
            raise _invalid(cidr, nexthop, "the nexthop is not connected with router")
        if nexthop in own:
            raise _invalid(cidr, nexthop, "the nexthop is used by router")
        if (cidr, nexthop) in hops[:place]:
            raise _invalid(cidr, nexthop, "it occurs twice")


def check_unneeded(tx: Transaction, router: Router, subnet: Subnet) -> None:
    """Raises Conflict where a next hop is on the subnet, which the router is about to leave."""
    hops = [route.nexthop for route in router.routes]
    hops += [route.nexthop for table in tx.find(RouteTable, router_id=router.id) for route in table.routes]
    hops += [nexthop for policy in tx.find(PolicyRoute, router_id=router.id) for nexthop in policy.nexthops]
    if any(addressing.contains(subnet.cidr, nexthop) for nexthop in hops):
        raise Conflict(
            "RouterInterfaceInUseByRoute",
            f"Router interface for subnet {subnet.id} on router {router.id} cannot be deleted, as it is required by "
            "one or more routes.",
        )


def _invalid(cidr: Cidr, nexthop: IpAddress, reason: str) -> BadInput:
    return BadInput("InvalidRoutes", f"Invalid format for routes: {cidr} via {nexthop}, {reason}.")
