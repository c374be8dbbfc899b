"""Where a database is served: the setting's text as objects."""

from dataclasses import dataclass
from ipaddress import ip_address


@dataclass(frozen=True)
class UnixRemote:
    """A socket file, by its absolute path."""

    path: str

    def __str__(self) -> str:
        return f"unix:{self.path}"


@dataclass(frozen=True)
class InternetRemote:
    """A TCP port of a host name or address; `encrypted`: by TLS."""

    host: str
    port: int
    encrypted: bool

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{'ssl' if self.encrypted else 'tcp'}:{host}:{self.port}"


Remote = UnixRemote | InternetRemote


def parse(text: str) -> tuple[Remote, ...]:
    """The servers of `text`, such as unix:/PATH or ssl:HOST:PORT,ssl:[ADDRESS]:PORT, each once, in order.

    Raises ValueError naming the one that is not good.
    """
    return tuple(dict.fromkeys(_parse_one(part.strip()) for part in text.split(",")))


def _parse_one(text: str) -> Remote:
    method, _, rest = text.partition(":")
    if method == "unix":
        return _unix(text, rest)
    if method not in ("ssl", "tcp"):
        raise ValueError(f"'{text}' is not an OVSDB address: write ssl:HOST:PORT or unix:/PATH")
    address, _, port = rest.rpartition(":")
    remote = InternetRemote(_host(text, address), _port(text, port), method == "ssl")
    if not remote.encrypted and not _is_loopback(remote.host):
        raise ValueError(f"'{text}' would be neither encrypted nor authenticated: use ssl:{address}:{port}")
    return remote


def _unix(text: str, path: str) -> UnixRemote:
    if not path.startswith("/") or "\0" in path:
        raise ValueError(f"'{text}' is not an OVSDB address: after unix: comes an absolute path")
    if len(path.encode()) > 107:  # sockaddr_un, unix(7)
        raise ValueError(f"'{text}' is too long: the path of a socket has at most 107 bytes")
    return UnixRemote(path)


def _host(text: str, address: str) -> str:
    bracketed = address.startswith("[") and address.endswith("]")
    host = address[1:-1] if bracketed else address
    if not host or not host.isascii() or any(c.isspace() or c in "[]/" or not c.isprintable() for c in host):
        raise ValueError(f"'{text}' names no host: write ssl:HOST:PORT")
    if bracketed != (":" in host):
        raise ValueError(f"'{text}': an IPv6 address, and nothing else, stands in brackets: ssl:[2001:db8::1]:6641")
    if bracketed:
        _check_address(text, host)
    return host


def _check_address(text: str, host: str) -> None:
    try:
        ip_address(host)
    except ValueError as error:
        raise ValueError(f"'{text}': {error}") from error


def _port(text: str, port: str) -> int:
    if not (port.isascii() and port.isdecimal() and len(port) <= 5 and 0 < int(port) < 65536):
        raise ValueError(f"'{text}': a port is a number from 1 to 65535, not '{port}'")
    return int(port)


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
