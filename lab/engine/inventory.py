"""What the engine knows of its data centre: the rows that its actions read and change."""

from __future__ import annotations

import re
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from lab.engine.models import Network

DEFAULT_MTU = 1500  # engine-config DefaultMTU
TUNNELLED_DEFAULT_MTU = 1442  # engine-config TunnelledDefaultMTU
_HOST_DEVICE_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_-]{0,14}")


def new_id() -> str:
    return str(uuid.uuid4())


@dataclass(eq=False)
class LogicalNetwork:
    """A network of the data centre, external if it has an `external_id`."""

    name: str
    external_id: str | None = None
    mtu: int = 0  # 0: the default one
    vlan: int | None = None  # of a network that is not external
    port_security: bool | None = None
    custom_physical_network: str | None = None  # as the provider named it
    external_vlan: int | None = None
    network_type: str | None = None
    physical_network: LogicalNetwork | None = None  # the data centre's network that it is linked to
    clusters: set[str] = field(default_factory=set)  # names of those it is attached to
    id: str = field(default_factory=new_id)

    @classmethod
    def from_provider(cls, network: Network) -> LogicalNetwork:
        """What the engine takes over from a provider's network; an absent MTU is the default one."""
        return cls(
            network.name or "",
            network.id,
            network.mtu or 0,
            port_security=network.port_security_enabled,
            custom_physical_network=network.physical_network,
            external_vlan=network.segmentation_id if network.network_type == "vlan" else None,
            network_type=network.network_type,
        )

    @property
    def is_linked_to_physical(self) -> bool:
        """ProviderNetwork.isLinkedToPhysicalNetwork: naming a physical network suffices."""
        return self.physical_network is not None or self.custom_physical_network is not None

    @property
    def vm_mtu(self) -> int:
        """NetworkUtils.getVmMtuActualValue: without an MTU, an external network counts as tunnelled."""
        tunnelled = self.external_id is not None and self.physical_network is None
        return self.mtu or (TUNNELLED_DEFAULT_MTU if tunnelled else DEFAULT_MTU)

    @property
    def vdsm_name(self) -> str:
        """Its bridge on the hosts: the name if a network device may have it, else "on" and 13 of the id's digits."""
        return self.name if _HOST_DEVICE_NAME.fullmatch(self.name) else "on" + self.id.replace("-", "")[:13]


@dataclass(eq=False)
class Vnic:
    """A virtual NIC of a VM."""

    name: str
    mac: str
    network: LogicalNetwork | None  # by its vNIC profile; None: the profile is empty
    security_groups: str | None = None  # the profile's custom property SecurityGroups; None: it has none
    plugged: bool = True
    linked: bool = True
    id: str = field(default_factory=new_id)


@dataclass(eq=False)
class EngineHost:
    """A host as the engine has it."""

    name: str  # the address typed when it was added
    binding_ids: Mapping[str, str] = field(default_factory=dict)  # plug-in type -> its id for that plug-in

    @classmethod
    def from_capabilities(cls, name: str, capabilities: Mapping[str, object]) -> EngineHost:
        """From what VDSM's getCapabilities gave. Raises TypeError for an id that is no string.

        (HostProviderBindingDaoImpl casts each to String.)
        """
        ids = capabilities.get("openstack_binding_host_ids") or {}
        if not isinstance(ids, Mapping) or not all(isinstance(value, str) for value in ids.values()):
            raise TypeError(f"openstack_binding_host_ids must map plug-in types to strings, not {ids!r}")
        return cls(name, dict(ids))


@dataclass(eq=False)
class Cluster:
    """A cluster; by default one that has our provider as its default network provider."""

    name: str
    switch_type: Literal["LEGACY", "OVS"] = "LEGACY"
    has_default_provider: bool = True


@dataclass(eq=False)
class EngineDataCentre:
    """The rows of one data centre."""

    name: str = "Default"
    clusters: list[Cluster] = field(default_factory=lambda: [Cluster("Default")])
    networks: list[LogicalNetwork] = field(default_factory=list)
    vnics: list[Vnic] = field(default_factory=list)

    def named(self, name: str | None) -> LogicalNetwork | None:
        """The network of that name."""
        return next((network for network in self.networks if network.name == name), None)


@dataclass(frozen=True)
class Event:
    """A line of the engine's event log."""

    code: int  # AuditLogType
    text: str
