"""VLAN pools: which VLANs a plain network create may take (Neutron: network_segment_ranges)."""

from typing import Annotated, ClassVar, Literal

from .access import Role
from .resource import ALWAYS, Attribute, Resource
from .types import Label, Vlan


class NetworkSegmentRange(Resource, frozen=True, kw_only=True):
    """A pool on a physical network, for all projects (`shared`) or for one."""

    member: ClassVar[str] = "network_segment_range"
    collection: ClassVar[str] = "network_segment_ranges"
    path: ClassVar[str] = "network_segment_ranges"
    written_by: ClassVar[Role] = Role.ADMIN
    not_found: ClassVar[str] = "NetworkSegmentRangeNotFound"

    network_type: Annotated[Literal["vlan"], Attribute("create")] = "vlan"
    physical_network: Annotated[Label, Attribute("create", column=True)]
    minimum: Annotated[Vlan, ALWAYS]
    maximum: Annotated[Vlan, ALWAYS]
    shared: Annotated[bool, Attribute("create", column=True)] = True
    default: Annotated[bool, Attribute()] = False
    """True for the ranges that the physical network's own declaration made: they are changed there alone."""
    used: Annotated[dict[str, str], Attribute()] = {}
    available: Annotated[list[int], Attribute()] = []
