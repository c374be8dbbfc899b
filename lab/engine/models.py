"""The objects of a provider's answers with the Java types that openstack-java-sdk 3.2.9 gives to their keys.

A key that is not here may hold anything; one that is here and does not fit makes the whole answer unreadable.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from lab.engine.jackson import (
    Boolean,
    Date,
    Integer,
    Reader,
    T,
    Text,
    Texts,
    Unreadable,
    anything,
    blank,
    integer,
    list_of,
    map_of,
    object_of,
    text,
)


@dataclass(frozen=True)
class Network:
    """quantum.model.Network; of it the engine uses all but status, subnets, shared and external."""

    id: Text = None
    name: Text = None
    status: Text = None
    subnets: Texts = None
    shared: Text = None
    external: Annotated[Text, "router:external"] = None
    tenant_id: Text = None
    admin_state_up: Boolean = None
    mtu: Integer = None
    port_security_enabled: Boolean = None
    physical_network: Annotated[Text, "provider:physical_network"] = None
    network_type: Annotated[Text, "provider:network_type"] = None
    segmentation_id: Annotated[Integer, "provider:segmentation_id"] = None


@dataclass(frozen=True)
class Pool:
    """quantum.model.Pool."""

    start: Text = None
    end: Text = None


def read_ip_version(value: object, where: str) -> int | None:
    """Subnet.IpVersion: whatever number is not 6 is 4."""
    if value is None:
        return None
    return 6 if integer(value, where) == 6 else 4


@dataclass(frozen=True)
class Subnet:
    """quantum.model.Subnet. `host_routes` is a list of strings here: Neutron's objects make it unreadable."""

    id: Text = None
    name: Text = None
    network_id: Text = None
    tenant_id: Text = None
    cidr: Text = None
    gateway_ip: Text = None
    enable_dhcp: Boolean = None
    ip_version: Annotated[int | None, read_ip_version] = None
    dns_nameservers: Texts = None
    host_routes: Texts = None
    allocation_pools: Annotated[list[Pool | None] | None, list_of(object_of(Pool))] = None


@dataclass(frozen=True)
class FixedIp:
    """quantum.model.Port.Ip."""

    subnet_id: Text = None
    ip_address: Text = None


@dataclass(frozen=True)
class Port:
    """quantum.model.Port with its unwrapped Binding, whose two maps hold scalars only."""

    id: Text = None
    name: Text = None
    network_id: Text = None
    mac_address: Text = None
    device_id: Text = None
    device_owner: Text = None
    status: Text = None
    tenant_id: Text = None
    admin_state_up: Boolean = None
    security_groups: Texts = None
    fixed_ips: Annotated[list[FixedIp | None] | None, list_of(object_of(FixedIp))] = None
    host_id: Annotated[Text, "binding:host_id"] = None
    vif_type: Annotated[Text, "binding:vif_type"] = None
    vnic_type: Annotated[Text, "binding:vnic_type"] = None
    vif_details: Annotated[dict[str, str | None] | None, map_of(text), "binding:vif_details"] = None
    profile: Annotated[dict[str, str | None] | None, map_of(text), "binding:profile"] = None


@dataclass(frozen=True)
class Link:
    """keystone.model.Link."""

    rel: Text = None
    href: Text = None
    type: Text = None


@dataclass(frozen=True)
class Endpoint:
    """keystone.model.Access.Service.Endpoint."""

    region: Text = None
    public_url: Annotated[Text, "publicURL"] = None
    internal_url: Annotated[Text, "internalURL"] = None
    admin_url: Annotated[Text, "adminURL"] = None


@dataclass(frozen=True)
class Service:
    """keystone.model.Access.Service."""

    type: Text = None
    name: Text = None
    endpoints: Annotated[list[Endpoint | None] | None, list_of(object_of(Endpoint))] = None
    endpoints_links: Annotated[list[Link | None] | None, list_of(object_of(Link))] = None


@dataclass(frozen=True)
class AccountRole:
    """keystone.model.Access.User.Role."""

    id: Text = None
    name: Text = None


@dataclass(frozen=True)
class User:
    """keystone.model.Access.User."""

    id: Text = None
    name: Text = None
    username: Text = None
    roles: Annotated[list[AccountRole | None] | None, list_of(object_of(AccountRole))] = None
    roles_links: Annotated[list[Link | None] | None, list_of(object_of(Link))] = None


@dataclass(frozen=True)
class Tenant:
    """keystone.model.Tenant."""

    id: Text = None
    name: Text = None
    description: Text = None
    enabled: Boolean = None


def read_tenant(value: object, where: str) -> Tenant | None:
    """Tenant has a constructor that takes a lone string."""
    return Tenant(name=value) if isinstance(value, str) else object_of(Tenant)(value, where)


@dataclass(frozen=True)
class Token:
    """keystone.model.Token; the engine uses only `id`, but a bad date makes the whole answer unreadable."""

    id: Text = None
    expires: Date = None
    issued_at: Date = None
    tenant: Annotated[Tenant | None, read_tenant] = None


@dataclass(frozen=True)
class Access:
    """keystone.model.Access."""

    token: Annotated[Token | None, object_of(Token)] = None
    service_catalog: Annotated[list[Service | None] | None, list_of(object_of(Service)), "serviceCatalog"] = None
    user: Annotated[User | None, object_of(User)] = None
    metadata: Annotated[dict[str, object] | None, map_of(anything)] = None


def collection_of(key: str, model: Reader[T]) -> Reader[list[T] | None]:
    """quantum.model.Networks, Subnets, Ports: an object whose other keys are ignored; None if `key` is not there."""

    def read(value: object, where: str) -> list[T] | None:
        if blank(value):
            return None
        if not isinstance(value, dict):
            raise Unreadable(f"{where}: a list answer is an object with the key {key!r}")
        return list_of(model)(value.get(key), key)

    return read
