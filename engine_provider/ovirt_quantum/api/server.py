"""The listeners: bounded in everything that a client could draw out."""

import asyncio
import gc
import signal
import socket
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, cast

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from .errors import neutron_error

COLLECT_AFTER = 200_000
"""Objects. With Python's own 700 the collector runs a hundred times within one list of 5,000 ports and doubles its
time; such a list is some 50,000 objects, none of them in a cycle."""


@dataclass(frozen=True)
class Limits:
    """How long a client may take for what it owes, in seconds; how much it may send."""

    handshake_s: float = 10.0
    """For TLS."""
    headers_s: float = 15.0
    """From the connection, or a request's first byte, to the end of its headers."""
    body_s: float = 30.0
    """From there to the end of its body, be it read or thrown away."""
    idle_s: int = 60
    """For the next request on a connection that is kept alive."""
    silent_s: float = 60.0
    """To take what was sent to it (tcp(7), TCP_USER_TIMEOUT)."""
    stop_s: int = 10
    """For requests under way when the service stops."""
    header_bytes: int = 64 * 1024


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that closes a connection whose requests don't come, come too slowly or don't end."""

    _deadline: asyncio.TimerHandle | None = None
    _header_bytes = 0
    _within_headers = False
    _request: "_Request"

    def __init__(self, limits: Limits, **settings: Any) -> None:
        super().__init__(**settings)
        self._limits = limits

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        if self._within_headers and self._header_bytes > self._limits.header_bytes:
            self.transport.close()
            return
        self._header_bytes += len(data)
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._expect_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._within_headers = False
        self._expect_within(self._limits.body_s)
        self._request = _Request(self.transport)
        super().on_headers_complete()
        self.cycle.transport = cast(asyncio.Transport, self._request)

    def on_message_complete(self) -> None:
        self._expect_nothing()
        self._request.end()
        super().on_message_complete()
        if self.cycle.response_complete and not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(self._limits.idle_s, self.timeout_keep_alive_handler)

    def connection_lost(self, exc: Exception | None) -> None:
        self._expect_nothing()
        super().connection_lost(exc)

    def send_400_response(self, msg: str) -> None:
        """What is no HTTP at all gets Neutron's form too."""
        body = bytes(neutron_error(400, "HTTPBadRequest", msg).body)
        head = f"HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
        self.transport.write(f"{head}connection: close\r\n\r\n".encode() + body)
        self.transport.close()

    def _expect_headers(self) -> None:
        self._within_headers, self._header_bytes = True, 0
        self._expect_within(self._limits.headers_s)

    def _expect_within(self, seconds: float) -> None:
        self._expect_nothing()
        self._deadline = self.loop.call_later(seconds, self.transport.close)

    def _expect_nothing(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = None


class _Request:
    """A connection as one request has it: it stays open until the whole request has come.

    A client that is still sending when it is closed does not get to read its answer (RFC 9112, section 9.6).
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._ended = self._to_be_closed = False
        self.write = transport.write
        self.is_closing = transport.is_closing

    def close(self) -> None:
        self._to_be_closed = True
        if self._ended:
            self._transport.close()

    def end(self) -> None:
        """The last of the request is here."""
        self._ended = True
        if self._to_be_closed:
            self._transport.close()


class BoundedLoop(uvloop.Loop):
    """A loop whose TLS servers drop clients that never handshake."""

    def __init__(self, handshake_s: float) -> None:
        super().__init__()
        self._handshake_s = handshake_s

    async def create_server(self, *arguments: Any, **settings: Any) -> asyncio.Server:
        if settings.get("ssl") is not None:
            settings["ssl_handshake_timeout"] = self._handshake_s
        return cast(asyncio.Server, await super().create_server(*arguments, **settings))


def listen(address: str) -> socket.socket:
    """A listening socket for HOST:PORT. Raises OSError with the address in its words."""
    host, _, port = address.rpartition(":")
    host = host.strip("[]") or "::"
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, int(port)))
    except (OSError, ValueError, OverflowError) as error:
        listener.close()
        raise OSError(f"cannot listen on {address}: {error}") from None
    return listener


def check_certificate(certificate: str, private_key: str) -> None:
    """Raises OSError with the files in its words where no TLS could be served with them."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, private_key, password="")
    except OSError as error:
        raise OSError(f"cannot serve TLS with {certificate} and {private_key}: {error.strerror or error}") from None


def serve(app: ASGIApp, listeners: Sequence[socket.socket], certificate: str, private_key: str, limits: Limits) -> None:
    """Serves until SIGTERM or SIGINT, and then returns, for the caller to finish what was accepted."""
    # uvicorn raises the signal once more when it is done, which by default would end the process there and then
    signal.signal(signal.SIGTERM, lambda *_: None)
    gc.freeze()
    gc.set_threshold(COLLECT_AFTER)
    for listener in listeners:
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(limits.silent_s * 1000))
    config = uvicorn.Config(
        app,
        http=cast(type[asyncio.Protocol], partial(BoundedProtocol, limits)),
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=limits.idle_s,
        timeout_graceful_shutdown=limits.stop_s,
        ssl_certfile=certificate or None,
        ssl_keyfile=private_key or None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    with asyncio.Runner(loop_factory=partial(BoundedLoop, limits.handshake_s)) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=list(listeners)))
