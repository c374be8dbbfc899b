"""One writer, many requests: writes that wait are taken together and share one durable commit.

Each is a function of a `Transaction` and has a savepoint of its own, so that a refused one rolls back alone. The
due marks for the plugins are part of the same commit; after it the batch goes to the plugins from memory.
"""

import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

import structlog
from sqlalchemy import Connection, update
from sqlalchemy.exc import DataError, DBAPIError, IntegrityError

from ..errors import BadInput, Conflict, QuantumError, Unavailable
from ..plugin import Change, Desired, Plugin, Ref
from . import sync
from .database import Database
from .desired import concerned, desired
from .tables import deployment
from .transaction import Transaction

T = TypeVar("T")
Work = Callable[[Transaction], T]
Answer = Callable[[], None]

MOST_IN_A_BATCH = 64

log = structlog.get_logger()


@dataclass
class Batch:
    """What one commit wrote. `applied` is done when each of the plugins that it concerns has tried to make it so."""

    version: int = 0
    desired: dict[Ref, Desired | None] = field(default_factory=dict)
    touched: set[Ref] = field(default_factory=set)
    applied: Future[None] = field(default_factory=Future)
    _awaited: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def concerns(self, plugins: Collection[str]) -> None:
        """Says once which plugins have to try."""
        self._awaited = {"", *plugins}
        self.tried("")

    def tried(self, plugin: str) -> None:
        """Notes that a plugin has done with it what it could."""
        with self._lock:
            self._awaited.discard(plugin)
            if not self._awaited and not self.applied.done():
                self.applied.set_result(None)


@dataclass(frozen=True)
class Written(Generic[T]):
    """The work's answer, durable now, and the batch it was part of."""

    value: T
    batch: Batch


@dataclass(frozen=True)
class _Waiting:
    work: Work[Any]
    answer: Future[Written[Any]]

    def fail(self, error: Exception) -> Answer:
        failure = _readable(error)
        return lambda: self.answer.set_exception(failure)

    def succeed(self, value: Any, batch: Batch) -> Answer:
        return lambda: self.answer.set_result(Written(value, batch))


class Writer:
    """The thread that writes. `submit` from anywhere. `features` are those of all plugins together.

    `listen` is told of each batch that wrote resources, in order of commit; it must not block or raise.
    """

    def __init__(self, database: Database, plugins: Sequence[Plugin], listen: Callable[[Batch], None]) -> None:
        self._database = database
        self._plugins = plugins
        self._kinds = frozenset[str]().union(*(plugin.kinds for plugin in plugins))
        self.features = frozenset[str]().union(*(plugin.features for plugin in plugins))
        self._listen = listen
        self._queue: SimpleQueue[_Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._run, name="writer", daemon=True)
        self._gate = threading.Lock()
        self._closed = False

    def start(self) -> None:
        self._thread.start()

    def submit(self, work: Work[T]) -> Future[Written[T]]:
        """Queues the work. The future has what it returned, or the error it raised.

        Cancelled in time, the work is not done; once it is being written, nothing stops it.
        """
        answer: Future[Written[T]] = Future()
        with self._gate:
            if self._closed:
                answer.set_exception(Unavailable("ServiceUnavailable", "The service is stopping."))
            else:
                self._queue.put(_Waiting(work, answer))
        return answer

    def close(self) -> None:
        """Writes what is queued, then stops."""
        with self._gate:
            self._closed = True
            self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join(timeout=30)

    def _run(self) -> None:
        while (first := self._queue.get()) is not None:
            taken, stop = self._take(first)
            wanted = [waiting for waiting in taken if waiting.answer.set_running_or_notify_cancel()]
            if wanted:
                self._write(wanted)
            if stop:
                return

    def _take(self, first: _Waiting) -> tuple[list[_Waiting], bool]:
        taken = [first]
        while len(taken) < MOST_IN_A_BATCH:
            try:
                waiting = self._queue.get_nowait()
            except Empty:
                break
            if waiting is None:
                return taken, True
            taken.append(waiting)
        return taken, False

    def _write(self, taken: Sequence[_Waiting]) -> None:
        """One commit for all that was taken; then, and only then, the answers."""
        batch = Batch()
        try:
            with self._database.writing() as connection:
                batch.version = _take_turn(connection)
                answers = [self._work(connection, waiting, batch) for waiting in taken]
                self._mark(connection, batch)
        except Exception as error:
            log.error("a batch of writes failed", writes=len(taken), reason=str(error))
            answers = [waiting.fail(error) for waiting in taken]
        else:
            if batch.touched:
                self._listen(batch)
        for answer in answers:
            answer()

    def _work(self, connection: Connection, waiting: _Waiting, batch: Batch) -> Answer:
        transaction = Transaction(connection, self.features)
        connection.exec_driver_sql("SAVEPOINT work")
        try:
            value = waiting.work(transaction)
            wanted = self._check(transaction)
            connection.exec_driver_sql("RELEASE SAVEPOINT work")
        except Exception as error:
            if _breaks_transaction(error):
                raise
            connection.exec_driver_sql("ROLLBACK TO SAVEPOINT work")
            if not isinstance(error, QuantumError | DBAPIError):
                log.error("a write failed", error=repr(error), exc_info=error)
            return waiting.fail(error)
        batch.desired.update(wanted)
        batch.touched.update(transaction.touched)
        return waiting.succeed(value, batch)

    def _check(self, transaction: Transaction) -> Mapping[Ref, Desired | None]:
        wanted = {ref: desired(transaction, ref) for ref in concerned(transaction) if ref.kind in self._kinds}
        for ref, state in wanted.items():
            for plugin in self._plugins:
                if ref.kind in plugin.kinds:
                    plugin.check(Change(ref, state))
        return wanted

    def _mark(self, connection: Connection, batch: Batch) -> None:
        due = time.time() + sync.GRACE_S
        mine = {plugin.name: [ref for ref in batch.desired if ref.kind in plugin.kinds] for plugin in self._plugins}
        for name, refs in mine.items():
            sync.mark(connection, name, refs, batch.version, due)
        batch.concerns([name for name, refs in mine.items() if refs])


_TURN = update(deployment).values(generation=deployment.c.generation + 1)


def _take_turn(connection: Connection) -> int:
    """Counts the deployment's generation up; the row's lock makes the writers of all processes take turns."""
    connection.execute(_TURN)
    return sync.generation(connection)


def _breaks_transaction(error: Exception) -> bool:
    """Whether the database may have rolled back more than one statement (a deadlock, a full disk): nothing of the
    batch is sure any more, and a savepoint to go back to may be gone."""
    return isinstance(error, DBAPIError) and not isinstance(error, IntegrityError | DataError)


def _readable(error: Exception) -> QuantumError:
    if isinstance(error, QuantumError):
        return error
    if isinstance(error, IntegrityError):
        return Conflict("Conflict", "Another request has just taken or removed what this one needs. Try again.")
    if isinstance(error, DataError):
        return BadInput("InvalidInput", f"The database can't take a value of the request: {error.orig}.")
    return Unavailable("ServiceUnavailable", "The write failed inside the service; its log says why.")
