"""The smallest real plugin: its backend is a dictionary, which tests of the core can look into and break.

memory = Memory()
plugin = MemoryPlugin(Context(deployment, {"memory": memory}, observe))
memory.objects[Ref("port", id)]    # what was realised, with its mark
memory.broken.add(Ref("port", id)) # this one can't be written any more
memory.up = False                  # nothing can be
memory.change(ref, Entry(...))     # somebody changes it by hand; the plugin observes it
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

from ovirt_quantum.errors import Refused
from ovirt_quantum.model import Host
from ovirt_quantum.plugin import (
    ADDRESS_GROUP,
    FIREWALL_GROUP,
    NETWORK,
    PORT,
    ROUTER,
    SECURITY_GROUP,
    Change,
    Context,
    Desired,
    DesiredNetwork,
    DesiredPort,
    Observed,
    Outcome,
    Plug,
    Ref,
)


@dataclass(frozen=True)
class Entry:
    """An object in the backend: whose it is, and what it is."""

    mark: str
    value: Desired


@dataclass
class Memory:
    """The backend. `writes` counts transactions; `watchers` hear of every change by hand."""

    objects: dict[Ref, Entry] = field(default_factory=dict)
    broken: set[Ref] = field(default_factory=set)
    up: bool = True
    writes: int = 0
    watchers: list[Callable[[Ref], None]] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def write(self, changes: dict[Ref, Entry | None]) -> None:
        """One transaction; None deletes."""
        with self.lock:
            self.writes += 1
            self._put(changes)

    def change(self, ref: Ref, entry: Entry | None) -> None:
        """Somebody changes an object by hand."""
        with self.lock:
            self._put({ref: entry})
        for watcher in list(self.watchers):
            watcher(ref)

    def wake(self) -> None:
        """The backend is back: watchers look at everything anew."""
        self.up = True
        for ref in list(self.objects):
            for watcher in list(self.watchers):
                watcher(ref)

    def _put(self, changes: dict[Ref, Entry | None]) -> None:
        for ref, entry in changes.items():
            if entry is None:
                self.objects.pop(ref, None)
            else:
                self.objects[ref] = entry


class MemoryPlugin:
    """Realises every network that has a segment and every port. settings: "memory", the backend to work on."""

    name = "memory"
    kinds = frozenset({NETWORK, PORT})
    features = frozenset({"dhcp", "qos-ingress", "qos-egress"})
    network_types = frozenset({"vlan", "flat"})

    def __init__(self, context: Context) -> None:
        if unknown := sorted(set(context.settings) - {"memory"}):
            raise ValueError(f"plugin memory has no setting '{unknown[0]}'")
        self.memory: Memory = context.settings.get("memory") or Memory()
        self._context = context
        self.network_types = context.network_types
        self.declared: tuple[str, ...] = ()
        self.memory.watchers.append(self._look)

    def check(self, change: Change) -> None:
        if isinstance(change.desired, DesiredNetwork) and change.desired.physical is None:
            raise Refused(f"network {change.ref.id} has no segment on a physical network")

    def plug(self, desired: DesiredPort) -> Plug:
        return Plug("br-int", desired.network.segmentation_id)

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        if not self.memory.up:
            return [Outcome(change.ref, error="the memory is down; wait until it is up") for change in changes]
        errors = {change.ref: self._error(change) for change in changes}
        writes = {change.ref: self._entry(change) for change in changes if errors[change.ref] is None}
        if due := {ref: entry for ref, entry in writes.items() if self.memory.objects.get(ref) != entry}:
            self.memory.write(due)
        return [Outcome(change.ref, error=errors[change.ref]) for change in changes]

    def present(self) -> Iterable[Ref]:
        return [ref for ref, entry in self.memory.objects.items() if entry.mark == self._context.deployment]

    def hosts(self, hosts: Sequence[Host]) -> None:
        self.declared = tuple(host.name for host in hosts)

    def close(self) -> None:
        if self._look in self.memory.watchers:
            self.memory.watchers.remove(self._look)

    def _error(self, change: Change) -> str | None:
        held = self.memory.objects.get(change.ref)
        if held and held.mark != self._context.deployment and change.desired is not None:
            return f"{change.ref.id} belongs to deployment {held.mark}; two providers must not share it"
        if change.ref in self.memory.broken:
            return f"{change.ref.id} can't be written; take it out of `broken`"
        return None

    def _entry(self, change: Change) -> Entry | None:
        held = self.memory.objects.get(change.ref)
        if change.desired is None:
            return held if held and held.mark != self._context.deployment else None
        return Entry(self._context.deployment, change.desired)

    def _look(self, ref: Ref) -> None:
        held = self.memory.objects.get(ref)
        on = (held.value.port.host_id,) if held and isinstance(held.value, DesiredPort) else ()
        self._context.observe([Observed(ref, hosts=tuple(filter(None, on)), up=held is not None, drifted=True)])


class GuardingPlugin(MemoryPlugin):
    """The same, with all else that a plugin can do."""

    kinds = MemoryPlugin.kinds | {SECURITY_GROUP, ADDRESS_GROUP, ROUTER, FIREWALL_GROUP}
    features = MemoryPlugin.features | {
        "security-groups",
        "port-security",
        "qos-dscp",
        "qos-minimum-bandwidth",
        "dns",
        "tap-mirror",
        "router",
        "route-tables",
        "firewall",
    }
