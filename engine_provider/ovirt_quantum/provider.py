"""The running provider: what the API speaks to."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import structlog

from .errors import Conflict, Unavailable
from .identity import Identity
from .patience import WAIT_S
from .plugin import DesiredPort, Plug
from .reconciler import Reconciler
from .service.features import Abilities
from .store.database import Database
from .store.deployment import Standing, keep_witness, still_holds
from .store.writer import Batch, Work, Writer

T = TypeVar("T")

APPLY_WAIT_S = 1.0
"""How long an answer waits for the plugins; what takes longer goes on behind it."""
WITNESS_S = 5.0

log = structlog.get_logger()


class Provider:
    """Database, writer and reconcilers, as one. While the database is in doubt, nothing of it moves."""

    def __init__(
        self,
        database: Database,
        identity: Identity,
        reconcilers: Sequence[Reconciler],
        abilities: Abilities,
        witness: Path,
        standing: Standing,
    ) -> None:
        self.database = database
        self.identity = identity
        self.reconcilers = reconcilers
        self.abilities = abilities
        plugins = [reconciler.plugin for reconciler in reconcilers]
        self._pluggers = {kind: plugin for plugin in plugins for kind in plugin.network_types}
        self._writer = Writer(database, plugins, self._hand_over)
        self.features = self._writer.features
        for reconciler in reconcilers:
            reconciler.connect(self._writer)
        self._witness = witness
        self._standing = standing
        self._stop = threading.Event()
        self._keeper = threading.Thread(target=self._keep, name="witness", daemon=True)

    def start(self) -> None:
        """Begins to write, to reconcile and to keep the witness."""
        self._writer.start()
        self._hold(self._standing.doubt)
        for reconciler in self.reconcilers:
            reconciler.start()
        self._keeper.start()

    def close(self) -> None:
        """Finishes what was accepted."""
        self._stop.set()
        for reconciler in self.reconcilers:
            reconciler.close()
        self._writer.close()
        try:
            keep_witness(self.database, self._witness)
        finally:
            self.database.close()

    def check_standing(self) -> None:
        """Raises Unavailable while nobody has confirmed a database that is in doubt."""
        if self._standing.doubt:
            raise Unavailable(
                "ServiceUnavailable",
                f"{self._standing.doubt} Nothing is answered or changed until an administrator restores the right "
                "database or runs `ovirt-quantum database confirm`.",
            )

    def check_what_was_read(self) -> None:
        """Raises Unavailable where the database fell back since the witness was last kept.

        Asked after a list was read: the engine unplugs every NIC on a network that is not in it. And before a log-in
        is refused: at a 401 the engine switches its synchronisation off.
        """
        if not still_holds(self.database, self._standing):
            raise Unavailable("ServiceUnavailable", "The database is empty, older or another than it was a moment ago.")

    def plug(self, desired: DesiredPort) -> Plug:
        """How a host plugs the port: the word of the plugin that plugs ports of its network's type.

        Raises Conflict where none does, or where it refuses.
        """
        plugger = self._pluggers.get(desired.network.network_type or "")
        if plugger is None:
            kind = desired.network.network_type
            raise Conflict("PortNotPluggable", f"No loaded plugin plugs ports of {kind} networks, such as this one's.")
        return plugger.plug(desired)

    async def write(self, work: Work[T]) -> T:
        """Durable when it returns, and realised too unless a backend is slow or dead. Raises Unavailable."""
        try:
            written = await asyncio.wait_for(asyncio.wrap_future(self._writer.submit(work)), WAIT_S)
        except TimeoutError:
            raise Unavailable(
                "ServiceUnavailable", "The database does not answer. It may yet be written: look before you try again."
            ) from None
        applied = asyncio.wrap_future(written.batch.applied)
        await asyncio.wait([applied], timeout=APPLY_WAIT_S)
        return written.value

    def _hand_over(self, batch: Batch) -> None:
        for reconciler in self.reconcilers:
            reconciler.hand_over(batch)

    def _hold(self, doubt: str) -> None:
        for reconciler in self.reconcilers:
            reconciler.hold(bool(doubt))

    def _keep(self) -> None:
        while not self._stop.wait(WITNESS_S):
            try:
                self._look_after_standing()
            except (Unavailable, OSError) as error:
                log.warning("the witness of the database can't be kept", reason=str(error))

    def _look_after_standing(self) -> None:
        before, now = self._standing, keep_witness(self.database, self._witness)
        if now.deployment != before.deployment and not now.doubt:
            now = replace(now, doubt="The database was confirmed to be another deployment's: restart the service.")
        self._standing = now
        if bool(now.doubt) != bool(before.doubt):
            self._hold(now.doubt)
            log.warning(now.doubt or "the database was confirmed: the service goes on")
