"""A database's client as threads see it: calls with a bound, over a connection that is looked after.

One thread has an event loop; it dials, follows the leader and tells the listeners. Whoever calls waits no longer than
he says.
"""

import asyncio
import itertools
import threading
from collections.abc import Coroutine, Mapping, Sequence
from concurrent.futures import CancelledError
from contextlib import suppress
from typing import Any, TypeVar

import msgspec

from . import results
from .connection import Request
from .dialler import Dialler, StateListener
from .errors import NotConnected, OutcomeUnknown
from .monitors import Listener, Monitor, Watched
from .operations import Operation
from .remotes import InternetRemote, Remote
from .results import Result
from .session import Session
from .stream import Malformed
from .tls import Tls

T = TypeVar("T")

GRACE = 1.0
"""Seconds after which a caller no longer relies on the client's thread to keep the time."""


class Client:
    """Of one database on one or several servers.

    listener: told whether there is a server to speak to. probe_interval: seconds of silence after which a server is
    asked whether it lives; it is given up after as many again.
    Raises ValueError where a remote needs `tls` and there is none, or a file of it is not good.
    """

    def __init__(
        self,
        database: str,
        remotes: Sequence[Remote],
        tls: Tls | None = None,
        *,
        listener: StateListener = lambda connected, reason: None,
        probe_interval: float = 5.0,
    ) -> None:
        _check(remotes, tls)
        self._database = database
        self._names = itertools.count()
        self._dialler = Dialler(database, remotes, tls.context() if tls else None, probe_interval, listener)
        self._loop = asyncio.new_event_loop()
        self._dialling = self._loop.create_task(self._dialler.run())
        self._thread = threading.Thread(target=self._live, name=f"ovsdb-{database}", daemon=True)

    def start(self) -> None:
        """Begins to dial; does not wait for a server."""
        self._thread.start()

    def close(self) -> None:
        """Ends the connection and the thread; calls that wait get their error. Nothing can be done with it after."""
        if self._thread.ident is None:
            self._thread.start()  # to end what was made for it
        with suppress(RuntimeError):  # closed before, or by a listener
            self._loop.call_soon_threadsafe(self._dialling.cancel)
            self._thread.join(GRACE)

    def monitor(self, tables: Mapping[str, Watched], listener: Listener) -> None:
        """Has the listener told of these rows from now on, as long as the client lives."""
        monitor = Monitor(f"{self._database}-{next(self._names)}", tables, listener)
        self._loop.call_soon_threadsafe(self._dialler.watch, monitor)

    def transact(self, operations: Sequence[Operation], timeout: float) -> list[Result]:
        """Does all the operations or none; one result each, at the latest after `timeout` seconds.

        Raises TransactionFailed (ConstraintViolated, DuplicateUuid, WaitFailed) with the operation that failed;
        NotConnected where nothing was sent; OutcomeUnknown where the answer is missing.
        """
        request = Request("transact", [self._database, *(operation.wire for operation in operations)])
        session, answer = self._wait(self._send(request, timeout), timeout)
        try:
            return results.read(operations, session.schema, answer)
        except Malformed as error:
            self._loop.call_soon_threadsafe(session.drop, str(error))
            raise OutcomeUnknown(f"{session.remote} sent {error}") from error

    async def _send(self, request: Request, timeout: float) -> tuple[Session, msgspec.Raw]:
        deadline = self._loop.time() + timeout
        session = await self._dialler.session(timeout)
        try:
            async with asyncio.timeout_at(deadline):
                return session, await session.call(request)
        except TimeoutError:
            raise OutcomeUnknown(f"{session.remote} did not answer within {timeout:g} s") from None

    def _wait(self, call: Coroutine[Any, Any, T], timeout: float) -> T:
        if threading.get_ident() == self._thread.ident:
            call.close()
            raise RuntimeError("a listener can't wait for the thread that calls it")
        try:
            future = asyncio.run_coroutine_threadsafe(call, self._loop)
        except RuntimeError:
            call.close()
            raise NotConnected(f"the client of database {self._database} is closed") from None
        try:
            return future.result(timeout + GRACE)
        except (CancelledError, TimeoutError):
            future.cancel()
            raise OutcomeUnknown(f"the client of database {self._database} was closed or is held up") from None

    def _live(self) -> None:
        asyncio.set_event_loop(self._loop)
        with suppress(asyncio.CancelledError):
            self._loop.run_until_complete(self._dialling)
        for task in (calls := asyncio.all_tasks(self._loop)):
            task.cancel()
        self._loop.run_until_complete(asyncio.gather(*calls, return_exceptions=True))
        self._loop.close()


def _check(remotes: Sequence[Remote], tls: Tls | None) -> None:
    if not remotes:
        raise ValueError("a database needs a server to be served by")
    for remote in remotes:
        if isinstance(remote, InternetRemote) and remote.encrypted and tls is None:
            raise ValueError(f"{remote} needs a private key, a certificate and a CA's certificate")
