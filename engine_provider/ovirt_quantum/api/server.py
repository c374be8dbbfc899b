"""The listeners: bounded in everything that a client could draw out."""

import asyncio
import socket
import ssl
from collections.abc import Sequence
from typing import Any, cast

import uvicorn
import uvloop
from starlette.types import ASGIApp
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEADERS_S = 15.0
"""From the connection, or the last answer, to the end of the next request's headers."""
HANDSHAKE_S = 10.0
IDLE_S = 60
"""A kept-alive connection without a request."""
MOST_HEADER_BYTES = 64 * 1024
STOP_S = 10
"""How long requests under way may take when the service stops."""


class BoundedProtocol(HttpToolsProtocol):
    """HTTP/1.1 that closes a connection whose headers don't come, come too slowly or don't end."""

    _deadline: asyncio.TimerHandle | None = None
    _header_bytes = 0

    def connection_made(self, transport: Any) -> None:
        super().connection_made(transport)
        self._expect_headers()

    def data_received(self, data: bytes) -> None:
        if self._deadline is not None:
            self._header_bytes += len(data)
            if self._header_bytes > MOST_HEADER_BYTES + len(data):
                self.transport.close()
                return
        super().data_received(data)

    def on_message_begin(self) -> None:
        self._expect_headers()
        super().on_message_begin()

    def on_headers_complete(self) -> None:
        self._stop_expecting()
        super().on_headers_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_expecting()
        super().connection_lost(exc)

    def _expect_headers(self) -> None:
        self._stop_expecting()
        self._deadline = self.loop.call_later(HEADERS_S, self.transport.close)

    def _stop_expecting(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline, self._header_bytes = None, 0


class BoundedLoop(uvloop.Loop):
    """A loop whose TLS servers drop clients that never handshake."""

    async def create_server(self, *arguments: Any, **settings: Any) -> asyncio.Server:
        if settings.get("ssl") is not None:
            settings["ssl_handshake_timeout"] = HANDSHAKE_S
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


def serve(app: ASGIApp, listeners: Sequence[socket.socket], certificate: str, private_key: str) -> None:
    """Serves until SIGTERM or SIGINT."""
    config = uvicorn.Config(
        app,
        http=BoundedProtocol,
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_keep_alive=IDLE_S,
        timeout_graceful_shutdown=STOP_S,
        ssl_certfile=certificate or None,
        ssl_keyfile=private_key or None,
        ssl_version=ssl.PROTOCOL_TLS_SERVER,
    )
    with asyncio.Runner(loop_factory=BoundedLoop) as runner:
        runner.run(uvicorn.Server(config).serve(sockets=list(listeners)))
