"""Address groups: the usual routes, and the two by which their addresses change."""

from collections.abc import Callable, Sequence

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..model import Actor, AddressGroup
from ..model.types import IpPrefix
from ..service import reading
from ..service.address_group import add_addresses, remove_addresses
from ..store.transaction import Transaction
from . import wire
from .json import json_response, read_object
from .resources import Document, ResourceRoutes, actor_of

Change = Callable[[Transaction, Actor, str, Sequence[IpPrefix]], AddressGroup]


class AddressGroupRoutes(ResourceRoutes):
    """`PUT /address-groups/{id}/add_addresses` and `.../remove_addresses`, with `{"addresses": [...]}`."""

    def routes(self) -> list[Route]:
        one = f"/{AddressGroup.path}/{{id}}"
        return [
            *super().routes(),
            Route(f"{one}/add_addresses", self.add, methods=["PUT"]),
            Route(f"{one}/remove_addresses", self.remove, methods=["PUT"]),
        ]

    async def add(self, request: Request) -> Response:
        return await self._change(request, add_addresses)

    async def remove(self, request: Request) -> Response:
        return await self._change(request, remove_addresses)

    async def _change(self, request: Request, change: Change) -> Response:
        actor, id = actor_of(request), request.path_params["id"]
        addresses = wire.typed(list[IpPrefix], wire.only("addresses", await read_object(request)), "addresses")

        def work(tx: Transaction) -> Document:
            return reading.as_document(tx, change(tx, actor, id, addresses))

        document = await self._provider.write(work)
        return json_response({AddressGroup.member: self._view(actor, document, ())})
