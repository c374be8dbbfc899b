"""The plugin contract: all that the author of a plugin must read.

A plugin makes one backend (Open vSwitch on the hosts, an OVN northbound database, a switch) be as the core
wants it. It has three verbs and keeps no data: the core's database holds what should be, the backend holds what
is. The core calls `apply` for what changed, again for what failed, again for what the plugin saw drift, and
for everything after a restart; so one path serves all of it, and `apply` must be idempotent.

What the plugin makes in the backend bears the mark of this deployment (`Context.deployment`). What bears no such
mark belongs to somebody else and is never touched.

A plugin is loaded by the entry point group `ovirt_quantum.plugins`, if the configuration names it, and is made by
calling that entry point with a `Context`. tests/contract is the suite that every plugin must pass.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from .errors import Refused, Unavailable
from .model import (
    AddressGroup,
    FirewallGroup,
    FirewallRule,
    FloatingIp,
    Host,
    Network,
    PhysicalNetwork,
    PolicyRoute,
    Port,
    PortForwarding,
    QosPolicy,
    Router,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    TapMirror,
)

NETWORK, SUBNET, PORT = "network", "subnet", "port"
SECURITY_GROUP, ADDRESS_GROUP, TAP_MIRROR = "security_group", "address_group", "tap_mirror"
ROUTER = "router"
FIREWALL_GROUP = "firewall_group"
"""Kinds of objects that plugins realise."""


@dataclass(frozen=True, order=True)
class Ref:
    """Which object: its kind and its id."""

    kind: str
    id: str


@dataclass(frozen=True)
class DesiredNetwork:
    """A network as it should be. `physical` is None where the network has no segment on a wire."""

    network: Network
    physical: PhysicalNetwork | None


@dataclass(frozen=True)
class DesiredSubnet:
    """A subnet as it should be, and its network."""

    subnet: Subnet
    network: Network


@dataclass(frozen=True)
class DesiredPort:
    """A port as it should be, with what is needed to realise it.

    qos: the port's policy or its network's.  subnets: those that the port has addresses of.  mirrors: its own.
    firewall_group: the id of that which guards it, where it is a router's.
    """

    port: Port
    network: Network
    physical: PhysicalNetwork | None
    qos: QosPolicy | None
    subnets: tuple[Subnet, ...] = ()
    mirrors: tuple[TapMirror, ...] = ()
    firewall_group: str | None = None


@dataclass(frozen=True)
class DesiredTapMirror:
    """A tap mirror as it should be. Its port changes with it."""

    mirror: TapMirror


@dataclass(frozen=True)
class DesiredSecurityGroup:
    """A security group as it should be, with all its rules. It changes with each of them; its ports do not.

    Which ports are in it, their `security_groups` say; they change when theirs does.
    """

    group: SecurityGroup
    rules: tuple[SecurityGroupRule, ...]


@dataclass(frozen=True)
class DesiredAddressGroup:
    """An address group as it should be. The rules that refer to it do not change with it."""

    group: AddressGroup


@dataclass(frozen=True)
class RouterPort:
    """A port of a router, and the subnets that it has addresses of.

    A plugin that realises ports is handed each as a PORT too; no host ever plugs it.
    """

    port: Port
    network: Network
    physical: PhysicalNetwork | None
    subnets: tuple[Subnet, ...]


@dataclass(frozen=True)
class DesiredFloatingIp:
    """A floating IP of a router. `port`: the VM's, where the whole address is its; else `forwardings` say whose."""

    floating_ip: FloatingIp
    port: Port | None
    forwardings: tuple[PortForwarding, ...]


@dataclass(frozen=True)
class DesiredRouter:
    """A router as it should be, with all that hangs on it.

    gateway_hosts: names of the hosts that its gateway may be on, the preferred one first.
    route_tables: a subnet that none of them names uses the router's own routes.
    """

    router: Router
    interfaces: tuple[RouterPort, ...]
    gateway: RouterPort | None
    floating_ips: tuple[DesiredFloatingIp, ...]
    gateway_hosts: tuple[str, ...]
    route_tables: tuple[RouteTable, ...] = ()
    policy_routes: tuple[PolicyRoute, ...] = ()


@dataclass(frozen=True)
class DesiredFirewallGroup:
    """A firewall group as it should be: the enabled rules of each direction, the first that fits decides.

    Nothing passes that no rule allows; where the group is down, it comes without rules. Its ports do not change with
    its rules.
    """

    group: FirewallGroup
    ports: tuple[RouterPort, ...]
    ingress: tuple[FirewallRule, ...]
    egress: tuple[FirewallRule, ...]


