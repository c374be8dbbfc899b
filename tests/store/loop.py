"""A reconciler to be stepped by hand, with a clock of its own and a plugin whose faults can be chosen."""

import threading
from collections.abc import Iterable, Sequence

from ovirt_quantum.model import Host, Port
from ovirt_quantum.plugin import PORT, Change, Context, Outcome, Ref
from ovirt_quantum.reconciler import Reconciler
from ovirt_quantum.service.port import delete_port
from ovirt_quantum.store import lists, sync
from ovirt_quantum.store.tables import sync as sync_table
from sqlalchemy import select

from tests.contract.memory_plugin import Memory, MemoryPlugin

from .cloud import ADMIN, DEPLOYMENT, PATIENCE_S, Cloud

NEVER_S = 1e6


class Plugin(MemoryPlugin):
    """The memory plugin, with all that was asked of it, and with its faults."""

    def __init__(self, context: Context, name: str = "memory") -> None:
        super().__init__(context)
        self.name = name
        self.asked: list[list[Ref]] = []
        self.realised: dict[Ref, object] = {}
        self.fault: Exception | None = None
        self.silent: set[Ref] = set()
        self.gate = threading.Event()
        self.gate.set()

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        assert self.gate.wait(PATIENCE_S)
        self.asked.append([change.ref for change in changes])
        self._raise()
        return [outcome for outcome in super().apply(changes) if outcome.ref not in self.silent]

    def present(self) -> Iterable[Ref]:
        self._raise()
        return super().present()

    def hosts(self, hosts: Sequence[Host]) -> None:
        self._raise()
        super().hosts(hosts)

    def _raise(self) -> None:
        if self.fault is not None:
            raise self.fault


class Loop:
    """A reconciler on a cloud, stepped by hand. `now` is its clock (unix seconds)."""

    def __init__(self, cloud: Cloud, name: str = "memory") -> None:
        self.cloud = cloud
        self.memory = cloud.memory if name == "memory" else Memory()
        self.plugin = Plugin(
            Context(
                DEPLOYMENT,
                {"memory": self.memory},
                lambda seen: self.reconciler.observe(seen),
                frozenset({"vlan", "flat"}),
            ),
            name,
        )
        self.now = 2e9
        self.reconciler = Reconciler(self.plugin, cloud.database, NEVER_S, clock=lambda: self.now)
        self.reconciler.connect(cloud.writer)

    def listen(self) -> "Loop":
        """As a service does it from its start on."""
        self.cloud.listeners.append(self.reconciler.hand_over)
        self.reconciler.step()
        return self

    def step(self, after_s: float = 0.0) -> list[Ref]:
        """What the plugin was asked to apply in a step."""
        self.now += after_s
        self.plugin.asked.clear()
        self.reconciler.step()
        return [ref for refs in self.plugin.asked for ref in refs]

    def due(self) -> int:
        """How many objects are still to be done, now or later."""
        with self.cloud.database.reading() as connection:
            return len(sync.due(connection, self.plugin.name, 3e9, 1000))

    def rows(self) -> int:
        with self.cloud.database.reading() as connection:
            mine = sync_table.c.plugin == self.plugin.name
            return len(connection.execute(select(sync_table.c.object_id).where(mine)).all())

    def trouble(self, port: Port) -> str:
        with self.cloud.database.reading() as connection:
            found = lists.troubles(connection, Port).get(port.id)
        return found.reason if found else ""


def ref(port: Port) -> Ref:
    return Ref(PORT, port.id)


def remove(cloud: Cloud, port: Port) -> None:
    cloud.write(lambda tx: delete_port(tx, ADMIN, port.id))
