"""Policies of firewalls: the usual routes, and the two by which single rules come and go."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..model import Actor, FirewallPolicy
from ..service import reading
from ..service.firewall_policy import Insertion, Removal, insert_rule, remove_rule
from ..store.transaction import Transaction
from . import wire
from .json import json_response, read_object
from .resources import Document, ResourceRoutes, actor_of

Change = Callable[[Transaction, Actor, str, Any], FirewallPolicy]


class FirewallPolicyRoutes(ResourceRoutes):
    """`PUT .../firewall_policies/{id}/insert_rule` with `{"firewall_rule_id": ..., "insert_before": ...}`, and
    `.../remove_rule`. The answer is the policy without a root key, as Neutron's."""

    def _routes(self, many: str, one: str) -> list[Route]:
        return [
            *super()._routes(many, one),
            Route(f"{one}/insert_rule", self.insert, methods=["PUT"]),
            Route(f"{one}/remove_rule", self.remove, methods=["PUT"]),
        ]

    async def insert(self, request: Request) -> Response:
        return await self._change(request, Insertion, insert_rule)

    async def remove(self, request: Request) -> Response:
        return await self._change(request, Removal, remove_rule)

    async def _change(self, request: Request, form: type[Any], change: Change) -> Response:
        actor, id = actor_of(request), request.path_params["id"]
        asked = wire.typed(form, await read_object(request), "rule")

        def work(tx: Transaction) -> Document:
            return reading.as_document(tx, change(tx, actor, id, asked))

        return json_response(self._view(actor, await self._provider.write(work), ()))
