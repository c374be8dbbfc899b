"""One connection to a server: requests by id, notifications, and a probe of whether the peer is alive."""

import asyncio
import itertools
import ssl
from collections.abc import Callable
from typing import Any

import msgspec

from .errors import NotConnected, OutcomeUnknown, RequestRefused
from .remotes import Remote, UnixRemote
from .stream import Malformed, Scanner

MOST_BYTES = 64 * 2**20
"""Of one message. A select of all columns of 66,000 ports was 46 MB."""

LONGEST_MESSAGE = 12
"""Probe intervals that one message may take to come in: a large one over a slow line."""

Notified = Callable[[str, Any], None]
"""Called with a notification's method and parameters; raises ValueError where they are not good."""

_ids = itertools.count(1)


class _Message(msgspec.Struct):
    id: Any = None
    method: str | None = None
    params: msgspec.Raw = msgspec.Raw(b"null")
    result: msgspec.Raw = msgspec.Raw(b"null")
    error: Any = None


_DECODER = msgspec.json.Decoder(_Message)


class Request:
    """A request, encoded by whoever makes it and not by the thread that everybody shares."""

    def __init__(self, method: str, params: Any) -> None:
        self.id = next(_ids)
        self.wire = msgspec.json.encode({"id": self.id, "method": method, "params": params})


class Connection(asyncio.Protocol):
    """`probe_interval`: seconds of silence after which the peer is asked whether it lives, and then dropped."""

    def __init__(self, notified: Notified, probe_interval: float) -> None:
        loop = asyncio.get_running_loop()
        self.closed: asyncio.Future[str] = loop.create_future()
        self._notified = notified
        self._probe_interval = probe_interval
        self._scanner = Scanner(MOST_BYTES)
        self._pending: dict[int, asyncio.Future[msgspec.Raw] | None] = {}  # None: nobody waits for it any more
        self._transport: asyncio.Transport | None = None
        self._reason = ""  # of its end, once that is certain
        self._heard = False
        self._silent = 0
        self._timer: asyncio.TimerHandle | None = None

    async def call(self, request: Request) -> msgspec.Raw:
        """The result.

        Raises RequestRefused, NotConnected, or OutcomeUnknown where the connection ends before the answer comes.
        When it is cancelled, so is the request.
        """
        if self._reason:
            raise NotConnected(self._reason)
        answer: asyncio.Future[msgspec.Raw] = asyncio.get_running_loop().create_future()
        self._pending[request.id] = answer
        self._write(request.wire)
        try:
            return await answer
        except asyncio.CancelledError:
            self._pending[request.id] = None
            self._write(msgspec.json.encode({"id": None, "method": "cancel", "params": [request.id]}))
            raise

    def drop(self, reason: str) -> None:
        """Ends the connection at once."""
        self._reason = self._reason or reason
        if self._transport is not None:
            self._transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        self._look_again()

    def connection_lost(self, exc: Exception | None) -> None:
        self._reason = self._reason or (f"the connection broke: {exc}" if exc else "the server closed the connection")
        if self._timer is not None:
            self._timer.cancel()
        for answer in self._pending.values():
            if answer is not None and not answer.done():
                answer.set_exception(OutcomeUnknown(self._reason))
        self._pending.clear()
        if not self.closed.done():
            self.closed.set_result(self._reason)

    def data_received(self, data: bytes) -> None:
        try:
            for message in self._scanner.feed(data):
                self._heard = True
                self._handle(_DECODER.decode(message))
        except (ValueError, msgspec.MsgspecError, RecursionError) as error:
            self.drop(f"the server breaks the protocol: {error}")

    def _handle(self, message: _Message) -> None:
        if message.method is None:
            self._answered(message)
        elif message.id is None:
            self._notified(message.method, msgspec.json.decode(message.params))
        elif message.method == "echo":
            self._write(msgspec.json.encode({"id": message.id, "result": message.params, "error": None}))
        else:
            raise Malformed(f"a request '{message.method}', which no client serves")

    def _answered(self, message: _Message) -> None:
        if not isinstance(message.id, int) or message.id not in self._pending:
            raise Malformed(f"an answer to request {message.id!r:.40}, which is not open")
        answer = self._pending.pop(message.id)
        if answer is None or answer.done():
            return
        if message.error is None:
            answer.set_result(message.result)
        else:
            answer.set_exception(RequestRefused(f"the server refused: {_words(message.error)}"))

    def _write(self, wire: bytes) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(wire)

    def _watch(self) -> None:
        """Once in each interval: was there a message, is one under way, or does a probe find the server alive?"""
        self._silent = 0 if self._heard else self._silent + 1
        self._heard = False
        if self._silent > (LONGEST_MESSAGE if self._scanner.pending else 1):
            self.drop(f"the server was silent for {self._silent * self._probe_interval:g} s")
            return
        if self._silent == 1:
            probe = Request("echo", [])
            self._pending[probe.id] = None
            self._write(probe.wire)
        self._look_again()

    def _look_again(self) -> None:
        self._timer = asyncio.get_running_loop().call_later(self._probe_interval, self._watch)


async def dial(remote: Remote, tls: ssl.SSLContext | None, make: Callable[[], Connection]) -> Connection:
    """Connects. Raises OSError (ssl.SSLError is one)."""
    loop = asyncio.get_running_loop()
    if isinstance(remote, UnixRemote):
        _, connection = await loop.create_unix_connection(make, remote.path)
    elif remote.encrypted:
        _, connection = await loop.create_connection(
            make, remote.host, remote.port, ssl=tls, ssl_shutdown_timeout=1, happy_eyeballs_delay=0.25
        )
    else:
        _, connection = await loop.create_connection(make, remote.host, remote.port)
    return connection


def _words(error: Any) -> str:
    if isinstance(error, dict) and "error" in error:
        return f"{error['error']}: {error['details']}" if error.get("details") else str(error["error"])
    return str(error)
