"""Rules of QoS policies: the one kind of resource that lives inside another."""

from functools import partial
from typing import Any

from msgspec import structs
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput
from ..model import QOS_RULES, AnyQosRule, Field, QosPolicy, rule_type
from ..model.resource import READ_ONLY
from ..patience import in_thread
from ..provider import Provider
from ..service import qos, reading
from ..store.transaction import Transaction
from . import query, wire
from .json import json_response, read_object
from .resources import actor_of


def rule_routes(provider: Provider) -> list[Route]:
    """`/qos/policies/{policy}/bandwidth_limit_rules` and its like, and `/qos/rule-types`."""
    types = [{"type": rule_type(kind)} for kind in qos.supported(provider.abilities.features)]

    async def rule_types(_request: Request) -> Response:
        """The types of rules that the loaded plugins realise."""
        return json_response({"rule_types": types})

    found = [Route("/qos/rule-types", rule_types, methods=["GET"])]
    return found + [route for kind in QOS_RULES for route in RuleRoutes(provider, kind).routes()]


class RuleRoutes:
    """Rules of one type."""

    def __init__(self, provider: Provider, kind: type[AnyQosRule]) -> None:
        self._provider = provider
        self._kind = kind
        self._member = f"{rule_type(kind)}_rule"
        self._collection = f"{self._member}s"
        self._known = {
            field.encode_name: Field(field.name, field.encode_name, field.type, READ_ONLY)
            for field in structs.fields(kind)
        }

    def routes(self) -> list[Route]:
        many = f"/{QosPolicy.path}/{{policy}}/{self._collection}"
        one = f"{many}/{{id}}"
        return [
            Route(many, self.index, methods=["GET"]),
            Route(many, self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.update, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def index(self, request: Request) -> Response:
        actor, policy = actor_of(request), request.path_params["policy"]
        asked = query.parse(self._known, request.query_params)
        found = await in_thread(partial(reading.show, self._provider.database, actor, QosPolicy, policy))
        rules = [rule for rule in found["rules"] if rule["type"] == rule_type(self._kind)]
        shown = query.select(rules, asked).documents
        return json_response({self._collection: [_shown(rule, asked.only) for rule in shown]})

    async def show(self, request: Request) -> Response:
        actor, (policy, id) = actor_of(request), _ids(request)

        def read() -> AnyQosRule:
            with self._provider.database.reading() as connection:
                return qos.get_rule(Transaction(connection), actor, policy, self._kind, id)

        return json_response({self._member: await in_thread(read)})

    async def create(self, request: Request) -> Response:
        actor, policy = actor_of(request), request.path_params["policy"]
        rule = self._rule(await self._given(request))
        made = await self._provider.write(lambda tx: qos.create_rule(tx, actor, policy, rule))
        return json_response({self._member: made}, 201)

    async def update(self, request: Request) -> Response:
        actor, (policy, id), given = actor_of(request), _ids(request), await self._given(request)

        def work(tx: Transaction) -> AnyQosRule:
            old = structs.asdict(qos.get_rule(tx, actor, policy, self._kind, id))
            return qos.update_rule(tx, actor, policy, structs.replace(self._rule(old | given), id=old["id"]))

        return json_response({self._member: await self._provider.write(work)})

    async def delete(self, request: Request) -> Response:
        actor, (policy, id) = actor_of(request), _ids(request)
        await self._provider.write(lambda tx: qos.delete_rule(tx, actor, policy, self._kind, id))
        return Response(status_code=204)

    async def _given(self, request: Request) -> dict[str, Any]:
        given = dict(wire.member(self._member, await read_object(request)))
        for name in ("id", "type"):
            if name in given:
                raise BadInput("HTTPBadRequest", f"Attribute '{name}' not allowed in {request.method}")
        return given

    def _rule(self, given: dict[str, Any]) -> AnyQosRule:
        rule = wire.typed(self._kind, given, self._member)
        assert isinstance(rule, self._kind)
        return rule


def _shown(rule: dict[str, Any], only: list[str]) -> dict[str, Any]:
    return {name: rule[name] for name in only if name in rule} if only else rule


def _ids(request: Request) -> tuple[str, str]:
    return request.path_params["policy"], request.path_params["id"]
