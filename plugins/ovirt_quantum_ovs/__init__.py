"""Plain Open vSwitch: realises ports of VLAN and flat networks on the hosts, through their databases.

Each declared host is dialled (`ovsdb` of the inventory). Where a VM's interface shows up (libvirt writes the port's
id to external_ids:iface-id), this plugin gives it the network's VLAN, the port's state and its speed limits, marks
it, and tells the core when it comes, changes or goes. It makes no interfaces: libvirt does, and takes them away.

Speed limits. What the VM gets is shaped by linux-htb, what it sends is policed at its interface. On the user space
datapath (datapath_type netdev) shaping was measured to work and policing to do nothing at all, so there the latter
is reported as a shortfall. libvirt writes the same columns from a domain's <bandwidth>: where the port has a
policy with a limit in that direction, the policy wins; else libvirt's limit stays untouched.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ovirt_quantum.errors import Refused
from ovirt_quantum.model import Host, Network
from ovirt_quantum.plugin import NETWORK, PORT, Change, Context, DesiredNetwork, DesiredPort, Outcome, Plug, Ref

from . import tls
from .fabric import Fabric, Result
from .settings import Settings
from .wiring import Wanted, segment, shortfall, wanted

__all__ = ["OvsPlugin"]


class OvsPlugin:
    """Raises ValueError when made with settings that are not good."""

    name = "ovs"
    kinds = frozenset({NETWORK, PORT})
    features = frozenset({"qos-ingress", "qos-egress"})
    network_types = frozenset({"vlan", "flat"})

    def __init__(self, context: Context) -> None:
        self._settings = Settings.read(context.settings)
        tls.configure(self._settings)
        self._deployment = context.deployment
        self.network_types = context.network_types
        self._fabric = Fabric(context.deployment, context.observe)

    def hosts(self, hosts: Sequence[Host]) -> None:
        self._fabric.declare(hosts)

    def check(self, change: Change) -> None:
        if isinstance(change.desired, DesiredNetwork) and self._plugs(change.desired.network):
            segment(change.desired.network, change.desired.physical)
        elif isinstance(change.desired, DesiredPort) and self._plugs(change.desired.network):
            wanted(change.desired, self._deployment)

    def plug(self, desired: DesiredPort) -> Plug:
        """On the physical network's bridge, in the network's VLAN from the first packet on."""
        want = wanted(desired, self._deployment)
        return Plug(want.bridge, want.wiring.tag)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        changes = [self._without_others(change) for change in changes]
        outcomes = [Outcome(change.ref) for change in changes if change.ref.kind != PORT]
        want: dict[str, Wanted | None] = {}
        ports = []
        for change in changes:
            try:
                if change.ref.kind == PORT:
                    want[change.ref.id] = self._wanted(change)
                    ports.append(change)
            except Refused as refused:
                outcomes.append(Outcome(change.ref, error=refused.message))
        results = self._fabric.apply(want, {c.ref.id: _hosts(c.realised) for c in ports}, self._settings.timeout)
        return outcomes + [self._outcome(change, results[change.ref.id]) for change in ports]

    def present(self) -> Iterable[Ref]:
        return [Ref(PORT, port_id) for port_id in sorted(self._fabric.ports())]

    def close(self) -> None:
        self._fabric.close()

    def _plugs(self, network: Network) -> bool:
        return network.network_type in self.network_types

    def _without_others(self, change: Change) -> Change:
        """A port that another plugin plugs must not exist here."""
        if isinstance(change.desired, DesiredPort) and not self._plugs(change.desired.network):
            return Change(change.ref, None, change.realised)
        return change

    def _wanted(self, change: Change) -> Wanted | None:
        return wanted(change.desired, self._deployment) if isinstance(change.desired, DesiredPort) else None

    def _outcome(self, change: Change, result: Result) -> Outcome:
        errors = [f"host {host}: {error}" for host, error in sorted(result.errors.items())]
        return Outcome(
            change.ref,
            error="; ".join(errors) or None,
            shortfall="; ".join(shortfall(change.desired) + self._local_shortfall(change, result)),
            realised={"hosts": result.hosts},
        )

    def _local_shortfall(self, change: Change, result: Result) -> list[str]:
        if not isinstance(change.desired, DesiredPort):
            return []
        lacking = []
        limited = wanted(change.desired, self._deployment).wiring.policing
        if limited and result.user_space:
            where = ", ".join(sorted(result.user_space))
            lacking.append(f"the limit of what the VM sends is not enforced by the user space datapath of {where}")
        bound = change.desired.port.host_id
        if not result.hosts and self._fabric.is_out_of_reach(bound):
            lacking.append(f"host {bound} is out of reach: whether it has the port is not known")
        return lacking


def _hosts(realised: Mapping[str, Any] | None) -> Sequence[str]:
    return list((realised or {}).get("hosts", ()))
