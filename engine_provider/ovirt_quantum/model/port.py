"""A port: where a VM's interface is plugged into a network. Limits and sophistication hang here."""

from typing import Annotated, ClassVar, Literal

import msgspec

from .access import Role
from .resource import ALWAYS, READ_ONLY, Attribute, Resource
from .types import AddressOrBlock, DnsDomain, DnsName, IpAddress, MacAddress, Name, Uuid

ENGINE_DEVICE_OWNER = "oVirt"
"""The engine knows its ports by this word, exactly so (engine source, BaseNetworkProviderProxy)."""

Scalar = str | int | float | bool | None
"""`binding:*` maps are flat: the engine reads maps of strings, one nested value stops every VM start."""


class FixedIp(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """An address of a port. A client may give either or both; stored, both are there."""

    subnet_id: Uuid | None = None
    ip_address: IpAddress | None = None


class AddressPair(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Further addresses that the port may send from. Without `mac_address` it is the port's own."""

    ip_address: AddressOrBlock
    mac_address: MacAddress | None = None


class DhcpOption(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A DHCP option of this port alone."""

    opt_name: Name
    opt_value: str | None = None
    ip_version: Literal[4, 6] = 4


class DnsAssignment(msgspec.Struct, frozen=True):
    """A name that an address of a port has; `fqdn` has a dot at its end."""

    hostname: str
    ip_address: IpAddress
    fqdn: str


class Port(Resource, frozen=True, kw_only=True):
    """Neutron's port with bindings, port security, allowed address pairs, extra DHCP options, QoS, DNS names."""

    member: ClassVar[str] = "port"
    collection: ClassVar[str] = "ports"
    path: ClassVar[str] = "ports"
    not_found: ClassVar[str] = "PortNotFound"

    network_id: Annotated[Uuid, Attribute("create", column=True)]
    mac_address: Annotated[MacAddress, Attribute("always", column=True)] = MacAddress("")
    admin_state_up: Annotated[bool, ALWAYS] = True
    device_id: Annotated[Name, Attribute("always", column=True)] = ""
    device_owner: Annotated[Name, Attribute("always", column=True)] = ""
    fixed_ips: Annotated[list[FixedIp], ALWAYS] = []
    security_groups: Annotated[list[Uuid] | None, ALWAYS] = None
    """null stands for the default group of the port's project, and for none where port security is off."""
    port_security_enabled: Annotated[bool, ALWAYS] = True
    allowed_address_pairs: Annotated[list[AddressPair], ALWAYS] = []
    extra_dhcp_opts: Annotated[list[DhcpOption], ALWAYS] = []
    dns_name: Annotated[DnsName, ALWAYS] = DnsName("")
    """By which other ports of the network find it, below the network's `dns_domain`; empty: by none."""
    dns_assignment: Annotated[list[DnsAssignment], READ_ONLY] = []
    """Filled in when it is shown: each address with its names."""
    qos_policy_id: Annotated[Uuid | None, Attribute("always", column=True)] = None
    host_id: Annotated[Name, Attribute("always", Role.ENGINE, Role.ENGINE, column=True)] = msgspec.field(
        default="", name="binding:host_id"
    )
    vnic_type: Annotated[Literal["normal"], ALWAYS] = msgspec.field(default="normal", name="binding:vnic_type")
    profile: Annotated[dict[str, Scalar] | None, Attribute("always", Role.ENGINE, Role.ENGINE)] = msgspec.field(
        default_factory=dict, name="binding:profile"
    )
    vif_type: Annotated[str, Attribute(seen_by=Role.ENGINE)] = msgspec.field(default="ovs", name="binding:vif_type")
    vif_details: Annotated[dict[str, Scalar], Attribute(seen_by=Role.ENGINE)] = msgspec.field(
        default_factory=lambda: {"port_filter": False}, name="binding:vif_details"
    )
    observed_hosts: Annotated[list[str], Attribute(seen_by=Role.ENGINE)] = []
    """Where a backend saw the VM's interface last: two hosts during a migration."""
    status: Annotated[str, READ_ONLY] = "DOWN"
    status_reason: Annotated[str, READ_ONLY] = ""
    """What of the port is not realised, and why; empty where all is as wanted."""

    def names(self, domain: DnsDomain) -> list[DnsAssignment]:
        """Its `dns_assignment` in a network of this domain: a port without a name has none."""
        addresses = [fixed.ip_address for fixed in self.fixed_ips if fixed.ip_address is not None]
        return [DnsAssignment(self.dns_name, ip, f"{self.dns_name}.{domain}") for ip in addresses if self.dns_name]
