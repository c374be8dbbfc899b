"""One HTTP exchange as the engine makes it, and what its client accepts as an answer."""

from __future__ import annotations

import http.client
import re
import ssl
from dataclasses import dataclass, field
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from lab.engine.errors import MessagelessFailure, ProviderFailure
from lab.engine.jackson import Reader, T, Unreadable, parse

REASON_PHRASES = {
    205: "Reset Content",
    206: "Partial Content",
    301: "Moved Permanently",
    302: "Found",
    303: "See Other",
    304: "Not Modified",
    305: "Use Proxy",
    307: "Temporary Redirect",
    400: "Bad Request",
    401: "Unauthorized",
    402: "Payment Required",
    403: "Forbidden",
    404: "Not Found",
    405: "Method Not Allowed",
    406: "Not Acceptable",
    407: "Proxy Authentication Required",
    408: "Request Timeout",
    409: "Conflict",
    410: "Gone",
    411: "Length Required",
    412: "Precondition Failed",
    413: "Request Entity Too Large",
    414: "Request-URI Too Long",
    415: "Unsupported Media Type",
    416: "Requested Range Not Satisfiable",
    417: "Expectation Failed",
    428: "Precondition Required",
    429: "Too Many Requests",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    502: "Bad Gateway",
    503: "Service Unavailable",
    504: "Gateway Timeout",
    505: "HTTP Version Not Supported",
    511: "Network Authentication Required",
}
"""The failures among JAX-RS 2.1's Response.Status; any other status has no phrase, hence a null pointer."""

_SUCCESSES = (200, 201, 202, 204)
_CLIENT = {"Connection": "Keep-Alive", "User-Agent": "Apache-HttpClient/4.5.13 (Java/11.0.22)"}


@dataclass(frozen=True)
class Answer:
    """What the provider said."""

    status: int
    headers: Message
    body: bytes


@dataclass(frozen=True)
class Connector:
    """Sends each request over a TCP (and TLS) connection of its own, and follows no redirect."""

    tls: ssl.SSLContext = field(default_factory=ssl.create_default_context)
    connect_timeout: float = 20.0  # s; engine-config ExternalNetworkProviderConnectionTimeout
    read_timeout: float = 30.0  # s, for each read; engine-config ExternalNetworkProviderTimeout

    def send(self, method: str, url: str, headers: dict[str, str], body: bytes = b"") -> Answer:
        """The answer, whatever its status. Raises ProviderFailure if there is none."""
        try:
            return self._exchange(method, url, headers, body)
        except (OSError, http.client.HTTPException) as error:
            raise ProviderFailure(str(error) or type(error).__name__) from error

    def _exchange(self, method: str, url: str, headers: dict[str, str], body: bytes) -> Answer:
        connection = self._connect(url)
        try:
            connection.putrequest(method, target(url), skip_accept_encoding=True)
            for name, value in (headers | _CLIENT).items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return Answer(response.status, response.headers, response.read())
        finally:
            connection.close()

    def _connect(self, url: str) -> http.client.HTTPConnection:
        parts = urlsplit(url)
        host, wait = parts.hostname or "", self.connect_timeout
        if parts.scheme == "https":
            connection: http.client.HTTPConnection = http.client.HTTPSConnection(
                host, parts.port, timeout=wait, context=self.tls
            )
        else:
            connection = http.client.HTTPConnection(host, parts.port, timeout=wait)
        connection.connect()
        connection.sock.settimeout(self.read_timeout)
        return connection


def provider_connector(truststore: Path | None) -> Connector:
    """The engine's CustomizedRESTEasyConnector: it trusts its external_truststore alone, never the system's CAs.

    `truststore` is a PEM file of trusted certificates, CAs or servers' own; None is the empty store, with which
    every https URL fails.
    """
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    tls.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN  # Java trusts what was imported, also without its issuer
    if truststore is not None:
        tls.load_verify_locations(truststore)
    return Connector(tls)


def target(url: str) -> str:
    """The request target: the URL's path with runs of slashes made one, as httpclient 4.5 normalises it."""
    return re.sub("/{2,}", "/", urlsplit(url).path) or "/"


def check_status(answer: Answer) -> None:
    """Success is 200, 201, 202 or 204 alone (RESTEasyConnector.request).

    Raises ProviderFailure with the status's standard phrase, or MessagelessFailure if JAX-RS knows no phrase.
    """
    if answer.status in _SUCCESSES:
        return
    if answer.status not in REASON_PHRASES:
        raise MessagelessFailure(f"status {answer.status} is not in JAX-RS Response.Status", answer.status)
    raise ProviderFailure(REASON_PHRASES[answer.status], answer.status)


def read_entity(answer: Answer, reader: Reader[T]) -> T | None:
    """The object in a successful answer; None for a 204 or an empty body. Raises ProviderFailure."""
    if answer.status == http.client.NO_CONTENT:
        return None
    check_media_type(answer)
    try:
        return reader(parse(answer.body), "answer") if answer.body else None
    except Unreadable as error:
        raise ProviderFailure(str(error)) from error


def check_media_type(answer: Answer) -> None:
    """A body is read only if a provider for its media type is registered: JacksonJsonProvider alone, so json types.

    Raises ProviderFailure.
    """
    declared = answer.headers["Content-Type"] or "none"
    media_type = declared.partition(";")[0].strip().lower()
    subtype = media_type.partition("/")[2]
    if not (subtype == "json" or subtype.endswith("+json")):
        raise ProviderFailure(f"Unable to find a MessageBodyReader of content-type {declared}")
