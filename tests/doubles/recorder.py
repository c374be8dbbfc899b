"""A small HTTP server on loopback that keeps the bytes of every request and answers as it is told."""

from __future__ import annotations

import json
import socket
import ssl
import threading
from collections import defaultdict
from dataclasses import dataclass
from types import TracebackType

JSON = "application/json"


@dataclass(frozen=True)
class Request:
    """One request as it came over the wire."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes
    connection: int  # number of the TCP connection that carried it

    @property
    def line(self) -> str:
        return f"{self.method} {self.target}"


@dataclass(frozen=True)
class Reply:
    """One answer; no Content-Type header where `media_type` is None."""

    status: int = 200
    body: bytes = b""
    media_type: str | None = JSON
    headers: tuple[str, ...] = ()

    def encode(self) -> bytes:
        media = [f"Content-Type: {self.media_type}"] if self.media_type else []
        lines = [f"HTTP/1.1 {self.status} Whatever", *media, *self.headers, f"Content-Length: {len(self.body)}"]
        return "\r\n".join([*lines, "", ""]).encode() + self.body


def reply(content: object, status: int = 200, media_type: str | None = JSON) -> Reply:
    """An answer with a JSON body."""
    return Reply(status, json.dumps(content).encode(), media_type)


class Recorder:
    """Answers each request line with the next of its replies, the last one again and again; 404 to others."""

    def __init__(self, tls: ssl.SSLContext | None = None) -> None:
        self.requests: list[Request] = []
        self._replies: defaultdict[str, list[Reply]] = defaultdict(list)
        self._tls = tls
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._thread = threading.Thread(target=self._serve, daemon=True)

    @property
    def url(self) -> str:
        scheme = "https" if self._tls else "http"
        return f"{scheme}://127.0.0.1:{self._listener.getsockname()[1]}"

    @property
    def lines(self) -> list[str]:
        """What was asked, in order."""
        return [request.line for request in self.requests]

    def answer(self, line: str, *replies: Reply) -> None:
        """Answer `line`, such as "GET /v2.0/ports", with these from now on."""
        self._replies[line] = list(replies)

    def __enter__(self) -> Recorder:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(5)

    def _serve(self) -> None:
        number = 0
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            number += 1
            try:
                self._converse(connection, number)
            except OSError:
                connection.close()

    def _converse(self, plain: socket.socket, number: int) -> None:
        """Keep the connection open for more, as it says Keep-Alive, until the client closes it."""
        plain.settimeout(10)
        with self._tls.wrap_socket(plain, server_side=True) if self._tls else plain as connection:
            stream = connection.makefile("rb")
            while start := stream.readline().decode().split():
                headers = {}
                while (header := stream.readline().decode().strip()) != "":
                    name, _, value = header.partition(": ")
                    headers[name] = value
                body = stream.read(int(headers.get("Content-Length", 0)))
                request = Request(start[0], start[1], headers, body, number)
                self.requests.append(request)
                connection.sendall(self._next(request.line).encode())

    def _next(self, line: str) -> Reply:
        replies = self._replies[line]
        if not replies:
            return Reply(404, b"{}")
        return replies.pop(0) if len(replies) > 1 else replies[0]
