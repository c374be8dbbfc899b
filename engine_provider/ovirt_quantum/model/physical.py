"""What the administrator declares to be physically there. Nothing of it is discovered."""

from typing import Annotated, ClassVar

import msgspec

from .access import Role
from .resource import ALWAYS, Attribute, Resource
from .types import DeviceName, Label, Mbps, Mtu, Priority, Uuid, Vlan

BY_NAME = Attribute("create", column=True)


class VlanRange(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """VLAN ids, both ends included."""

    minimum: Vlan
    maximum: Vlan


class PhysicalNetwork(Resource, frozen=True, kw_only=True):
    """A wire, or a fabric of them, on which VLANs mean the same everywhere."""

    member: ClassVar[str] = "physical_network"
    collection: ClassVar[str] = "physical_networks"
    path: ClassVar[str] = "physical_networks"
    written_by: ClassVar[Role] = Role.ADMIN
    not_found: ClassVar[str] = "PhysicalNetworkNotFound"
    public: ClassVar[bool] = True

    name: Annotated[Label, BY_NAME]
    mtu: Annotated[Mtu, ALWAYS] = 1500
    bridge: Annotated[DeviceName, Attribute("always", column=True)] = "br-int"
    """The OVS bridge that carries it, the same on every host: migration carries its name along."""
    vlan_ranges: Annotated[list[VlanRange], ALWAYS] = []
    """Pools for everybody. More, also for one project each, are network_segment_ranges."""
    reserved_vlans: Annotated[list[Vlan], ALWAYS] = []
    """VLANs with a meaning outside the cloud: never handed out from a pool."""


class Host(Resource, frozen=True, kw_only=True):
    """A hypervisor. `name` is the binding host id that its hook reports to the engine."""

    member: ClassVar[str] = "host"
    collection: ClassVar[str] = "hosts"
    path: ClassVar[str] = "hosts"
    written_by: ClassVar[Role] = Role.ADMIN
    not_found: ClassVar[str] = "HostNotFound"
    public: ClassVar[bool] = True

    name: Annotated[Label, BY_NAME]
    ovsdb: Annotated[str, Attribute("always", seen_by=Role.ADMIN)] = ""
    """Where its Open vSwitch database answers: `ssl:HOST:6640` or `unix:PATH`; empty: nobody dials it."""
    gateway_priority: Annotated[Priority, ALWAYS] = 0
    """Routers' gateways are on the host with the highest one that lives; 0: never on this one."""


class Link(Resource, frozen=True, kw_only=True):
    """A host's NIC or bond that reaches a physical network."""

    member: ClassVar[str] = "link"
    collection: ClassVar[str] = "links"
    path: ClassVar[str] = "links"
    written_by: ClassVar[Role] = Role.ADMIN
    not_found: ClassVar[str] = "LinkNotFound"
    public: ClassVar[bool] = True

    host_id: Annotated[Uuid, Attribute("create", column=True)]
    physical_network_id: Annotated[Uuid, Attribute("create", column=True)]
    device: Annotated[DeviceName, Attribute("create", column=True)]
    speed_mbps: Annotated[Mbps | None, ALWAYS] = None
    redundant: Annotated[bool, ALWAYS] = False
