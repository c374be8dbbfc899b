"""What the southbound database says: which hosts there are, where each port is, and whether packets flow.

Only ports with this deployment's mark are watched (northd copies a port's external_ids), and only a few columns.
"""

import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import cast

from ovirt_quantum.plugin import PORT, Observed, Ref

from .binding import ACTIVATED, REQUESTED, Whereabouts
from .ovsdb import Client, Condition, RowChange, Uuid, Watched
from .ovsdb import Row as Contents
from .rows import MARK

NOWHERE = Whereabouts()


class Southbound:
    """`observe` is called by the client's thread, in the order of what happened."""

    def __init__(self, client: Client, deployment: str, observe: Callable[[Sequence[Observed]], None]) -> None:
        self._observe = observe
        self._lock = threading.Lock()
        self._known = False
        self._chassis: dict[str, str] = {}
        self._bindings: dict[str, Contents] = {}
        self._shown: dict[str, Whereabouts] = {}
        ours = [Condition("external_ids", "includes", {MARK: deployment})]
        columns = ["logical_port", "type", "chassis", "additional_chassis", "up", "options"]
        client.monitor({"Chassis": Watched(["name"]), "Port_Binding": Watched(columns, ours)}, self._changed)

    def chassis(self) -> frozenset[str] | None:
        """The names of all hosts; None as long as nothing is known of them."""
        with self._lock:
            return frozenset(self._chassis.values()) if self._known else None

    def whereabouts(self, port_id: str) -> Whereabouts:
        with self._lock:
            return self._shown.get(port_id, NOWHERE)

    def drifted(self, ref: Ref) -> Observed:
        """An object that is to be applied again; a port as it is seen now."""
        seen = self.whereabouts(ref.id) if ref.kind == PORT else NOWHERE
        return Observed(ref, seen.hosts, seen.up, drifted=True)

    def _changed(self, changes: Sequence[RowChange]) -> None:
        with self._lock:
            hosts_changed = self._note_chassis(changes)
            ports = [port for change in changes if (port := self._note_binding(change))]
            self._known = True
            seen = [self._look(port, hosts_changed) for port in (list(self._bindings) if hosts_changed else ports)]
        if told := [observed for observed in seen if observed is not None]:
            self._observe(told)

    def _note_chassis(self, changes: Sequence[RowChange]) -> bool:
        """Returns whether there are other hosts than before: every port's options name them all."""
        before = dict(self._chassis)
        for change in changes:
            if change.table == "Chassis" and change.new is not None:
                self._chassis[change.uuid] = str(change.new["name"])
            elif change.table == "Chassis":
                self._chassis.pop(change.uuid, None)
        return self._chassis != before

    def _note_binding(self, change: RowChange) -> str:
        """Returns the port that it is about; "" where it is no VM's."""
        row = change.new or change.old
        if change.table != "Port_Binding" or row is None or row["type"] != "":
            return ""
        self._bindings[str(row["logical_port"])] = change.new or {}
        return str(row["logical_port"])

    def _look(self, port_id: str, hosts_changed: bool) -> Observed | None:
        before, now = self._shown.pop(port_id, NOWHERE), self._where(self._bindings[port_id])
        if not self._bindings[port_id]:
            del self._bindings[port_id]
            return Observed(Ref(PORT, port_id))
        self._shown[port_id] = now
        if now == before and not hosts_changed:
            return None
        return Observed(Ref(PORT, port_id), now.hosts, now.up, drifted=hosts_changed or _needs_options(before, now))

    def _where(self, binding: Contents) -> Whereabouts:
        if not binding:
            return NOWHERE
        main = self._names([binding["chassis"]])
        more = self._names(cast("frozenset[Uuid]", binding["additional_chassis"]))
        options = cast("Mapping[str, str]", binding["options"])
        return Whereabouts(
            hosts=tuple(dict.fromkeys(main + more)),
            up=bool(binding["up"]) or bool(more),  # after a migration by RARP `up` is false, and the VM works
            requested=options.get(REQUESTED, "").partition(",")[0],
            activated=ACTIVATED in options,
        )

    def _names(self, uuids: Iterable[object]) -> list[str]:
        return sorted(name for uuid in uuids if (name := self._chassis.get(str(uuid), "")))


def _needs_options(before: Whereabouts, now: Whereabouts) -> bool:
    """Whether a port's options may have to change: it is on other hosts, or its old options are gone."""
    moved = bool(now.hosts) and now.hosts != before.hosts
    return moved or now.activated != before.activated or bool(before.requested and not now.requested)
