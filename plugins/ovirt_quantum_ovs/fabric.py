"""All hosts together: who has which port, what was last asked for it, and what the core is told of it."""

import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, wait
from dataclasses import dataclass, field

from ovirt_quantum.model import Host
from ovirt_quantum.plugin import PORT, Observed, Ref

from .host import HostSession, View
from .wiring import Interface, Wanted, settled

GRACE = 0.5
"""Seconds that hosts get beyond a deadline to say that they missed it."""


@dataclass
class Result:
    """What became of one port: the hosts that have it, those of them in user space, and errors by host."""

    hosts: list[str] = field(default_factory=list)
    user_space: list[str] = field(default_factory=list)
    errors: dict[str, str] = field(default_factory=dict)


class Fabric:
    """`observe` is called in the order of what happened, from the hosts' threads.

    What was last wanted of each port is remembered, so that drift is told from our own writes; after a restart
    nothing is remembered and everything that shows up counts as drifted once.
    """

    def __init__(self, deployment: str, observe: Callable[[Sequence[Observed]], None]) -> None:
        self._deployment = deployment
        self._observe = observe
        self._lock = threading.Lock()
        self._views: dict[HostSession, View] = {}
        self._wanted: dict[str, Wanted] = {}
        self._owed: set[str] = set()

    def declare(self, hosts: Sequence[Host]) -> None:
        """Dials hosts that are new, lets go of those that are no more."""
        declared = {(host.name, host.ovsdb) for host in hosts if host.ovsdb}
        with self._lock:
            known = {(session.name, session.remote): session for session in self._views}
            for session in [known[key] for key in known.keys() - declared]:
                self._forget(session)
            for name, remote in declared - known.keys():
                session = HostSession(name, remote, self._deployment, self._changed)
                self._views[session] = View()
                session.start()

    def apply(
        self, wanted: Mapping[str, Wanted | None], was_on: Mapping[str, Collection[str]], timeout: float
    ) -> dict[str, Result]:
        """Makes all hosts in reach match at once. `was_on`: where each port is believed to have been."""
        deadline = time.monotonic() + timeout
        with self._lock:
            self._remember(wanted)
            results = {port_id: self._find(port_id, was_on.get(port_id, ())) for port_id in wanted}
            parts = {session: view.interfaces.keys() & wanted.keys() for session, view in self._in_reach()}
        tasks = {
            session: session.submit({port_id: wanted[port_id] for port_id in ports}, deadline)
            for session, ports in parts.items()
            if ports
        }
        wait(tasks.values(), timeout + GRACE)
        self._collect(tasks, parts, results)
        return results

    def ports(self) -> set[str]:
        """Ids of the ports on the hosts in reach that are ours, and not given up already."""
        with self._lock:
            ours = (
                interface.port_id
                for _, view in self._in_reach()
                for found in view.interfaces.values()
                for interface in found
                if interface.wiring.owner == self._deployment and not interface.wiring.is_given_up
            )
            return set(ours)

    def is_out_of_reach(self, host: str) -> bool:
        """Whether the host is declared with an address, but does not answer."""
        with self._lock:
            return any(session.name == host and not view.connected for session, view in self._views.items())

    def close(self) -> None:
        with self._lock:
            sessions = list(self._views)
            self._views.clear()
        for session in sessions:
            session.close()
        for session in sessions:
            session.join(2.0)

    def _remember(self, wanted: Mapping[str, Wanted | None]) -> None:
        for port_id, want in wanted.items():
            if want is None:
                self._wanted.pop(port_id, None)
            else:
                self._wanted[port_id] = want

    def _in_reach(self) -> Iterable[tuple[HostSession, View]]:
        return [(session, view) for session, view in self._views.items() if view.connected]

    def _find(self, port_id: str, was_on: Collection[str]) -> Result:
        """Where the port is. A host out of reach counts only as long as no other has the port: VMs move on."""
        result = Result()
        for session, view in self._in_reach():
            interfaces = view.interfaces.get(port_id, ())
            if interfaces:
                result.hosts.append(session.name)
            if any(interface.user_space for interface in interfaces):
                result.user_space.append(session.name)
        if not result.hosts:
            for session, view in self._views.items():
                if not view.connected and (port_id in view.interfaces or session.name in was_on):
                    result.hosts.append(session.name)
                    result.errors[session.name] = f"it is out of reach ({session.failure or 'no connection'})"
        return result

    def _collect(
        self,
        tasks: Mapping[HostSession, "Future[dict[str, str]]"],
        parts: Mapping[HostSession, Collection[str]],
        results: Mapping[str, Result],
    ) -> None:
        for session, task in tasks.items():
            errors = task.result() if task.done() else dict.fromkeys(parts[session], "it does not answer in time")
            for port_id, error in errors.items():
                results[port_id].errors[session.name] = error
        with self._lock:
            for port_id, result in results.items():
                (self._owed.add if result.errors else self._owed.discard)(port_id)

    def _changed(self, session: HostSession, view: View) -> None:
        with self._lock:
            old = self._views.get(session)
            if old is None:
                return  # it was let go of meanwhile
            self._views[session] = view
            self._report(_differing(old, view), view)

    def _forget(self, session: HostSession) -> None:
        view = self._views.pop(session)
        session.close()
        self._report(view.interfaces.keys(), View())

    def _report(self, port_ids: Iterable[str], view: View) -> None:
        observed = [self._observed(port_id, view) for port_id in sorted(port_ids)]
        if observed:
            self._observe(observed)

    def _observed(self, port_id: str, view: View) -> Observed:
        in_reach = [(session, seen) for session, seen in self._in_reach() if port_id in seen.interfaces]
        counted = in_reach or [(session, seen) for session, seen in self._views.items() if port_id in seen.interfaces]
        return Observed(
            Ref(PORT, port_id),
            hosts=tuple(sorted(session.name for session, _ in counted)),
            up=any(interface.up for _, seen in counted for interface in seen.interfaces[port_id]),
            drifted=view.connected and self._has_drifted(port_id, view.interfaces.get(port_id, ())),
        )

    def _has_drifted(self, port_id: str, interfaces: Sequence[Interface]) -> bool:
        if port_id not in self._wanted or port_id in self._owed:
            return bool(interfaces)
        want = self._wanted[port_id]
        return any(not settled(interface, want, self._deployment) for interface in interfaces)


def _differing(old: View, new: View) -> set[str]:
    ports = old.interfaces.keys() | new.interfaces.keys()
    if old.connected != new.connected:
        return ports
    return {port_id for port_id in ports if old.interfaces.get(port_id) != new.interfaces.get(port_id)}
