"""Who asks: the token becomes an Actor before a request goes any further."""

from starlette.requests import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from ..errors import Forbidden, QuantumError, Unauthorized
from ..model import ENGINE_PROJECT, Actor, Role
from ..provider import Provider
from .errors import on_quantum_error


class Authentication:
    """Every request needs a good token in X-Auth-Token; while the database is in doubt none gets through."""

    def __init__(self, app: ASGIApp, provider: Provider) -> None:
        self._app = app
        self._provider = provider

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        try:
            self._provider.check_standing()
            actor = await self.actor(request)
            _check_host(actor, request)
        except QuantumError as error:
            await (await on_quantum_error(request, error))(scope, receive, send)
            return
        request.state.actor = actor
        await self._app(scope, receive, send)

    async def actor(self, request: Request) -> Actor:
        """Raises Unauthorized."""
        token = request.headers.get("x-auth-token")
        if not token:
            raise Unauthorized("HTTPUnauthorized", "Authentication required: the header X-Auth-Token is missing.")
        return await self._provider.identity.authenticate(token)


class NoAuthentication(Authentication):
    """`--auth none`: everybody is the administrator, and the engine below /engine."""

    async def actor(self, request: Request) -> Actor:
        engine = request.url.path.startswith("/engine/")
        return Actor("engine", Role.ENGINE, ENGINE_PROJECT) if engine else Actor("admin", Role.ADMIN, "admin")


def _check_host(actor: Actor, request: Request) -> None:
    if actor.role is Role.HOST and not request.url.path.removeprefix("/engine").startswith("/plug/"):
        raise Forbidden("PolicyNotAuthorized", "A host's token serves only to ask how to plug a port.")
