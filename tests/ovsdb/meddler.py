"""Stands between a client and a real ovsdb-server, and spoils what the server says."""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self

Spoil = Callable[[bytes], bytes | None]
"""What becomes of a piece of the server's words; None ends the connection."""


def nothing(data: bytes) -> bytes | None:
    """Leaves it as it is."""
    return data


class Meddler:
    """At `remote`. `spoil` is for the connections made from then on; `accepted` counts them."""

    def __init__(self, folder: Path, server: str) -> None:
        self.remote = f"unix:{folder}/meddler"
        self.spoil: Spoil = nothing
        self.accepted = 0
        self._server = server.removeprefix("unix:")
        self._listener = socket.socket(socket.AF_UNIX)
        self._ends: list[socket.socket] = []

    def __enter__(self) -> Self:
        self._listener.bind(self.remote.removeprefix("unix:"))
        self._listener.listen()
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            end.close()

    def say(self, data: bytes) -> None:
        """To the client, on the connection made last, as if the server had said it."""
        self._ends[-2].sendall(data)

    def _accept(self) -> None:
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            self.accepted += 1
            server = socket.socket(socket.AF_UNIX)
            server.connect(self._server)
            self._ends += [client, server]
            threading.Thread(target=_copy, args=(client, server, nothing), daemon=True).start()
            threading.Thread(target=_copy, args=(server, client, self.spoil), daemon=True).start()


def _copy(source: socket.socket, target: socket.socket, spoil: Spoil) -> None:
    with suppress(OSError):
        while (data := source.recv(65536)) and (spoilt := spoil(data)) is not None:
            target.sendall(spoilt)
    for end in (source, target):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
