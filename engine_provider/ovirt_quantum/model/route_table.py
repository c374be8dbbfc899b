"""Which way a router's traffic goes by where it comes from: route tables beside its own, and policy routes."""

from typing import Annotated, ClassVar, Literal

from .resource import ALWAYS, Attribute, Resource
from .subnet import HostRoute
from .types import Cidr, IpAddress, PolicyPriority, Uuid

ROUTER = Attribute("create", column=True)


class RouteTable(Resource, frozen=True, kw_only=True):
    """Routes that some of a router's subnets use instead of the router's own. Neutron has no word for it."""

    member: ClassVar[str] = "route_table"
    collection: ClassVar[str] = "route_tables"
    path: ClassVar[str] = "route_tables"
    not_found: ClassVar[str] = "RouteTableNotFound"
    feature: ClassVar[str] = "route-tables"

    router_id: Annotated[Uuid, ROUTER]
    routes: Annotated[list[HostRoute], ALWAYS] = []
    """As a router's own; each next hop is a neighbour of the router."""
    subnets: Annotated[list[Uuid], ALWAYS] = []
    """Those whose packets go by this table: the router has an interface on each, and none is in another table."""


class PolicyRoute(Resource, frozen=True, kw_only=True):
    """What becomes of a router's packets from a block of addresses, before any table is looked at."""

    member: ClassVar[str] = "policy_route"
    collection: ClassVar[str] = "policy_routes"
    path: ClassVar[str] = "policy_routes"
    not_found: ClassVar[str] = "PolicyRouteNotFound"
    feature: ClassVar[str] = "route-tables"

    router_id: Annotated[Uuid, ROUTER]
    priority: Annotated[PolicyPriority, ALWAYS]
    """Of those that fit, the one with the highest decides."""
    source: Annotated[Cidr, ALWAYS]
    destination: Annotated[Cidr | None, ALWAYS] = None
    """null: anywhere."""
    action: Annotated[Literal["reroute", "allow", "drop"], ALWAYS] = "reroute"
    """`reroute` sends it to a next hop, `allow` leaves it to the tables, `drop` ends it."""
    nexthops: Annotated[list[IpAddress], ALWAYS] = []
    """Of `reroute` alone. Several share the traffic."""
