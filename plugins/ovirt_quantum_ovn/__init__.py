"""OVN: realises overlays, and VLAN and flat networks joined to their wire, in the northbound database.

Ports have DHCP, security groups and port security; OVN itself takes them to the hosts. What a port is on, and whether
packets can flow, comes from the southbound database.
"""

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence

from ovirt_quantum.errors import Refused, Unavailable
from ovirt_quantum.model import Host, Network
from ovirt_quantum.plugin import (
    Change,
    Context,
    DesiredFirewallGroup,
    DesiredNetwork,
    DesiredPort,
    DesiredRouter,
    DesiredTapMirror,
    Outcome,
    Plug,
    Ref,
)

from . import binding, dhcp, firewall, gateway, network, port, qos, router, router_port, tap_mirror
from .drift import Drift
from .northbound import Northbound
from .objects import EXTENTS, KINDS, ORDER
from .ovsdb import Client, OvsdbError, remotes
from .plan import Item
from .rows import Wanted
from .settings import Settings
from .southbound import Southbound

__all__ = ["OvnPlugin"]


class OvnPlugin:
    """Raises ValueError when made with settings that are not good."""

    name = "ovn"
    kinds = frozenset(ORDER)
    features = frozenset(
        {
            "dhcp",
            "security-groups",
            "port-security",
            "router",
            "route-tables",
            "firewall",
            "qos-egress",
            "qos-ingress",
            "qos-dscp",
            "qos-minimum-bandwidth",
            "dns",
            "tap-mirror",
        }
    )
    network_types = frozenset({"geneve", "vlan", "flat"})

    def __init__(self, context: Context) -> None:
        settings = Settings.read(context.settings)
        self._context = context
        self.network_types = context.network_types
        self._settings = settings
        self._refuses = settings.while_down == "refuse"
        self._down = "the database OVN_Northbound was not reached yet"
        self._owed: set[Ref] = set()
        self._lock = threading.Lock()
        north = Client("OVN_Northbound", remotes.parse(settings.northbound), settings.tls, listener=self._connected)
        south = Client("OVN_Southbound", remotes.parse(settings.southbound), settings.tls)
        self._clients = (north, south)
        self._started = False
        self._southbound = Southbound(south, context.deployment, context.observe)
        drift = Drift(north, context.deployment, self._drifted)
        self._northbound = Northbound(north, context.deployment, drift, settings.timeout)

    def hosts(self, _hosts: Sequence[Host]) -> None:
        """The databases know the hosts; this is the core's word that work begins."""
        if not self._started:
            self._started = True
            for client in self._clients:
                client.start()

    def check(self, change: Change) -> None:
        """Raises Refused, and Unavailable where the administrator wants no writes that wait for the database."""
        if self._refuses and self._down:
            raise Unavailable("ServiceUnavailable", f"Nothing was written: {self._down} (ovn.while_down is refuse).")
        if isinstance(change.desired, DesiredNetwork):
            network.check(change.desired.network, change.desired.physical)
        elif isinstance(change.desired, DesiredPort) and self._plugs(change.desired.network):
            dhcp.check(change.desired.port)
        elif isinstance(change.desired, DesiredTapMirror):
            tap_mirror.check(change.desired.mirror)
        elif isinstance(change.desired, DesiredFirewallGroup):
            firewall.check(change.desired)

    def plug(self, _desired: DesiredPort) -> Plug:
        """On OVN's bridge; what the port is, OVN knows from its id."""
        return Plug(self._settings.integration_bridge)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        items, errors = [], {}
        for change in sorted(changes, key=_order):
            try:
                items.append(self._item(change))
            except Refused as refused:
                errors[change.ref] = refused.message
        errors |= self._write(items)
        return [Outcome(change.ref, errors.get(change.ref), self._shortfall(change)) for change in changes]

    def present(self) -> Iterable[Ref]:
        return [ref for ref in sorted(self._northbound.present()) if ref.kind in self.kinds]

    def close(self) -> None:
        for client in self._clients:
            client.close()

    def _item(self, change: Change) -> Item:
        extent, desired, deployment = EXTENTS[change.ref.kind](change.ref.id), change.desired, self._context.deployment
        if desired is None or (isinstance(desired, DesiredPort) and not self._realises(desired)):
            return Item(change.ref, extent)
        if isinstance(desired, DesiredRouter):
            return Item(change.ref, extent, self._router(desired))
        if isinstance(desired, DesiredPort):
            return Item(change.ref, extent, port.wanted(desired, deployment, self._binding(desired)))
        return Item(change.ref, extent, KINDS[change.ref.kind].wanted(desired, deployment))

    def _write(self, items: Sequence[Item]) -> dict[Ref, str]:
        """What the database does not take for want of an answer is owed until it answers."""
        refs = {item.ref for item in items}
        with self._lock:
            self._owed |= refs
        try:
            errors = self._northbound.apply(items)
        except OvsdbError as error:
            return dict.fromkeys(refs, f"northbound database: {error}")
        with self._lock:
            self._owed -= refs
        return errors

    def _connected(self, connected: bool, reason: str) -> None:
        self._down = "" if connected else reason
        with self._lock:
            owed = sorted(self._owed)
        if connected and owed:
            self._context.observe([self._southbound.drifted(ref) for ref in owed])

    def _binding(self, desired: DesiredPort) -> Mapping[str, str] | None:
        chassis, seen = self._southbound.chassis(), self._southbound.whereabouts(desired.port.id)
        return None if chassis is None else binding.options(desired.port.host_id, seen, chassis)

    def _router(self, desired: DesiredRouter) -> Wanted:
        hosts = gateway.hosts(desired.gateway_hosts, self._southbound.chassis())
        site = router.Site(hosts, self.network_types, self._settings.distributed_floating_ips)
        return router.wanted(desired, self._context.deployment, site)

    def _realises(self, desired: DesiredPort) -> bool:
        """VMs' ports of the networks that it plugs, and routers' ports of all: those of a floating IP are no ports."""
        if desired.port.device_owner.startswith("network:"):
            return router_port.is_routers(desired.port)
        return self._plugs(desired.network)

    def _shortfall(self, change: Change) -> str:
        if isinstance(change.desired, DesiredPort) and self._plugs(change.desired.network):
            return "; ".join(qos.shortfall(change.desired))
        return ""

    def _plugs(self, network: Network) -> bool:
        return network.network_type in self.network_types

    def _drifted(self, refs: Collection[Ref]) -> None:
        """Of a mark that somebody made up nothing is told."""
        ours = sorted(ref for ref in refs if ref.kind in self.kinds)
        self._context.observe([self._southbound.drifted(ref) for ref in ours])


def _order(change: Change) -> int:
    """What is removed goes before what it referred to; what is made comes after it."""
    place = ORDER.index(change.ref.kind)
    return place if change.desired is not None else -place
