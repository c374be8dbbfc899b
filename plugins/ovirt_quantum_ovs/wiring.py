"""How a port is wired to Open vSwitch, and how it ought to be. Pure: no I/O in this file."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from ovirt_quantum.errors import Refused
from ovirt_quantum.model import Network, PhysicalNetwork, Port
from ovirt_quantum.plugin import Desired, DesiredPort

from .qos import Limit, limit, unmet

UNTAGGED = 0
"""The tag of an access port in a flat network: without any tag it would be a trunk of all VLANs."""


class Unfit(Exception):
    """An interface that this plugin must not wire; the text says why and what to do."""


@dataclass(frozen=True)
class Wiring:
    """The columns of a Port and of its Interface that this plugin decides (ovs-vswitchd.conf.db(5)).

    mark: the deployment that it belongs to, "" for none.  tag, vlan_mode, trunks: Port's.
    carried: the same, where libvirt takes it along to the host that the VM migrates to.
    cut: True where the interface is off the datapath, so that it carries nothing in any VLAN.
    policing: our limit of what the VM sends, Interface.ingress_policing_*.
    shaping: our limit of what the VM gets, Port.qos.
    """

    mark: str
    carried: str
    tag: int | None
    vlan_mode: str
    trunks: tuple[int, ...]
    cut: bool
    policing: Limit | None
    shaping: Limit | None

    @property
    def owner(self) -> str:
        """The deployment that made it so; one that has just arrived by migration bears no mark yet."""
        return self.mark or self.carried

    @property
    def is_given_up(self) -> bool:
        """Whether it is cut off for good, its port removed, and only waits for its VM to end."""
        return self.cut and not self.mark


@dataclass(frozen=True)
class Interface:
    """A VM's interface as a host's Open vSwitch has it now."""

    row: UUID
    name: str
    port_id: str
    bridge: str
    user_space: bool
    up: bool
    wiring: Wiring


@dataclass(frozen=True)
class Wanted:
    """A port as it should be on every host: the bridge that it must be on, and its wiring."""

    bridge: str
    wiring: Wiring


def wanted(desired: DesiredPort, deployment: str) -> Wanted:
    """Raises Refused where the port's network has no segment on a wire."""
    physical = segment(desired.network, desired.physical)
    wiring = Wiring(
        mark=deployment,
        carried=deployment,
        tag=desired.network.segmentation_id or UNTAGGED,
        vlan_mode="",
        trunks=(),
        cut=not (desired.port.admin_state_up and desired.network.admin_state_up),
        policing=limit(desired.qos, "egress"),
        shaping=limit(desired.qos, "ingress"),
    )
    return Wanted(physical.bridge, wiring)


def segment(network: Network, physical: PhysicalNetwork | None) -> PhysicalNetwork:
    """The wire of a VLAN or flat network; raises Refused for any other."""
    if physical is None or network.network_type not in ("vlan", "flat"):
        raise Refused(f"network {network.id} has no segment on a physical network, and plain Open vSwitch needs one")
    if (network.network_type == "vlan") != (network.segmentation_id is not None):
        raise Refused(f"network {network.id} is {network.network_type}: a vlan network has a VLAN id, a flat one none")
    return physical


def target(seen: Interface, want: Wanted | None, deployment: str) -> Wiring:
    """What the interface's wiring must become; raises Unfit where it must not be touched.

    `want` is None where the port must not exist: what is ours is cut off and stays so, now unmarked, until libvirt
    takes the interface away. If its VM migrates, libvirt makes it anew from the domain's XML, VLAN and all: the
    carried mark then tells that it is ours. It is not unplugged, for libvirt plugs an unplugged tap back in, VLAN and
    all, when its daemon restarts (libvirt source, virNetDevTapReattachBridge).
    """
    if want is None:
        return _cut_off(seen.wiring) if seen.wiring.owner == deployment else seen.wiring
    if seen.wiring.owner not in ("", deployment):
        raise Unfit(f"interface {seen.name} belongs to deployment {seen.wiring.owner}; two providers must not share it")
    if seen.bridge != want.bridge:
        raise Unfit(f"interface {seen.name} is on bridge {seen.bridge}, its network on {want.bridge}; plug it anew")
    return want.wiring


def _cut_off(wiring: Wiring) -> Wiring:
    return replace(wiring, mark="", cut=True, policing=None, shaping=None)


def settled(seen: Interface, want: Wanted | None, deployment: str) -> bool:
    """Whether the interface is as it should be."""
    try:
        return target(seen, want, deployment) == seen.wiring
    except Unfit:
        return False


def shortfall(desired: Desired | None) -> list[str]:
    """What of a port plain Open vSwitch can never do, each in one clause."""
    return _unserved(desired.port, unmet(desired.qos)) if isinstance(desired, DesiredPort) else []


def _unserved(port: Port, rules: Sequence[str]) -> list[str]:
    lacking = [f"{rule} is not realised by plain Open vSwitch" for rule in rules]
    if port.security_groups:
        lacking.append("security groups are not enforced by plain Open vSwitch")
    if port.port_security_enabled:
        lacking.append("the addresses a VM sends from (port security) are not checked by plain Open vSwitch")
    if port.extra_dhcp_opts:
        lacking.append("DHCP options are not served by plain Open vSwitch")
    return lacking
