"""A provider with the one endpoint that hosts use, strict about what they send; and servers that misbehave."""

import json
import socket
import ssl
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import TracebackType
from typing import Any, Self

TOKEN = "host1-token-0123456789"
HOST_ID = "host1.example.org"


class Provider:
    """Serves `GET /plug/PORT` on a loopback address; `plugs` maps port ids to answers, `asked` lists who asked."""

    def __init__(self, certificate: tuple[Path, Path] | None = None, prefix: str = "") -> None:
        self.plugs: dict[str, dict[str, Any]] = {}
        self.asked: list[tuple[str, str | None]] = []
        self.refusal: tuple[int, str] | None = None
        self._prefix = prefix
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._scheme = "http"
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
            self._scheme = "https"

    def url(self, host: str = "127.0.0.1") -> str:
        """Where it is, by the name that the host shall use."""
        return f"{self._scheme}://{host}:{self._server.server_port}{self._prefix}"

    def add(self, port_id: str, vlan: int | None, bridge: str = "br-int", **more: Any) -> None:
        """Make a port known."""
        self.plugs[port_id] = {"port_id": port_id, "bridge": bridge, "vlan": vlan, **more}

    def answer(self, path: str, token: str | None) -> tuple[int, dict[str, Any]]:
        """Status and document for a request."""
        if self.refusal:
            return self.refusal[0], neutron_error(self.refusal[1])
        if token != TOKEN:
            return 401, neutron_error("The token is not that of a host.")
        plug = self.plugs.get(path.removeprefix(f"{self._prefix}/plug/"))
        return (200, {"plug": plug}) if plug else (404, neutron_error("Port could not be found."))

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def _handler(provider) -> type[BaseHTTPRequestHandler]:  # noqa: N805
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                provider.asked.append((self.path, self.headers["X-Host-Id"]))
                status, document = provider.answer(self.path, self.headers["X-Auth-Token"])
                body = json.dumps(document).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: Any) -> None:
                """Quiet: the test looks at `asked`."""

        return Handler


def neutron_error(message: str) -> dict[str, Any]:
    """Neutron's error document."""
    return {"NeutronError": {"type": "Refused", "message": message, "detail": ""}}


class Rogue:
    """A TCP server that does to each connection what `behaviour` says, until the test ends."""

    def __init__(self, behaviour: Callable[[socket.socket, threading.Event], None]) -> None:
        self._behaviour = behaviour
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))

    def url(self, scheme: str = "http") -> str:
        """Where it is."""
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._listener.close()

    def _accept(self) -> None:
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection: socket.socket) -> None:
        with connection:
            try:
                self._behaviour(connection, self._over)
            except OSError:
                return  # the client gave up, as it should


def silent(connection: socket.socket, over: threading.Event) -> None:
    """Accept and say nothing: a hung provider, or a TLS server that never handshakes."""
    over.wait(30)


def drip(connection: socket.socket, over: threading.Event) -> None:
    """A correct beginning, then one byte at a time, for ever."""
    connection.recv(4096)
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 60000\r\n\r\n")
    while not over.wait(0.1):
        connection.sendall(b" ")


def says(answer: bytes) -> Callable[[socket.socket, threading.Event], None]:
    """Answer any request with these bytes and close."""

    def behaviour(connection: socket.socket, over: threading.Event) -> None:
        connection.recv(4096)
        connection.sendall(answer)

    return behaviour


def http(body: bytes, status: str = "200 OK") -> bytes:
    """A complete HTTP answer."""
    return b"HTTP/1.1 %s\r\nContent-Length: %d\r\n\r\n%s" % (status.encode(), len(body), body)
