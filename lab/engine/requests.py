"""What the engine writes into its requests, and when: each function is one rule of BaseNetworkProviderProxy.

Keys stand in the order in which Jackson writes them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from lab.engine.inventory import EngineHost, LogicalNetwork, Vnic
from lab.engine.models import Network, Port
from lab.engine.provider import Provider

Json = dict[str, object]
DeviceProperties = dict[str, str]
DEVICE_OWNER = "oVirt"


def new_network(network: LogicalNetwork, authenticated: bool) -> Json:
    """createNewNetworkEntity: provider:* only with a physical network; a tenant only without authentication."""
    physical = network.custom_physical_network is not None
    entity: Json = {
        "name": network.name,
        "mtu": network.mtu or None,
        "admin_state_up": True,
        "tenant_id": None if authenticated else DEVICE_OWNER,
        "provider:physical_network": network.custom_physical_network,
        "provider:network_type": network.network_type if physical else None,
        "provider:segmentation_id": network.external_vlan if physical else None,
        "port_security_enabled": network.port_security,
    }
    return _without_nulls(entity)


def network_type(vlan: int | None) -> str:
    """Of a network with a physical network."""
    return "flat" if vlan is None else "vlan"


def new_subnet(
    network: Network, name: str, cidr: str, ip_version: int, gateway: str | None, dns: Sequence[str] | None
) -> Json:
    """createNewSubnetEntity: DHCP is always on; no gateway is an absent key or, by REST, ""; the network's tenant."""
    entity: Json = {
        "name": name,
        "cidr": cidr,
        "enable_dhcp": True,
        "network_id": network.id,
        "tenant_id": network.tenant_id,
        "dns_nameservers": None if dns is None else list(dns),
        "ip_version": ip_version,
        "gateway_ip": gateway,
    }
    return _without_nulls(entity)


def new_port(vnic: Vnic, network: Network, host_id: str) -> Json:
    """createNewPortForAllocate: never an address, never the VM."""
    entity: Json = {
        "name": vnic.name,
        "binding:host_id": host_id,
        "admin_state_up": True,
        "device_id": vnic.id,
        "device_owner": DEVICE_OWNER,
        "mac_address": vnic.mac,
        "network_id": network.id,
        "tenant_id": network.tenant_id,
        "security_groups": wanted_security_groups(vnic),
    }
    return _without_nulls(entity)


def changed_port(port: Port, vnic: Vnic, host_id: str, *, security_groups_too: bool) -> Json:
    """modifyPortForAllocate: only changed parts; empty if there is none. A MAC rides along with a host, never alone."""
    changes: Json = {}
    if port.host_id != host_id:
        changes = {"binding:host_id": host_id, "mac_address": vnic.mac}
    wanted = wanted_security_groups(vnic)
    if security_groups_too and security_groups_changed(port.security_groups, wanted):
        changes["security_groups"] = wanted
    return changes


def wanted_security_groups(vnic: Vnic) -> list[str] | None:
    """getSecurityGroups: None (the provider's default) without the property, [] if it is empty, else its parts."""
    if vnic.security_groups is None:
        return None
    parts = re.split(r",\s*", vnic.security_groups)
    while parts and not parts[-1]:  # as Java's String.split
        parts.pop()
    return parts


def security_groups_changed(existing: Sequence[str | None] | None, wanted: list[str] | None) -> bool:
    """securityGroupsChanged: the default (None) is sent to a port without groups, and leaves one with groups alone."""
    if wanted is None:
        return not existing
    return Counter(existing or []) != Counter(wanted)


def locate_port(ports: Sequence[Port], vnic: Vnic) -> Port | None:
    """locatePort: the first port that the engine owns and that has this vNIC's id."""
    return next((port for port in ports if (port.device_owner, port.device_id) == (DEVICE_OWNER, vnic.id)), None)


def binding_host_id(provider: Provider, host: EngineHost) -> str:
    """The host's id for the provider's plug-in type (an exact match), else its name."""
    return host.binding_ids.get(provider.plugin_type, host.name)


def device_properties(provider: Provider, port: Port) -> DeviceProperties:
    """createPortAllocationRuntimeProperties: security groups as they were before this allocation's PUT."""
    properties = {"vnic_id": port.id or "", "provider_type": provider.type}
    if port.security_groups:
        properties["security_groups"] = ",".join(str(group) for group in port.security_groups)
    return properties | {"plugin_type": provider.plugin_type}


def _without_nulls(entity: Json) -> Json:
    """JsonInclude.NON_NULL."""
    return {key: value for key, value in entity.items() if value is not None}
