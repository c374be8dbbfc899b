"""A router: what carries packets between networks, and to the outside."""

from typing import Annotated, ClassVar

import msgspec

from .access import Role
from .port import FixedIp
from .resource import ALWAYS, ON_CREATE, READ_ONLY, Attribute, Resource
from .subnet import HostRoute
from .types import Uuid

ROUTER_INTERFACE, ROUTER_GATEWAY = "network:router_interface", "network:router_gateway"
"""The device_owner of a router's ports; their device_id is the router's id (Neutron)."""

TOLERATED = Attribute("always", set_by=Role.ADMIN, seen_by=Role.ADMIN)


class ExternalGateway(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a router reaches the outside. Stored, it is whole: the addresses are those of the gateway port."""

    network_id: Uuid | None = None
    """An external network. An object without any attribute stands for no gateway, as null does."""
    enable_snat: bool = True
    """What has no floating IP goes out under the router's own IPv4 address."""
    external_fixed_ips: list[FixedIp] = []


class Router(Resource, frozen=True, kw_only=True):
    """Neutron's router with the extensions ext-gw-mode and extraroute."""

    member: ClassVar[str] = "router"
    collection: ClassVar[str] = "routers"
    path: ClassVar[str] = "routers"
    not_found: ClassVar[str] = "RouterNotFound"
    feature: ClassVar[str] = "router"

    admin_state_up: Annotated[bool, ALWAYS] = True
    external_gateway_info: Annotated[ExternalGateway | None, ALWAYS] = None
    """`enable_snat` and `external_fixed_ips` are a manager's to choose."""
    routes: Annotated[list[HostRoute], ALWAYS] = []
    """Several next hops for one destination share its traffic (ECMP)."""
    ha: Annotated[bool, TOLERATED] = False
    """Kept as it is given: gateways fail over in any case."""
    distributed: Annotated[bool, TOLERATED] = False
    """Kept as it is given: traffic between networks is routed where it comes from in any case."""
    availability_zone_hints: Annotated[list[str], ON_CREATE] = []
    availability_zones: Annotated[list[str], READ_ONLY] = []
    flavor_id: Annotated[Uuid | None, READ_ONLY] = None
    status: Annotated[str, READ_ONLY] = "ACTIVE"
    status_reason: Annotated[str, READ_ONLY] = ""
