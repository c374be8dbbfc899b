"""JSON in and out, bounded."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..errors import BadInput, TooLarge

MOST_BYTES = 1024 * 1024
"""Some thousand ports in one request."""

_encoder = msgspec.json.Encoder(enc_hook=str)


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The engine reads a body only with this content type."""
    return Response(_encoder.encode(body), status, dict(headers or {}), "application/json")


async def read_object(request: Request) -> dict[str, Any]:
    """The request's body, a JSON object. Raises BadInput, TooLarge."""
    raw = await read_body(request)
    try:
        body = msgspec.json.decode(raw)
        _check_names(raw)
        if b"\\u0000" in raw:
            _check_characters(body, "body")
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise BadInput("HTTPBadRequest", f"The request body is not valid JSON: {error}.") from None
    if not isinstance(body, dict):
        raise BadInput("HTTPBadRequest", "The request body must be a JSON object.")
    return body


async def read_body(request: Request) -> bytes:
    """At most MOST_BYTES; a body that is announced as larger is not read at all. Raises BadInput, TooLarge.

    How long it may take is the server's to say.
    """
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced) > MOST_BYTES:
        raise _too_large()
    raw = bytearray()
    try:
        async for part in request.stream():
            raw += part
            if len(raw) > MOST_BYTES:
                raise _too_large()
    except ClientDisconnect:
        raise BadInput("HTTPBadRequest", "The connection ended within the request body.") from None
    return bytes(raw)


def _check_names(raw: bytes) -> None:
    """msgspec takes the last of two values of one name; which one the client meant is anybody's guess."""

    def unique(pairs: Sequence[tuple[str, object]]) -> None:
        seen = set[str]()
        for name, _ in pairs:
            if name in seen:
                raise BadInput("HTTPBadRequest", f"Invalid input for {name}. Reason: it is given more than once.")
            seen.add(name)

    json.loads(raw, object_pairs_hook=unique)


def _check_characters(value: object, where: str) -> None:
    """PostgreSQL has no NUL in its text, and nothing that we know of has one in a name."""
    if isinstance(value, str) and "\0" in value:
        raise BadInput("HTTPBadRequest", f"Invalid input for {where}. Reason: it has a NUL character in it.")
    if isinstance(value, dict):
        for name, part in value.items():
            _check_characters(name, f"{where}.{name}")
            _check_characters(part, f"{where}.{name}")
    if isinstance(value, list):
        for place, part in enumerate(value):
            _check_characters(part, f"{where}[{place}]")


def _too_large() -> TooLarge:
    return TooLarge("RequestTooLarge", f"The request body is larger than {MOST_BYTES} bytes.")
