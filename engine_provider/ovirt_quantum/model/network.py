"""A virtual network: a layer-2 domain, realised by a VLAN of a physical network or by an overlay of tunnels."""

from typing import Annotated, ClassVar, Literal

from msgspec import field

from .access import Role
from .resource import ALWAYS, ON_CREATE, READ_ONLY, Attribute, Resource
from .types import DnsDomain, Label, Mtu, Uuid, Vlan

PROVIDER = Attribute("create", set_by=Role.MANAGER, seen_by=Role.MANAGER, column=True)


class Network(Resource, frozen=True, kw_only=True):
    """Neutron's network with the extensions provider, net-mtu, external-net, port-security, qos, dns."""

    member: ClassVar[str] = "network"
    collection: ClassVar[str] = "networks"
    path: ClassVar[str] = "networks"
    not_found: ClassVar[str] = "NetworkNotFound"

    admin_state_up: Annotated[bool, ALWAYS] = True
    shared: Annotated[bool, Attribute("always", set_by=Role.MANAGER, column=True)] = False
    external: Annotated[bool, Attribute("always", set_by=Role.MANAGER)] = field(default=False, name="router:external")
    mtu: Annotated[Mtu, ALWAYS] = 1500
    port_security_enabled: Annotated[bool, ALWAYS] = True
    dns_domain: Annotated[DnsDomain, ALWAYS] = DnsDomain("")
    """The domain of its ports' names, which DHCP tells the VMs; with a dot at its end."""
    qos_policy_id: Annotated[Uuid | None, Attribute("always", column=True)] = None
    network_type: Annotated[Literal["vlan", "flat", "geneve"] | None, PROVIDER] = field(
        default=None, name="provider:network_type"
    )
    physical_network: Annotated[Label | None, PROVIDER] = field(default=None, name="provider:physical_network")
    segmentation_id: Annotated[Vlan | None, PROVIDER] = field(default=None, name="provider:segmentation_id")
    provider_given: Annotated[bool, Attribute(seen_by=Role.ADMIN)] = False
    """True where the engine chose the segment: only then it is shown it."""
    subnets: Annotated[list[Uuid], READ_ONLY] = []
    availability_zone_hints: Annotated[list[str], ON_CREATE] = []
    status: Annotated[str, READ_ONLY] = "ACTIVE"
    status_reason: Annotated[str, READ_ONLY] = ""
