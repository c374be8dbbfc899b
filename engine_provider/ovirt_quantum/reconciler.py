"""Drives one plugin: makes its backend be as the database says, again and again.

One loop serves what was just written, what failed, what drifted and what a restart finds. Fresh batches come from
the writer by memory; everything else is read from the sync table when it is due.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future
from itertools import islice

import structlog

from .model import Host
from .plugin import Change, Observed, Outcome, Plugin, Ref
from .store import sync
from .store.database import Database
from .store.desired import DESIRED, desired
from .store.observations import note
from .store.resync import known, strangers
from .store.transaction import Transaction
from .store.writer import Batch, Writer, Written

CHUNK = 200
"""Objects handed to a plugin at once."""
SETTLE_S = 30.0
RESYNC_AGAIN_S = 30.0
"""After a comparison that broke off: its backend was dead, or the database."""
MOST_ORPHANS = 50
"""A resync that would remove more stops: a restored old database makes newer objects look like orphans."""

Settled = Future[Written[None]] | None

log = structlog.get_logger()


class Reconciler:
    """The thread that calls one plugin's `apply`."""

    def __init__(
        self, plugin: Plugin, database: Database, resync_s: float, clock: Callable[[], float] = time.time
    ) -> None:
        """resync_s: how often everything is compared (seconds). clock: what due times are told by (unix seconds).

        Raises ValueError for a plugin that wants what the core does not hand over.
        """
        if unknown := sorted(plugin.kinds - DESIRED.keys()):
            raise ValueError(f"plugin {plugin.name} realises {', '.join(unknown)}; there is only {', '.join(DESIRED)}")
        self.plugin = plugin
        self._clock = clock
        self._database = database
        self._resync_s = resync_s
        self._fresh: deque[Batch] = deque()
        self._wake = threading.Event()
        self._closed = False
        self._held = False
        self._seen: dict[Ref, int] = {}
        self._hosts_changed = True
        self._next_resync = 0.0
        self._thread = threading.Thread(target=self.run, name=f"reconciler-{plugin.name}", daemon=True)

    def connect(self, writer: Writer) -> None:
        """`writer` takes the outcomes. Its batches must come in by `hand_over`."""
        self._writer = writer

    def start(self) -> None:
        """Begins to work."""
        self._thread.start()

    def observe(self, seen: Sequence[Observed]) -> None:
        """What the plugin saw, noted with the next batch; what is not known at all is left to a resync."""
        answer = self._writer.submit(lambda tx: note(tx, self.plugin, seen, self._clock()))
        answer.add_done_callback(self._observed)

    def _observed(self, answer: "Future[Written[bool]]") -> None:
        if answer.exception() is not None or answer.result().value:
            self.ask_for_resync()
        self._wake.set()  # what drifted is due by now

    def hold(self, held: bool) -> None:
        """While held, the loop touches no backend: the database may not be the right one."""
        self._held = held
        self._wake.set()

    def hand_over(self, batch: Batch) -> None:
        """A batch that has just been committed; called in order of commit."""
        self._hosts_changed |= any(ref.kind == Host.member for ref in batch.touched)
        self._fresh.append(batch)
        self._wake.set()

    def ask_for_resync(self) -> None:
        """Has everything compared soon: the backend showed something that nobody can place."""
        self._next_resync = min(self._next_resync, time.monotonic() + 1.0)
        self._wake.set()

    def close(self) -> None:
        """Stops after the step that is under way."""
        self._closed = True
        self._wake.set()
        if self._thread.is_alive():
            self._thread.join(timeout=SETTLE_S)
        self.plugin.close()

    def run(self) -> None:
        """Until closed: a step, then wait for news or for the next due time."""
        while not self._closed:
            self._wake.clear()
            try:
                pause = self._resync_s if self._held else self.step()
            except Exception as error:  # the loop outlives everything: a dead database comes back
                log.warning("reconciling is held up", plugin=self.plugin.name, reason=repr(error))
                pause = sync.GRACE_S
            self._wake.wait(pause)

    def step(self) -> float:
        """Everything that can be done now. Returns how long nothing more is due (seconds)."""
        self._tell_hosts()
        self._apply_fresh()
        if time.monotonic() >= self._next_resync:
            self.resync()
        while self._apply_due():
            if self._fresh:
                return 0.0
        return self._pause()

    def resync(self) -> None:
        """Compares everything: what the database knows is applied, what it does not is removed, within reason."""
        self._next_resync = time.monotonic() + self._resync_s
        try:
            self._compare()
        except Exception:
            self._next_resync = min(self._next_resync, time.monotonic() + RESYNC_AGAIN_S)
            raise

    def _compare(self) -> None:
        for kind in (kind for kind in DESIRED if kind in self.plugin.kinds):
            with self._database.reading() as connection:
                refs = known(connection, kind)
            for chunk in _chunks(refs):
                self._apply_refs(chunk)
                self._apply_fresh()  # no request waits for the end of a long comparison
        self._remove_orphans()

    def _remove_orphans(self) -> None:
        present = set(self.plugin.present())
        with self._database.reading() as connection:
            orphans = sorted(strangers(connection, self.plugin.name, present))
        if len(orphans) > MOST_ORPHANS:
            log.error(
                "the backend holds more unknown objects than a resync may remove; is this the right database?",
                plugin=self.plugin.name,
                orphans=len(orphans),
                most=MOST_ORPHANS,
            )
            return
        self._apply_refs(orphans)

    def _tell_hosts(self) -> None:
        if self._hosts_changed:
            self._hosts_changed = False
            try:
                with self._database.reading() as connection:
                    self.plugin.hosts(Transaction(connection).find(Host))
            except Exception:
                self._hosts_changed = True
                raise

    def _apply_fresh(self) -> None:
        while self._fresh:
            self._apply_batches()

    def _apply_batches(self) -> None:
        batches = [self._fresh.popleft() for _ in range(len(self._fresh))]
        versions: dict[Ref, int] = {}
        changes: dict[Ref, Change] = {}
        for batch in batches:
            for ref, state in batch.desired.items():
                if ref.kind in self.plugin.kinds and self._seen.get(ref, 0) <= batch.version:
                    versions[ref], changes[ref] = batch.version, Change(ref, state)
        settled = self._apply(list(changes.values()), versions)
        for batch in batches:
            batch.tried(self.plugin.name)
        _wait(settled)

    def _apply_due(self) -> bool:
        with self._database.reading() as connection:
            rows = sync.due(connection, self.plugin.name, self._clock(), CHUNK)
            transaction = Transaction(connection)
            changes = [Change(row.ref, desired(transaction, row.ref), row.realised) for row in rows]
        self._seen = {row.ref: row.wanted for row in rows}
        _wait(self._apply(changes, self._seen))
        return bool(rows)

    def _apply_refs(self, refs: Sequence[Ref]) -> None:
        """Applies what should be, as read now. Only failures are written down: a quiet resync writes nothing."""
        with self._database.reading() as connection:
            transaction = Transaction(connection)
            changes = [Change(ref, desired(transaction, ref)) for ref in refs]
        failed = [outcome for outcome in self._outcomes(changes) if outcome.error is not None]
        _wait(self._settle([(outcome, 0, False) for outcome in failed]))

    def _apply(self, changes: Sequence[Change], versions: dict[Ref, int]) -> Settled:
        gone = {change.ref: change.desired is None for change in changes}
        outcomes = self._outcomes(changes)
        return self._settle([(outcome, versions[outcome.ref], gone[outcome.ref]) for outcome in outcomes])

    def _outcomes(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        if not changes:
            return []
        try:
            outcomes = {outcome.ref: outcome for outcome in self.plugin.apply(changes)}
        except Exception as error:  # a plugin is somebody else's code: whatever it raises, the loop goes on
            log.error("a plugin failed", plugin=self.plugin.name, error=repr(error), exc_info=error)
            return [Outcome(change.ref, error=str(error) or repr(error)) for change in changes]
        silent = "the plugin did not say what became of it: a fault of the plugin"
        return [outcomes.get(change.ref) or Outcome(change.ref, error=silent) for change in changes]

    def _settle(self, outcomes: Sequence[tuple[Outcome, int, bool]]) -> Settled:
        if not outcomes:
            return None
        name = self.plugin.name
        return self._writer.submit(lambda tx: sync.settle(tx.connection, name, outcomes, self._clock()))

    def _pause(self) -> float:
        with self._database.reading() as connection:
            due = sync.next_due(connection, self.plugin.name)
        until_due = self._resync_s if due is None else due - self._clock()
        until_resync = self._next_resync - time.monotonic()
        return max(0.0, min(until_due, until_resync, self._resync_s))


def _wait(settled: Settled) -> None:
    if settled is not None:
        settled.result(timeout=SETTLE_S)


def _chunks(refs: Iterable[Ref]) -> Iterable[list[Ref]]:
    iterator = iter(refs)
    while chunk := list(islice(iterator, CHUNK)):
        yield chunk
