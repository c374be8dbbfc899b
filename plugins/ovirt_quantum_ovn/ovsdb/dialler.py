"""Always one session with a server that may serve the database, as soon as there is such a server."""

import asyncio
import itertools
import logging
import os
import random
import ssl
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

from .errors import NotConnected, OvsdbError
from .monitors import Monitor
from .remotes import Remote
from .session import Session, Unfit

log = logging.getLogger(__name__)

CONNECT_TIMEOUT = 5.0
"""Seconds for a server to accept, shake hands and say what it serves."""

MONITOR_TIMEOUT = 60.0
"""Seconds for one monitor's rows to come: 66,000 ports took ovsdb-server a few."""

FIRST_PAUSE, LONGEST_PAUSE = 0.1, 2.0
"""Seconds between two rounds over all servers; doubled with each round that comes to nothing."""

StateListener = Callable[[bool, str], None]
"""Called by the client's thread, so it must be quick: True once all monitors are up to date; False and the reason,
again with each other reason."""


class Dialler:
    """Dials one server after the other. All of it is for the client's thread."""

    def __init__(
        self,
        database: str,
        remotes: Sequence[Remote],
        tls: ssl.SSLContext | None,
        probe_interval: float,
        listener: StateListener,
    ) -> None:
        self._database = database
        self._remotes = remotes
        self._tls = tls
        self._probe_interval = probe_interval
        self._listener = listener
        self._monitors: list[Monitor] = []
        self._reasons: dict[Remote, str] = {}
        self._session: Session | None = None
        self._up = asyncio.Event()
        self._down_since = 0.0
        self._late: set[asyncio.Task[None]] = set()

    @property
    def reason(self) -> str:
        """Why there is no session, server by server."""
        told = "; ".join(f"{remote}: {reason}" for remote, reason in self._reasons.items())
        return f"the database {self._database} is out of reach: {told or 'no server was tried yet'}"

    async def run(self) -> None:
        """Dials for ever."""
        loop = asyncio.get_running_loop()
        self._down_since = loop.time()
        pause = FIRST_PAUSE
        for number, remote in enumerate(itertools.cycle(self._remotes), 1):
            lasted = await self._serve(remote)
            if lasted > LONGEST_PAUSE:
                pause = FIRST_PAUSE
            elif number % len(self._remotes) == 0:
                await asyncio.sleep(pause * random.uniform(0.7, 1.0))
                pause = min(2 * pause, LONGEST_PAUSE)

    async def session(self, timeout: float) -> Session:
        """The session, waited for until the outage has lasted `timeout` seconds: all who call then lose that once.

        Raises NotConnected.
        """
        if self._session is not None:
            return self._session
        try:
            async with asyncio.timeout_at(self._down_since + timeout):
                while self._session is None:
                    await self._up.wait()
                return self._session
        except TimeoutError:
            raise NotConnected(self.reason) from None

    def watch(self, monitor: Monitor) -> None:
        """Keeps the monitor on each session from now on."""
        self._monitors.append(monitor)
        if self._session is not None:
            task = asyncio.get_running_loop().create_task(self._attach_late(self._session, monitor))
            self._late.add(task)
            task.add_done_callback(self._late.discard)

    async def _serve(self, remote: Remote) -> float:
        """One session, from dialling to its end; how many seconds it was of use."""
        loop = asyncio.get_running_loop()
        session = Session(remote, self._database, self._probe_interval)
        began = None
        try:
            await self._establish(session)
            began = loop.time()
            self._connected(session)
            reason = await session.ended()
        except _USELESS as error:
            reason = _words(error)
        except Exception as error:  # a fault of ours: it must not end the dialling, which may mend it
            log.exception("the session with %s failed", remote)
            reason = repr(error)
        finally:
            session.drop("it is of no more use")
        self._disconnected(remote, reason)
        return loop.time() - began if began else 0.0

    async def _establish(self, session: Session) -> None:
        await _within(CONNECT_TIMEOUT, session.open(self._tls))
        for monitor in self._monitors:
            await _within(MONITOR_TIMEOUT, session.attach(monitor))

    async def _attach_late(self, session: Session, monitor: Monitor) -> None:
        try:
            await _within(MONITOR_TIMEOUT, session.attach(monitor))
        except _USELESS as error:
            session.drop(_words(error))

    def _connected(self, session: Session) -> None:
        log.info("database %s is served by %s", self._database, session.remote)
        self._session = session
        self._reasons.clear()
        self._up.set()
        self._tell(True, "")

    def _disconnected(self, remote: Remote, reason: str) -> None:
        if self._session is not None:
            self._session = None
            self._down_since = asyncio.get_running_loop().time()
            self._up.clear()
        if self._reasons.get(remote) != reason:
            log.warning("database %s at %s is of no use: %s", self._database, remote, reason)
            self._reasons[remote] = reason
            self._tell(False, self.reason)

    def _tell(self, connected: bool, reason: str) -> None:
        try:
            self._listener(connected, reason)
        except Exception:  # it is the listener's failure, and must not end the dialling
            log.exception("the listener of the state of database %s failed", self._database)


_USELESS = (OSError, OvsdbError, Unfit, ValueError)


def _words(error: Exception) -> str:
    """asyncio's own say "[Errno 111] Connect call failed ('192.0.2.1', 6641)"."""
    if isinstance(error, OSError) and not isinstance(error, ssl.SSLError) and error.errno and error.errno > 0:
        return os.strerror(error.errno)
    return str(error) or type(error).__name__


async def _within(seconds: float, step: Coroutine[Any, Any, None]) -> None:
    """Raises OSError where it takes longer."""
    try:
        async with asyncio.timeout(seconds):
            await step
    except TimeoutError as error:
        raise OSError(f"no answer within {seconds:g} s") from error
