"""Port forwardings: the usual verbs, below their floating IP."""

from functools import partial

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput
from ..model import FloatingIp, PortForwarding
from ..patience import in_thread
from ..service import reading
from ..store.transaction import not_found
from . import query, wire
from .resources import ResourceRoutes, actor_of

OWNER = PortForwarding.parent


class PortForwardingRoutes(ResourceRoutes):
    """`/floatingips/{floatingip_id}/port_forwardings`: of that floating IP alone."""

    def routes(self) -> list[Route]:
        return self._routes(f"/{PortForwarding.path}", f"/{PortForwarding.path}/{{id}}")

    async def index(self, request: Request) -> Response:
        actor, owner = actor_of(request), request.path_params[OWNER]
        await in_thread(partial(reading.show, self._provider.database, actor, FloatingIp, owner))
        params = [item for item in request.query_params.multi_items() if item[0] != OWNER]
        asked = query.parse(query.seen_by(actor, PortForwarding), QueryParams([*params, (OWNER, owner)]))
        return await in_thread(partial(self._index, actor, asked, request.url))

    async def show(self, request: Request) -> Response:
        await self._check_owner(request)
        return await super().show(request)

    async def update(self, request: Request) -> Response:
        await self._check_owner(request)
        return await super().update(request)

    async def delete(self, request: Request) -> Response:
        await self._check_owner(request)
        return await super().delete(request)

    def _placed(self, request: Request, given: wire.Body) -> wire.Body:
        if OWNER in given:
            raise BadInput("HTTPBadRequest", f"Unrecognized attribute(s) '{OWNER}'")
        return {**given, OWNER: request.path_params[OWNER]}

    async def _check_owner(self, request: Request) -> None:
        actor, id = actor_of(request), request.path_params["id"]
        found = await in_thread(partial(reading.show, self._provider.database, actor, PortForwarding, id))
        if found[OWNER] != request.path_params[OWNER]:
            raise not_found(PortForwarding, id)
