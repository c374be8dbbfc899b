"""The routes of every declared resource: list, create, show, update, delete."""

from functools import partial
from typing import Any

from starlette.datastructures import URL
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput, PreconditionFailed
from ..model import Actor, Resource
from ..model.wish import Wish
from ..patience import in_thread
from ..provider import Provider
from ..service import reading
from ..service.access import get_own
from ..service.features import check_within_reach, creatable
from ..service.verbs import VERBS
from ..store.transaction import Transaction
from . import query, wire
from .engine_view import engine_meaning
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
        """By the path as it is declared and, as Neutron has it, with hyphens too."""
        paths = sorted({self._kind.path, self._kind.path.replace("_", "-")})
        return [route for path in paths for route in self._routes(f"/{path}", f"/{path}/{{id}}")]

    def _routes(self, many: str, one: str) -> list[Route]:
        return [
            Route(many, self.index, methods=["GET"]),
            Route(many, self.create, methods=["POST"]),
            Route(one, self.show, methods=["GET"]),
            Route(one, self.update, methods=["PUT"]),
            Route(one, self.delete, methods=["DELETE"]),
        ]

    async def index(self, request: Request) -> Response:
        actor = actor_of(request)
        asked = query.parse(query.seen_by(actor, self._kind), request.query_params)
        return await in_thread(partial(self._index, actor, asked, request.url))

    async def show(self, request: Request) -> Response:
        actor, only = actor_of(request), request.query_params.getlist("fields")
        id = request.path_params["id"]
        document = await in_thread(partial(reading.show, self._provider.database, actor, self._kind, id))
        return json_response({self._kind.member: self._view(actor, document, only)})

    async def create(self, request: Request) -> Response:
        actor = actor_of(request)
        given, many = wire.members(self._kind, await read_object(request))
        given = [self._placed(request, one) for one in given]
        if not many:
            made = await self._provider.write(partial(self._create_all, actor, [self._wish(actor, given[0])]))
            return self._created(actor, made, many)
        # thousands at once take seconds to read and to show: not on the loop that everybody else is served by
        wishes = await in_thread(lambda: [self._wish(actor, one) for one in given])
        made = await self._provider.write(partial(self._create_all, actor, wishes))
        return await in_thread(partial(self._created, actor, made, many))

    async def update(self, request: Request) -> Response:
        actor, body = actor_of(request), await read_object(request)
        given, revision = wire.member(self._kind.member, body), _expected_revision(request)
        made = await self._provider.write(partial(self._update, actor, request.path_params["id"], given, revision))
        return json_response({self._kind.member: self._view(actor, made, ())})

    async def delete(self, request: Request) -> Response:
        actor, id, revision = actor_of(request), request.path_params["id"], _expected_revision(request)
        await self._provider.write(partial(self._delete, actor, id, revision))
        return Response(status_code=204)

    def _wish(self, actor: Actor, given: wire.Body) -> Wish[Any]:
        meant = engine_meaning(self._kind, given) if actor.is_engine else given
        return creatable(wire.creation(self._kind, actor, meant), actor, self._provider.abilities)

    def _created(self, actor: Actor, made: list[Document], many: bool) -> Response:
        shown = [self._view(actor, document, ()) for document in made]
        return json_response({self._kind.collection: shown} if many else {self._kind.member: shown[0]}, 201)

    def _placed(self, _request: Request, given: wire.Body) -> wire.Body:
        """The attributes of a new one: where the path says some, with these."""
        return given

    def _index(self, actor: Actor, asked: query.Query, url: URL) -> Response:
        columns = query.columns(self._kind, asked)
        found = reading.index(self._provider.database, actor, self._kind, columns)
        self._provider.check_what_was_read()
        page = query.select(found, asked)
        shown = [self._view(actor, document, asked.only) for document in page.documents]
        links = _links(url, page)
        return json_response(
            {self._kind.collection: shown} | ({f"{self._kind.collection}_links": links} if links else {})
        )

    def _create_all(self, actor: Actor, wishes: list[Wish[Any]], tx: Transaction) -> list[Document]:
        return [reading.as_document(tx, self._verbs.create(tx, actor, wish)) for wish in wishes]

    def _update(self, actor: Actor, id: str, given: wire.Body, revision: int | None, tx: Transaction) -> Document:
        old = get_own(tx, actor, self._kind, id)
        _check_revision(old, revision)
        wish = wire.change(old, actor, given)
        check_within_reach(wish, actor, self._provider.abilities)
        return reading.as_document(tx, self._verbs.update(tx, actor, wish))

    def _delete(self, actor: Actor, id: str, revision: int | None, tx: Transaction) -> None:
        _check_revision(get_own(tx, actor, self._kind, id), revision)
        self._verbs.delete(tx, actor, id)

    def _view(self, actor: Actor, document: Document, only: Any) -> Document:
        return view(self._kind, document, actor, self._provider.abilities.features, only)


def actor_of(request: Request) -> Actor:
    """Who asks, as `api/authentication.py` found."""
    actor = request.state.actor
    assert isinstance(actor, Actor)
    return actor


def _links(url: URL, page: query.Page) -> list[Document]:
    """Neutron's `networks_links`."""
    links = []
    if page.later and page.documents:
        after = url.remove_query_params("page_reverse").include_query_params(marker=page.documents[-1]["id"])
        links.append({"rel": "next", "href": str(after)})
    if page.earlier and page.documents:
        before = url.include_query_params(marker=page.documents[0]["id"], page_reverse="True")
        links.append({"rel": "previous", "href": str(before)})
    return links


def _check_revision(found: Resource, expected: int | None) -> None:
    if expected is not None and found.revision_number != expected:
        raise PreconditionFailed(
            "RevisionNumberConstraintFailed", f"The revision of {found.id} is {found.revision_number}, not {expected}."
        )


def _expected_revision(request: Request) -> int | None:
    header = request.headers.get("if-match", "")
    if not header:
        return None
    name, _, number = header.partition("=")
    revision = query.whole_number(number.strip())
    if name.strip() != "revision_number" or revision is None:
        raise BadInput("HTTPBadRequest", "If-Match must be revision_number=N.")
    return revision
