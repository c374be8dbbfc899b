"""Which service, and as whom: by the service's own configuration on its machine, by URL and token from elsewhere."""

import ssl
import time
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit

import typer

from ..config import Config
from ..identity import KEY_FILE, Account, Tokens, load_key
from ..model import Role
from .client import Client
from .configuration import configuration
from .failure import Failure

TOKEN_LIFETIME_S = 300.0
LOOPBACK = ("127.0.0.1", "::1", "localhost")
ANY_ADDRESS = {"0.0.0.0": "127.0.0.1", "": "[::1]", "[::]": "[::1]"}
"""What a service listens on -> where its own machine finds it."""

ConfigOption = Annotated[Path | None, typer.Option("--config", help="The service's TOML file.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="The service's data directory.")]
UrlOption = Annotated[str | None, typer.Option("--url", help="The service from elsewhere: https://HOST:PORT.")]
TokenOption = Annotated[Path | None, typer.Option("--token-file", help="File with an administrator's token.")]
CaOption = Annotated[Path | None, typer.Option("--ca-file", help="PEM file of the CA that signed its certificate.")]


def reach(config: Path | None, data: Path | None, url: str | None, token: Path | None, ca: Path | None) -> Client:
    """Raises Failure, ConfigError, OSError."""
    if url is None:
        return _own(configuration(config, data), token, ca)
    if token is None:
        raise Failure("--url needs --token-file with an administrator's token")
    parts = urlsplit(url)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Failure(f"--url {url}: it must be https://HOST:PORT, or the token would be there for all to read")
    return Client(url.rstrip("/"), _token(token), ssl.create_default_context(cafile=ca))


def _own(settings: Config, token: Path | None, ca: Path | None) -> Client:
    text = _token(token) if token is not None else _issued(Path(settings.data))
    host, _, port = settings.server.listen.rpartition(":")
    address = f"{ANY_ADDRESS.get(host, host)}:{port}"
    if not settings.server.certificate:
        return Client(f"http://{address}", text)
    tls = ssl.create_default_context(cafile=ca) if ca else _pinned(Path(settings.server.certificate))
    return Client(f"https://{address}", text, tls)


def _issued(data: Path) -> str:
    """A short-lived token for `admin`, signed with the service's key as the service itself would."""
    key = data / KEY_FILE
    if not key.is_file():
        raise Failure(
            f"there is no signing key in {data}: name the service's --data or --config, or use --url and --token-file"
        )
    admin = Account("admin", Role.ADMIN, "admin", None, not_before=time.time())
    return Tokens(load_key(key), TOKEN_LIFETIME_S).issue(admin).text


def _token(path: Path) -> str:
    text = path.read_text().strip()
    if not text or not text.isascii() or any(character.isspace() for character in text):
        raise Failure(f"{path}: it does not hold a token")
    return text


def _pinned(certificate: Path) -> ssl.SSLContext:
    """Trusts the very certificate that the service was given, whatever name it bears, and no other."""
    end = "-----END CERTIFICATE-----"
    first = certificate.read_text().partition(end)[0] + end
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
    context.load_verify_locations(cadata=first)
    return context
