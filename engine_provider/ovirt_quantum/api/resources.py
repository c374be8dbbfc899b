"""The routes of every declared resource: list, create, show, update, delete."""

from functools import partial
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput, PreconditionFailed
from ..model import Actor, Resource
from ..model.wish import Wish
from ..provider import Provider
from ..service import reading
from ..service.access import get_own
from ..service.features import within_reach
from ..service.verbs import VERBS
from ..store.transaction import Transaction
from . import query, wire
from .engine_view import engine_wish
from .json import json_response, read_object
from .view import view

Document = dict[str, Any]


class ResourceRoutes:
    """One resource's part of the API."""

    def __init__(self, provider: Provider, kind: type[Resource]) -> None:
        self._provider = provider
        self._kind = kind
        self._verbs = VERBS[kind]

    def routes(self) -> list[Route]:
        many, one = f"/{self._kind.path}", f"/{self._kind.path}/{{id}}"
        return [
            Route(many, self.index, methods=["GET"]),
            Route(many, self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.update, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def index(self, request: Request) -> Response:
        actor = actor_of(request)
        asked = query.parse(self._kind, actor, request.query_params)
        database, columns = self._provider.database, query.columns(self._kind, asked)
        found = await run_in_threadpool(reading.index, database, actor, self._kind, columns)
        page, more = query.select(found, asked)
        body: Document = {self._kind.collection: [self._view(actor, document, asked.only) for document in page]}
        if more:
            body[f"{self._kind.collection}_links"] = [_next_link(request, page)]
        return json_response(body)

    async def show(self, request: Request) -> Response:
        actor, only = actor_of(request), request.query_params.getlist("fields")
        document = await run_in_threadpool(
            reading.show, self._provider.database, actor, self._kind, request.path_params["id"]
        )
        return json_response({self._kind.member: self._view(actor, document, only)})

    async def create(self, request: Request) -> Response:
        actor = actor_of(request)
        given, many = wire.members(self._kind, await read_object(request))
        wishes = [engine_wish_of(actor, wire.creation(self._kind, actor, one)) for one in given]
        wishes = [within_reach(wish, actor, self._provider.features) for wish in wishes]
        made = await self._provider.write(partial(self._create_all, actor, wishes))
        shown = [self._view(actor, document, ()) for document in made]
        return json_response({self._kind.collection: shown} if many else {self._kind.member: shown[0]}, 201)

    async def update(self, request: Request) -> Response:
        actor, body = actor_of(request), await read_object(request)
        given, revision = wire.member(self._kind.member, body), _expected_revision(request)
        made = await self._provider.write(partial(self._update, actor, request.path_params["id"], given, revision))
        return json_response({self._kind.member: self._view(actor, made, ())})

    async def delete(self, request: Request) -> Response:
        actor, id = actor_of(request), request.path_params["id"]
        await self._provider.write(lambda tx: self._verbs.delete(tx, actor, id))
        return Response(status_code=204)

    def _create_all(self, actor: Actor, wishes: list[Wish[Any]], tx: Transaction) -> list[Document]:
        return [reading.as_document(tx, self._verbs.create(tx, actor, wish)) for wish in wishes]

    def _update(self, actor: Actor, id: str, given: wire.Body, revision: int | None, tx: Transaction) -> Document:
        old = get_own(tx, actor, self._kind, id)
        if revision is not None and old.revision_number != revision:
            raise PreconditionFailed(
                "RevisionNumberConstraintFailed", f"The revision of {id} is {old.revision_number}, not {revision}."
            )
        wish = within_reach(wire.change(old, actor, given), actor, self._provider.features)
        return reading.as_document(tx, self._verbs.update(tx, actor, wish))

    def _view(self, actor: Actor, document: Document, only: Any) -> Document:
        return view(self._kind, document, actor, self._provider.features, only)


def actor_of(request: Request) -> Actor:
    """Who asks, as `api/authentication.py` found."""
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor


def engine_wish_of(actor: Actor, wish: Wish[Any]) -> Wish[Any]:
    return engine_wish(wish) if actor.is_engine else wish


def _next_link(request: Request, page: list[Document]) -> Document:
    url = request.url.include_query_params(marker=page[-1]["id"])
    return {"rel": "next", "href": str(url)}


def _expected_revision(request: Request) -> int | None:
    header = request.headers.get("if-match", "")
    if not header:
        return None
    name, _, number = header.partition("=")
    if name.strip() != "revision_number" or not number.strip().isdigit():
        raise BadInput("HTTPBadRequest", "If-Match must be revision_number=N.")
    return int(number)
