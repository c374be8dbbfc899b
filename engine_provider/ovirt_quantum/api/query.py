"""A list's query string: filters, fields, sorting, paging."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import QueryParams

from ..errors import BadInput
from ..model import Actor, Field, Resource, fields

Document = dict[str, Any]
CONTROL = {"fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"}
MOST_LIMIT = 10_000


@dataclass(frozen=True)
class Query:
    """What was asked, checked. `filters`: attribute -> values, one of which must match."""

    filters: dict[str, list[str]]
    only: list[str]
    sort: list[tuple[str, bool]]
    limit: int | None
    marker: str | None
    reverse: bool


def parse(kind: type[Resource], actor: Actor, params: QueryParams) -> Query:
    """Raises BadInput for attributes that there are not."""
    known = {name: field for name, field in fields(kind).items() if actor.role >= field.rule.seen_by}
    names = {"project_id" if name == "tenant_id" else name for name in params if name not in CONTROL}
    unknown = sorted(name for name in names if name not in known)
    if unknown:
        raise BadInput("HTTPBadRequest", f"{unknown} is invalid attribute for filtering")
    filters = {name: params.getlist(name) for name in names}
    if "tenant_id" in params:
        filters["project_id"] = params.getlist("tenant_id") + params.getlist("project_id")
    return Query(
        filters=filters,
        only=params.getlist("fields"),
        sort=_sort(known, params),
        limit=_limit(params.get("limit")),
        marker=params.get("marker"),
        reverse=params.get("page_reverse", "").lower() == "true",
    )


def columns(kind: type[Resource], query: Query) -> dict[str, list[str]]:
    """The part of the filters that the database may answer, by attribute."""
    declared = fields(kind)
    return {declared[name].name: values for name, values in query.filters.items() if declared[name].rule.column}


def select(documents: Sequence[Document], query: Query) -> tuple[list[Document], bool]:
    """The page asked for, and whether there is more after it."""
    found = [document for document in documents if _matches(document, query)]
    for key, descending in reversed(query.sort):
        found.sort(key=lambda document: _sortable(document.get(key)), reverse=descending)
    return _page(found, query)


def _page(found: list[Document], query: Query) -> tuple[list[Document], bool]:
    if query.reverse:
        found = found[::-1]
    if query.marker is not None:
        places = [place for place, document in enumerate(found) if document["id"] == query.marker]
        if not places:
            raise BadInput("HTTPBadRequest", f"Invalid input for marker: there is no {query.marker} in this list.")
        found = found[places[0] + 1 :]
    more = query.limit is not None and len(found) > query.limit
    page = found[: query.limit]
    return (page[::-1] if query.reverse else page), more


def _matches(document: Document, query: Query) -> bool:
    return all(_match(document.get(name), values) for name, values in query.filters.items())


def _match(actual: Any, values: Sequence[str]) -> bool:
    if isinstance(actual, list):
        return any(_in_list(actual, value) for value in values)
    if isinstance(actual, bool):
        return any(_typed(value) is actual for value in values)
    return ("" if actual is None else str(actual)) in values


def _in_list(actual: list[Any], value: str) -> bool:
    """`fixed_ips=ip_address=10.0.0.3` looks into objects, `tags=blue` for a value."""
    key, equals, wanted = value.partition("=")
    if equals:
        return any(isinstance(one, dict) and str(one.get(key)) == wanted for one in actual)
    return value in actual


def _typed(value: str) -> bool | str:
    return {"true": True, "1": True, "false": False, "0": False}.get(value.lower(), value)


def _sort(known: dict[str, Field], params: QueryParams) -> list[tuple[str, bool]]:
    keys, directions = params.getlist("sort_key"), params.getlist("sort_dir")
    if directions and len(directions) != len(keys):
        raise BadInput("HTTPBadRequest", "The number of sort_keys and sort_dirs must be same")
    for key in keys:
        if key not in known:
            raise BadInput("HTTPBadRequest", f"'{key}' is an invalid attribute for sort key")
    if any(direction not in ("asc", "desc") for direction in directions):
        raise BadInput("HTTPBadRequest", "sort_dir must be asc or desc")
    return list(zip(keys, [direction == "desc" for direction in directions] or [False] * len(keys), strict=True))


def _sortable(value: Any) -> tuple[bool, str, float]:
    if isinstance(value, int | float):
        return (value is not None, "", float(value))
    return (value is not None, str(value), 0.0)


def _limit(value: str | None) -> int | None:
    if value is None:
        return None
    if not value.isdigit():
        raise BadInput("HTTPBadRequest", f"Invalid input for limit: '{value}' is not a whole number, zero or more.")
    return min(int(value), MOST_LIMIT) or None