Desired = (
    DesiredNetwork
    | DesiredSubnet
    | DesiredPort
    | DesiredSecurityGroup
    | DesiredAddressGroup
    | DesiredTapMirror
    | DesiredRouter
    | DesiredFirewallGroup
)


@dataclass(frozen=True)
class Plug:
    """How a host plugs a port. The same on every host: live migration carries it along.

    bridge: the Open vSwitch bridge.  vlan: the tag that libvirt sets, 0 for an access port without a tag; None:
    the plugin needs none set.
    """

    bridge: str
    vlan: int | None = None


@dataclass(frozen=True)
class Change:
    """An object that the backend must be made to match. `desired` is None where it must not exist.

    realised: what this plugin said of it when it last applied it; a hint where to look, never the truth.
    """

    ref: Ref
    desired: Desired | None
    realised: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a change.

    error: None where the backend matches; else one sentence that says what is wrong and what to do, and the core
    tries again, later and later. shortfall: what of the object this backend will never do, for the port's
    `status_reason`; not an error. realised: kept for the next change of the object.
    """

    ref: Ref
    error: str | None = None
    shortfall: str = ""
    realised: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observed:
    """What a plugin saw of an object. Of a port: the hosts that its interfaces are on, and whether packets can flow.

    The core notes it as the port's status. With `drifted`, what the plugin realised was changed by somebody, or
    an interface appeared, or the backend is back: the core has the object applied again. One that it does not know, as
    a row that came out of a backup, makes it compare everything.
    """

    ref: Ref
    hosts: tuple[str, ...] = ()
    up: bool = False
    drifted: bool = False


@dataclass(frozen=True)
class Context:
    """What a plugin is made with.

    deployment: the mark of this deployment, 36 characters, to be put on everything made.
    settings: the plugin's own table of the configuration file; a plugin refuses keys that it does not know, by a
    ValueError that names the key.
    network_types: the types of networks whose ports it plugs: of those that it can, the ones that no plugin before
    it in the configuration can. It may realise other networks as well, to route them for one, but not their ports.
    observe: to be called, from any thread, with what is seen. Never blocks.
    """

    deployment: str
    settings: Mapping[str, Any]
    observe: Callable[[Sequence[Observed]], None]
    network_types: frozenset[str]


class Plugin(Protocol):
    """One backend."""

    name: str
    kinds: frozenset[str]
    """The kinds of objects that it realises."""
    features: frozenset[str]
    """What it can do beyond plain plugging: "dhcp", "security-groups", "port-security", "qos-ingress", "qos-egress",
    "router", "route-tables", "qos-dscp", "qos-minimum-bandwidth", "dns", "tap-mirror", "firewall"."""
    network_types: frozenset[str]
    """The types of networks whose ports it plugs: the class says which it can ("vlan", "flat", "geneve"), one that is
    made which it does (`Context.network_types`)."""

    def check(self, change: Change) -> None:
        """Vetoes by raising `Refused`. Called inside the database transaction: no I/O, no waiting.

        Raises `Unavailable` where an administrator wants no writes accepted that the backend can't realise now.
        """

    def plug(self, desired: DesiredPort) -> Plug:
        """How a host plugs the port, which is of a network that this plugin plugs. Pure: no I/O.

        Raises `Refused` where it can't be plugged.
        """

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        """Makes the backend match, in one backend transaction where it has such. Idempotent.

        Returns an outcome for each change, in any order. Raises only if nothing at all could be done; all the
        changes then count as failed with that error. Called by one thread at a time. Bounded in time.
        """

    def present(self) -> Iterable[Ref]:
        """Every object with this deployment's mark that the backend holds now."""

    def hosts(self, hosts: Sequence[Host]) -> None:
        """Tells which hosts are declared. Called at the start and after every change of the inventory."""

    def close(self) -> None:
        """Lets go of all connections and threads; the backend stays as it is."""


class PluginMaker(Protocol):
    """What the entry point names: a plugin's class."""

    network_types: frozenset[str]

    def __call__(self, context: Context) -> Plugin:
        """Raises ValueError for settings that are not good."""


__all__ = [
    "ADDRESS_GROUP",
    "FIREWALL_GROUP",
    "NETWORK",
    "PORT",
    "ROUTER",
    "SECURITY_GROUP",
    "SUBNET",
    "TAP_MIRROR",
    "Change",
    "Context",
    "Desired",
    "DesiredAddressGroup",
    "DesiredFirewallGroup",
    "DesiredFloatingIp",
    "DesiredNetwork",
    "DesiredPort",
    "DesiredRouter",
    "DesiredSecurityGroup",
    "DesiredSubnet",
    "DesiredTapMirror",
    "Observed",
    "Outcome",
    "Plug",
    "Plugin",
    "PluginMaker",
    "Ref",
    "Refused",
    "RouterPort",
    "Unavailable",
]
