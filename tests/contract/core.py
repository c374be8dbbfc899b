"""A very small core: keeps what is wanted of each object, and applies what is due."""

import threading
import time
from collections.abc import Callable, Sequence

from ovirt_quantum.plugin import PORT, Change, Desired, DesiredPort, Observed, Outcome, Plugin, Ref

from .backend import PluginMaker


def ref(desired: DesiredPort) -> Ref:
    return Ref(PORT, desired.port.id)


class Core:
    """Drives one plugin as the reconciler does: what is observed to have drifted is applied again."""

    def __init__(self, backend: PluginMaker, deployment: str) -> None:
        self._lock = threading.Lock()
        self._due: set[Ref] = set()
        self._desired: dict[Ref, Desired | None] = {}
        self.seen: dict[Ref, Observed] = {}
        self.plugin: Plugin = backend.plugin(deployment, self._observe)

    def apply(self, *desired: DesiredPort) -> dict[str, Outcome]:
        """Applies the ports as one batch, once; the outcomes by port id."""
        return self._apply({ref(each): each for each in desired})

    def remove(self, *port_ids: str) -> dict[str, Outcome]:
        """Applies that the ports must not exist, as one batch, once."""
        return self._apply({Ref(PORT, port_id): None for port_id in port_ids})

    def settle(self, done: Callable[[], bool], seconds: float = 10.0) -> None:
        """Applies what is due until `done`. Fails after `seconds`."""
        deadline = time.monotonic() + seconds
        while not done():
            assert time.monotonic() < deadline, f"not settled within {seconds} s; seen: {self.seen}"
            if due := self._take_due():
                self._apply({each: self._desired[each] for each in due})
            time.sleep(0.02)

    def _apply(self, desired: dict[Ref, Desired | None]) -> dict[str, Outcome]:
        self._desired |= desired
        outcomes = self.plugin.apply([Change(each, wanted) for each, wanted in desired.items()])
        assert {outcome.ref for outcome in outcomes} == set(desired), "there is an outcome for each change"
        return {outcome.ref.id: outcome for outcome in outcomes}

    def _observe(self, observed: Sequence[Observed]) -> None:
        with self._lock:
            for each in observed:
                self.seen[each.ref] = each
                if each.drifted and each.ref in self._desired:
                    self._due.add(each.ref)

    def _take_due(self) -> set[Ref]:
        with self._lock:
            due, self._due = self._due, set()
            return due
