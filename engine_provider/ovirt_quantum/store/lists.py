"""Many at once: the documents of a kind, and what plugins have to say of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, String, Table, select

from ..model import Resource
from .tables import TABLES, sync


@dataclass(frozen=True)
class Trouble:
    """Why an object is not as wanted. `failing`: a plugin is still trying."""

    failing: bool
    reason: str


def documents(connection: Connection, kind: type[Resource], columns: Mapping[str, Sequence[str]]) -> list[str]:
    """The documents of all rows whose columns, those that are text, have one of the values, by id."""
    table = TABLES[kind]
    found = select(table.c.document).where(*_conditions(table, columns)).order_by(table.c.id)
    return list(connection.scalars(found).all())


def dependents(
    connection: Connection,
    kind: type[Resource],
    reference: str,
    owner: type[Resource],
    columns: Mapping[str, Sequence[str]],
) -> list[str]:
    """The documents of all rows whose column `reference` names an owner that `documents` finds by `columns`."""
    table, owners = TABLES[kind], TABLES[owner]
    found = select(table.c.document).order_by(table.c.id)
    if columns:
        found = found.where(table.c[reference].in_(select(owners.c.id).where(*_conditions(owners, columns))))
    return list(connection.scalars(found).all())


def _conditions(table: Table, columns: Mapping[str, Sequence[str]]) -> list[ColumnElement[bool]]:
    return [table.c[name].in_(values) for name, values in columns.items() if _is_text(table.c[name])]


def _is_text(column: Column[Any]) -> bool:
    return isinstance(column.type, String)


def troubles(connection: Connection, kind: type[Resource]) -> dict[str, Trouble]:
    """By object id; only of those that have any."""
    query = select(sync.c.object_id, sync.c.plugin, sync.c.error, sync.c.shortfall)
    found: dict[str, Trouble] = {}
    for row in connection.execute(query.where(sync.c.kind == kind.member, sync.c.troubled)):
        known = found.get(row.object_id, Trouble(False, ""))
        words = [known.reason, f"{row.plugin}: {row.error or row.shortfall}"]
        found[row.object_id] = Trouble(known.failing or row.error is not None, "; ".join(filter(None, words)))
    return found
