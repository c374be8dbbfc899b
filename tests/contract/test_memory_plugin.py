"""The reference plugin passes the contract: so the suite asks nothing that can't be had."""

import hashlib
from collections.abc import Hashable
from dataclasses import replace

import pytest
from ovirt_quantum.plugin import PORT, Change, Context, DesiredPort, Plugin, Ref

from .backend import Observe
from .memory_plugin import Entry, Memory, MemoryPlugin
from .ports import desired_port, unrealisable
from .suite import PluginContract


class MemoryBackend:
    patience = 1.0

    def __init__(self) -> None:
        self.memory = Memory()

    def plugin(self, deployment: str, observe: Observe) -> Plugin:
        return MemoryPlugin(Context(deployment, {"memory": self.memory}, observe, frozenset({"vlan", "flat"})))

    def desired(self, number: int, **attributes: object) -> DesiredPort:
        return desired_port(number, **attributes)  # type: ignore[arg-type]

    def unrealisable(self) -> Change:
        return unrealisable()

    def plug(self, port_id: str) -> None:
        """The plugin makes ports itself."""

    def state(self, port_id: str) -> Hashable:
        held = self.memory.objects.get(Ref(PORT, port_id))
        return repr(held.value) if held else None

    def expected(self, desired: DesiredPort) -> Hashable:
        return repr(desired)

    def change_by_hand(self, port_id: str) -> None:
        held = self.memory.objects[Ref(PORT, port_id)]
        assert isinstance(held.value, DesiredPort)
        self.memory.change(Ref(PORT, port_id), Entry(held.mark, replace(held.value, physical=None)))

    def hinder(self, port_id: str) -> None:
        self.memory.broken.add(Ref(PORT, port_id))

    def stop(self) -> None:
        self.memory.up = False

    def start(self) -> None:
        self.memory.wake()

    def add_foreign(self) -> None:
        self.memory.objects[Ref(PORT, "foreign")] = Entry("", desired_port(19))
        self.memory.objects[Ref(PORT, "other")] = Entry("somebody", desired_port(20))

    def fingerprint(self, *deployments: str) -> str:
        kept = [(ref, entry) for ref, entry in self.memory.objects.items() if entry.mark not in deployments]
        return hashlib.sha256(repr(sorted(kept, key=lambda item: item[0])).encode()).hexdigest()

    def writes(self) -> int:
        return self.memory.writes


class TestMemoryPlugin(PluginContract):
    @pytest.fixture
    def backend(self) -> MemoryBackend:
        return MemoryBackend()
