"""TLS streams to hosts: names are resolved and checked, and a silent peer costs no processor time.

`ovs.stream.SSLStream` does none of that: it takes addresses only, accepts a certificate for any host, and asks for
writability while it waits for the peer's part of the handshake, which spins.
"""

import errno
import random
import socket
import ssl
from typing import Any, ClassVar

import ovs.poller
import ovs.socket_util
import ovs.stream

from .settings import Settings


class TlsStream(ovs.stream.SSLStream):  # type: ignore[misc]
    """Takes the place of the library's own for `ssl:HOST:PORT`, in this whole process."""

    context: ClassVar[ssl.SSLContext | None] = None
    failures: ClassVar[dict[str, str]] = {}
    """Why the last attempt at a stream failed, by the stream's name, where the name or TLS was the reason."""

    shaking_hands = False

    @staticmethod
    def _open(suffix: str, dscp: int) -> tuple[int, Any]:
        try:
            return _begin(suffix, dscp)
        except (OSError, ValueError) as error:
            TlsStream.failures[f"ssl:{suffix}"] = str(error)
            return errno.EHOSTUNREACH, None

    def connect(self) -> int:
        unconnected: int = ovs.stream.Stream.connect(self)
        return unconnected or self._shake_hands()

    def _shake_hands(self) -> int:
        try:
            self.socket.do_handshake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            self.shaking_hands = True
            return errno.EAGAIN
        except OSError as error:
            TlsStream.failures[self.name] = str(error)
            return errno.EPROTO
        self.shaking_hands = False
        TlsStream.failures.pop(self.name, None)
        return 0

    def wait(self, poller: Any, wait: int) -> None:
        if self.shaking_hands:
            poller.fd_wait(self.socket, ovs.poller.POLLIN)
        else:
            super().wait(poller, wait)


def configure(settings: Settings) -> None:
    """Makes `ssl:` usable with these files. Raises ValueError naming the file that is not good."""
    if not settings.certificate:
        return
    context = ssl.create_default_context(ssl.Purpose.SERVER_AUTH, cafile=_readable(settings.ca_cert))
    try:
        context.load_cert_chain(_readable(settings.certificate), _readable(settings.private_key))
    except ssl.SSLError as error:
        raise ValueError(f"plugin ovs: {settings.certificate} and {settings.private_key}: {error}") from error
    TlsStream.context = context
    ovs.stream.Stream.register_method("ssl", TlsStream)


def _readable(file: str) -> str:
    try:
        with open(file, "rb"):
            return file
    except OSError as error:
        raise ValueError(f"plugin ovs: can't read {file}: {error.strerror}") from error


def _begin(suffix: str, dscp: int) -> tuple[int, Any]:
    """Begins to connect to HOST:PORT. Of a name's addresses each attempt takes one at random."""
    if TlsStream.context is None:
        raise ValueError("no certificate is configured for ssl: hosts")
    host, _, port = suffix.rpartition(":")
    host = host.strip("[]")
    found = socket.getaddrinfo(host, int(port), type=socket.SOCK_STREAM)
    family, _, _, _, address = random.choice(found)
    plain = socket.socket(family, socket.SOCK_STREAM)
    stream = TlsStream.context.wrap_socket(plain, do_handshake_on_connect=False, server_hostname=host)
    failed: int = ovs.socket_util.inet_connect_active(stream, address, family, dscp)
    return failed, None if failed else stream
