"""One line a request, with an id that the client gets too."""

import time
from uuid import uuid4

import structlog
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = structlog.get_logger()


class AccessLog:
    """Gives each request an id (X-Openstack-Request-Id), in its answer and on every log line about it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id, started, status = f"req-{uuid4()}", time.monotonic(), 0
        structlog.contextvars.bind_contextvars(request=request_id)

        async def with_id(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Openstack-Request-Id"] = request_id
            await send(message)

        try:
            await self._app(scope, receive, with_id)
        finally:
            took = round((time.monotonic() - started) * 1000, 1)
            client = (scope.get("client") or ("-",))[0]
            log.info("request", method=scope["method"], path=scope["path"], status=status, ms=took, client=client)
            structlog.contextvars.clear_contextvars()
