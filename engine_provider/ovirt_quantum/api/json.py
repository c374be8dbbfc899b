"""JSON in and out, bounded."""

import asyncio
from collections.abc import Mapping
from typing import Any

import msgspec
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from ..errors import BadInput, TooLarge

MOST_BYTES = 8 * 1024 * 1024
READ_S = 30.0

_encoder = msgspec.json.Encoder(enc_hook=str)


def json_response(body: object, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """The engine reads a body only with this content type."""
    return Response(_encoder.encode(body), status, dict(headers or {}), "application/json")


async def read_object(request: Request) -> dict[str, Any]:
    """The request's body, a JSON object. Raises BadInput, TooLarge."""
    raw = await read_body(request)
    try:
        body = msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadInput("HTTPBadRequest", f"The request body is not valid JSON: {error}.") from None
    if not isinstance(body, dict):
        raise BadInput("HTTPBadRequest", "The request body must be a JSON object.")
    return body


async def read_body(request: Request) -> bytes:
    """At most MOST_BYTES, within READ_S seconds; a body that is announced as larger is not read at all."""
    announced = request.headers.get("content-length", "0")
    if announced.isdigit() and int(announced) > MOST_BYTES:
        raise _too_large()
    raw = bytearray()
    try:
        async with asyncio.timeout(READ_S):
            async for part in request.stream():
                raw += part
                if len(raw) > MOST_BYTES:
                    raise _too_large()
    except TimeoutError:
        raise BadInput("HTTPBadRequest", f"The request body did not end within {READ_S:.0f} seconds.") from None
    except ClientDisconnect:
        raise BadInput("HTTPBadRequest", "The connection ended within the request body.") from None
    return bytes(raw)


def _too_large() -> TooLarge:
    return TooLarge("RequestTooLarge", f"The request body is larger than {MOST_BYTES} bytes.")
