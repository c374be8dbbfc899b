"""Floating IPs: addresses of an external network that stand for a VM's own, whole or port by port."""

from typing import Annotated, ClassVar

import msgspec

from .access import Role
from .resource import ALWAYS, ON_CREATE, READ_ONLY, Attribute, Resource
from .types import ForwardedProtocol, IpAddress, MacAddress, Name, PortRange, TransportPort, Uuid

FLOATING_IP_OWNER = "network:floatingip"
"""The device_owner of the port on the external network that holds the address; its device_id is the floating IP's."""


class PortDetails(msgspec.Struct, frozen=True):
    """Of the port that a floating IP stands for (Neutron: fip-port-details)."""

    name: str
    network_id: Uuid
    mac_address: MacAddress
    admin_state_up: bool
    status: str
    device_id: str
    device_owner: str


class PortForwarding(Resource, frozen=True, kw_only=True):
    """Neutron's port forwarding: ports of a floating IP that lead to ports of a VM."""

    member: ClassVar[str] = "port_forwarding"
    collection: ClassVar[str] = "port_forwardings"
    path: ClassVar[str] = "floatingips/{floatingip_id}/port_forwardings"
    parent: ClassVar[str] = "floatingip_id"
    not_found: ClassVar[str] = "PortForwardingNotFound"
    feature: ClassVar[str] = "router"

    name: Annotated[Name, READ_ONLY] = ""
    floatingip_id: Annotated[Uuid, Attribute("create", column=True)]
    """Given by the path."""
    protocol: Annotated[ForwardedProtocol, Attribute("always", column=True)]
    external_port: Annotated[TransportPort | None, ALWAYS] = None
    """null where there are several: then the range says which."""
    external_port_range: Annotated[PortRange | None, Attribute("always", column=True)] = None
    """Give either this or `external_port`."""
    internal_port: Annotated[TransportPort | None, ALWAYS] = None
    internal_port_range: Annotated[PortRange | None, ALWAYS] = None
    """As many as external ones, in the same order."""
    internal_port_id: Annotated[Uuid, Attribute("always", column=True)]
    """The VM's port."""
    internal_ip_address: Annotated[IpAddress | None, ALWAYS] = None
    """One of its IPv4 addresses."""


class FloatingIp(Resource, frozen=True, kw_only=True):
    """Neutron's floating IP. Its address is given to an address of a port, taken back and given to another."""

    member: ClassVar[str] = "floatingip"
    collection: ClassVar[str] = "floatingips"
    path: ClassVar[str] = "floatingips"
    not_found: ClassVar[str] = "FloatingIPNotFound"
    feature: ClassVar[str] = "router"

    floating_network_id: Annotated[Uuid, Attribute("create", column=True)]
    """An external network."""
    floating_ip_address: Annotated[IpAddress | None, Attribute("create", set_by=Role.MANAGER, column=True)] = None
    subnet_id: Annotated[Uuid | None, ON_CREATE] = None
    """The subnet of the address."""
    port_id: Annotated[Uuid | None, Attribute("always", column=True)] = None
    """The VM's port that it stands for; null: none."""
    fixed_ip_address: Annotated[IpAddress | None, Attribute("always", column=True)] = None
    """Which of the port's IPv4 addresses."""
    router_id: Annotated[Uuid | None, Attribute(column=True)] = None
    """The router that translates."""
    status: Annotated[str, READ_ONLY] = "DOWN"
    """ACTIVE while it stands for a port."""
    port_details: Annotated[PortDetails | None, READ_ONLY] = None
    """Filled in when it is shown."""
    port_forwardings: Annotated[list[PortForwarding], READ_ONLY] = []
    """Filled in when it is shown; each has a row of its own."""
