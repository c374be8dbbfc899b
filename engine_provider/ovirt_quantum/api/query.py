"""A list's query string: filters, fields, sorting, paging."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, get_args

import msgspec
from starlette.datastructures import QueryParams

from ..errors import BadInput
from ..model import Actor, Field, Resource, fields
from ..model.types import Text, decode_text

Document = dict[str, Any]
CONTROL = {"fields", "sort_key", "sort_dir", "limit", "marker", "page_reverse"}
MOST_LIMIT = 10_000
TRUTHS = {"true": True, "1": True, "false": False, "0": False}


@dataclass(frozen=True)
class Query:
    """What was asked, checked. `filters`: attribute -> values, one of which must match."""

    filters: dict[str, list[str]]
    only: list[str]
    sort: list[tuple[str, bool]]
    limit: int | None
    marker: str | None
    reverse: bool


@dataclass(frozen=True)
class Page:
    """A part of a list, and whether there is more of it before and after."""

    documents: list[Document]
    earlier: bool
    later: bool


def seen_by(actor: Actor, kind: type[Resource]) -> dict[str, Field]:
    """What the actor may look for: the attributes that it is shown."""
    return {name: field for name, field in fields(kind).items() if actor.role >= field.rule.seen_by}


def parse(known: Mapping[str, Field], params: QueryParams) -> Query:
    """Raises BadInput for attributes that there are not."""
    return Query(
        filters=_filters(known, params),
        only=list(dict.fromkeys(params.getlist("fields"))),
        sort=_sort(known, params),
        limit=_limit(params.get("limit")),
        marker=params.get("marker"),
        reverse=params.get("page_reverse", "").lower() == "true",
    )


def columns(kind: type[Resource], query: Query) -> dict[str, list[str]]:
    """The part of the filters that the database may answer, by attribute. An empty value also means null."""
    declared = fields(kind)
    return {
        declared[name].name: values
        for name, values in query.filters.items()
        if declared[name].rule.column and "" not in values
    }


def select(documents: Sequence[Document], query: Query) -> Page:
    """The page asked for. Raises BadInput for a marker that is not in the list."""
    found = [document for document in documents if _matches(document, query)] if query.filters else list(documents)
    for key, descending in reversed(query.sort):
        found.sort(key=lambda document: _sortable(document.get(key)), reverse=descending)
    return _page(found, query)


def whole_number(text: str) -> int | None:
    """Zero or more in plain digits; None for anything else."""
    return int(text) if re.fullmatch("[0-9]{1,18}", text) else None


def _page(found: list[Document], query: Query) -> Page:
    if query.reverse:
        found = found[::-1]
    if query.marker is not None:
        places = [place for place, document in enumerate(found) if document["id"] == query.marker]
        if not places:
            raise BadInput("HTTPBadRequest", f"Invalid input for marker: there is no {query.marker} in this list.")
        found = found[places[0] + 1 :]
    more, begun = query.limit is not None and len(found) > query.limit, query.marker is not None
    page = found[: query.limit]
    return Page(page[::-1], earlier=more, later=begun) if query.reverse else Page(page, earlier=begun, later=more)


def _filters(known: Mapping[str, Field], params: QueryParams) -> dict[str, list[str]]:
    names = {"project_id" if name == "tenant_id" else name for name in params if name not in CONTROL}
    unknown = sorted(name for name in names if name not in known)
    if unknown:
        raise BadInput("HTTPBadRequest", f"{unknown} is invalid attribute for filtering")
    given = {name: params.getlist(name) for name in sorted(names)}
    if "tenant_id" in params:
        given["project_id"] = params.getlist("tenant_id") + params.getlist("project_id")
    filters = {name: [_canonical(known[name], value) for value in values] for name, values in given.items()}
    for name, values in filters.items():
        if bool in get_args(known[name].type)[:1] and not all(value.lower() in TRUTHS for value in values):
            raise BadInput("HTTPBadRequest", f"Invalid input for {name}: {values} is neither true nor false.")
    return filters


def _canonical(field: Field, value: str) -> str:
    """A MAC address, a UUID or an address in whatever form, as it is stored; anything else as it is."""
    try:
        found = msgspec.convert(value, field.type, strict=False, dec_hook=decode_text)
    except msgspec.ValidationError:
        return value
    return str(found) if isinstance(found, Text) else value


def _matches(document: Document, query: Query) -> bool:
    return all(_match(document.get(name), values) for name, values in query.filters.items())


def _match(actual: Any, values: Sequence[str]) -> bool:
    if isinstance(actual, list):
        return _match_any(actual, values)
    if isinstance(actual, bool):
        return any(TRUTHS[value.lower()] is actual for value in values)
    return ("" if actual is None else str(actual)) in values


def _match_any(actual: list[Any], values: Sequence[str]) -> bool:
    """`tags=blue` is for a value; `fixed_ips=subnet_id=S&fixed_ips=ip_address=A` for one object with both."""
    objects = [one for one in actual if isinstance(one, dict)]
    if not objects:
        return any(str(one) in values for one in actual)
    wanted: dict[str, set[str]] = {}
    for key, _, value in (text.partition("=") for text in values):
        wanted.setdefault(key, set()).add(value)
    return any(all(str(one.get(key)) in some for key, some in wanted.items()) for one in objects)


def _sort(known: Mapping[str, Field], params: QueryParams) -> list[tuple[str, bool]]:
    keys, directions = params.getlist("sort_key"), params.getlist("sort_dir")
    if directions and len(directions) != len(keys):
        raise BadInput("HTTPBadRequest", "The number of sort_keys and sort_dirs must be same")
    for key in keys:
        if key not in known:
            raise BadInput("HTTPBadRequest", f"'{key}' is an invalid attribute for sort key")
    if any(direction not in ("asc", "desc") for direction in directions):
        raise BadInput("HTTPBadRequest", "sort_dir must be asc or desc")
    orders = zip(keys, directions or ["asc"] * len(keys), strict=True)
    first = dict(reversed(list(orders)))  # a key that comes again orders nothing any more
    return [(key, first[key] == "desc") for key in dict.fromkeys(keys)]


def _sortable(value: Any) -> tuple[bool, str, float]:
    if isinstance(value, int | float):
        return (value is not None, "", float(value))
    return (value is not None, str(value), 0.0)


def _limit(value: str | None) -> int | None:
    if value is None:
        return None
    limit = whole_number(value)
    if limit is None:
        raise BadInput("HTTPBadRequest", f"Invalid input for limit: '{value}' is not a whole number, zero or more.")
    return min(limit, MOST_LIMIT) or None
