"""A subnet: a block of addresses on a network."""

from typing import Annotated, ClassVar, Literal

import msgspec

from .resource import ALWAYS, ON_CREATE, Attribute, Resource
from .types import Cidr, IpAddress, Name, Uuid

Ipv6Mode = Literal["slaac", "dhcpv6-stateful", "dhcpv6-stateless"]


class AllocationPool(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Addresses that may be given out, both ends included."""

    start: IpAddress
    end: IpAddress


class HostRoute(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A route that DHCP tells the VMs."""

    destination: Cidr
    nexthop: IpAddress


class Subnet(Resource, frozen=True, kw_only=True):
    """Neutron's subnet. Left out, `gateway_ip` is the first address and `allocation_pools` all but it."""

    member: ClassVar[str] = "subnet"
    collection: ClassVar[str] = "subnets"
    path: ClassVar[str] = "subnets"
    not_found: ClassVar[str] = "SubnetNotFound"

    network_id: Annotated[Uuid, Attribute("create", column=True)]
    cidr: Annotated[Cidr, Attribute("create", column=True)]
    ip_version: Annotated[Literal[4, 6], ON_CREATE] = 4
    gateway_ip: Annotated[IpAddress | None, ALWAYS] = None
    enable_dhcp: Annotated[bool, ALWAYS] = True
    allocation_pools: Annotated[list[AllocationPool], ALWAYS] = []
    dns_nameservers: Annotated[list[IpAddress], ALWAYS] = []
    host_routes: Annotated[list[HostRoute], ALWAYS] = []
    ipv6_address_mode: Annotated[Ipv6Mode | None, ON_CREATE] = None
    ipv6_ra_mode: Annotated[Ipv6Mode | None, ON_CREATE] = None
    service_types: Annotated[list[Name], ALWAYS] = []
    status: Annotated[str, Attribute()] = "ACTIVE"
    status_reason: Annotated[str, Attribute()] = ""
