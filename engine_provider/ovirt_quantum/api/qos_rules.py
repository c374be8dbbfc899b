"""Bandwidth rules: the one resource that lives inside another."""

from functools import partial
from typing import Any

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput
from ..model import BandwidthLimitRule, Field, QosPolicy
from ..model.resource import READ_ONLY
from ..patience import in_thread
from ..provider import Provider
from ..service import qos, reading
from ..store.transaction import Transaction
from . import query, wire
from .json import json_response, read_object
from .resources import actor_of

MEMBER, COLLECTION = "bandwidth_limit_rule", "bandwidth_limit_rules"
MANY = f"/{QosPolicy.path}/{{policy}}/{COLLECTION}"
ONE = f"{MANY}/{{id}}"
KNOWN = {
    field.encode_name: Field(field.name, field.encode_name, field.type, READ_ONLY)
    for field in structs.fields(BandwidthLimitRule)
}
"""What a list of rules may be asked for."""


class RuleRoutes:
    """`/qos/policies/{policy}/bandwidth_limit_rules` and `/qos/rule-types`."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def routes(self) -> list[Route]:
        return [
            Route(MANY, self.index, methods=["GET"]),
            Route(MANY, self.create, methods=["POST"]),
            Route(ONE, self.show, methods=["GET"]),
            Route(ONE, self.update, methods=["PUT"]),
            Route(ONE, self.delete, methods=["DELETE"]),
            Route("/qos/rule-types", rule_types, methods=["GET"]),
        ]

    async def index(self, request: Request) -> Response:
        actor, policy = actor_of(request), request.path_params["policy"]
        asked = query.parse(KNOWN, request.query_params)
        found = await in_thread(partial(reading.show, self._provider.database, actor, QosPolicy, policy))
        rules = query.select(found["rules"], asked).documents
        return json_response({COLLECTION: [_shown(rule, asked.only) for rule in rules]})

    async def show(self, request: Request) -> Response:
        actor, (policy, id) = actor_of(request), _ids(request)

        def read() -> BandwidthLimitRule:
            with self._provider.database.reading() as connection:
                return qos.get_rule(Transaction(connection), actor, policy, id)

        return json_response({MEMBER: await in_thread(read)})

    async def create(self, request: Request) -> Response:
        actor, policy = actor_of(request), request.path_params["policy"]
        rule = _rule(await _given(request))
        made = await self._provider.write(lambda tx: qos.create_rule(tx, actor, policy, rule))
        return json_response({MEMBER: made}, 201)

    async def update(self, request: Request) -> Response:
        actor, (policy, id), given = actor_of(request), _ids(request), await _given(request)

        def work(tx: Transaction) -> BandwidthLimitRule:
            old = structs.asdict(qos.get_rule(tx, actor, policy, id))
            return qos.update_rule(tx, actor, policy, structs.replace(_rule(old | given), id=old["id"]))

        return json_response({MEMBER: await self._provider.write(work)})

    async def delete(self, request: Request) -> Response:
        actor, (policy, id) = actor_of(request), _ids(request)
        await self._provider.write(lambda tx: qos.delete_rule(tx, actor, policy, id))
        return Response(status_code=204)


def _shown(rule: dict[str, Any], only: list[str]) -> dict[str, Any]:
    return {name: rule[name] for name in only if name in rule} if only else rule


async def rule_types(_request: Request) -> Response:
    """The kinds of rules that can be made."""
    return json_response({"rule_types": [{"type": "bandwidth_limit"}]})


async def _given(request: Request) -> dict[str, Any]:
    given = dict(wire.member(MEMBER, await read_object(request)))
    if "id" in given:
        raise BadInput("HTTPBadRequest", f"Attribute 'id' not allowed in {request.method}")
    return given


def _rule(given: dict[str, Any]) -> BandwidthLimitRule:
    rule = wire.typed(BandwidthLimitRule, given, MEMBER)
    assert isinstance(rule, BandwidthLimitRule)
    return rule


def _ids(request: Request) -> tuple[str, str]:
    return request.path_params["policy"], request.path_params["id"]
