"""Errors on the wire, in Neutron's form."""

from collections.abc import Mapping

import structlog
from starlette.requests import Request
from starlette.responses import Response

from ..errors import (
    BadInput,
    Conflict,
    Forbidden,
    NotFound,
    PreconditionFailed,
    QuantumError,
    TooLarge,
    Unauthorized,
    Unavailable,
)
from .json import json_response

STATUS: Mapping[type[QuantumError], int] = {
    BadInput: 400,
    Unauthorized: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    PreconditionFailed: 412,
    TooLarge: 413,
    Unavailable: 503,
}
"""None is outside JAX-RS's Response.Status: the engine's client breaks on 422 and its like."""

log = structlog.get_logger()


def status_of(error: QuantumError) -> int:
    """The HTTP status of an error's nearest class."""
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def neutron_error(status: int, kind: str, message: str) -> Response:
    """`{"NeutronError": {...}}`. The engine shows its user only the status, so the reason is logged here."""
    body = {"NeutronError": {"type": kind, "message": message, "detail": ""}}
    headers = {"WWW-Authenticate": 'Keystone uri="/v3"'} if status == 401 else {}
    return json_response(body, status, headers)


async def on_quantum_error(request: Request, error: Exception) -> Response:
    """Starlette's handler for all of ours."""
    assert isinstance(error, QuantumError)
    status = status_of(error)
    log.info("refused", path=request.url.path, status=status, type=error.kind, reason=error.message)
    return neutron_error(status, error.kind, error.message)


async def on_any_error(request: Request, error: Exception) -> Response:
    """A fault of ours: the log has the trace, the client learns that it was not its own."""
    log.error("a request failed", path=request.url.path, method=request.method, exc_info=error)
    return neutron_error(500, "HTTPInternalServerError", "The service failed on this request; its log says why.")
