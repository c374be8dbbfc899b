"""Routers: the usual routes, and those by which interfaces and single routes come and go."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput
from ..model import Actor, HostRoute, Refusal, Router
from ..service import reading
from ..service.router import add_routes, remove_routes
from ..service.router_interfaces import Attachment, Interface, add_interface, remove_interface
from ..store.transaction import Transaction
from . import wire
from .json import json_response, read_object
from .resources import Document, ResourceRoutes, actor_of

Attach = Callable[[Transaction, Actor, str, Interface], Attachment]
REFUSAL = Refusal(BadInput, "BadRequest", "Bad router request: {}.")
ChangeRoutes = Callable[[Transaction, Actor, str, Sequence[HostRoute]], Router]


class RouterRoutes(ResourceRoutes):
    """`PUT /routers/{id}/add_router_interface` with `{"subnet_id": ...}` or `{"port_id": ...}`,
    `PUT /routers/{id}/add_extraroutes` with `{"router": {"routes": [...]}}`, and their opposites."""

    def routes(self) -> list[Route]:
        one = f"/{Router.path}/{{id}}"
        return [
            *super().routes(),
            Route(f"{one}/add_router_interface", self.add_interface, methods=["PUT"]),
            Route(f"{one}/remove_router_interface", self.remove_interface, methods=["PUT"]),
            Route(f"{one}/add_extraroutes", self.add_routes, methods=["PUT"]),
            Route(f"{one}/remove_extraroutes", self.remove_routes, methods=["PUT"]),
        ]

    async def add_interface(self, request: Request) -> Response:
        return await self._attach(request, add_interface)

    async def remove_interface(self, request: Request) -> Response:
        return await self._attach(request, remove_interface)

    async def add_routes(self, request: Request) -> Response:
        return await self._change_routes(request, add_routes)

    async def remove_routes(self, request: Request) -> Response:
        return await self._change_routes(request, remove_routes)

    async def _attach(self, request: Request, attach: Attach) -> Response:
        actor, id = actor_of(request), request.path_params["id"]
        asked: Interface = wire.typed(Interface, await read_object(request), "router interface", REFUSAL)
        return json_response(await self._provider.write(lambda tx: attach(tx, actor, id, asked)))

    async def _change_routes(self, request: Request, change: ChangeRoutes) -> Response:
        actor, id = actor_of(request), request.path_params["id"]
        given = wire.only("routes", wire.member(Router.member, await read_object(request)))
        routes: list[HostRoute] = wire.typed(list[HostRoute], given, "routes")

        def work(tx: Transaction) -> Document:
            return reading.as_document(tx, change(tx, actor, id, routes))

        document = await self._provider.write(work)
        return json_response({Router.member: self._view(actor, document, ())})
