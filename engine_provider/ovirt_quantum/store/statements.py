"""Statements on the resources' tables, each built once: building one anew costs more than SQLite needs to run it."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from sqlalchemy import Delete, Insert, Select, Update, bindparam, delete, insert, select, update

from ..model import Resource
from .tables import TABLES

ID = "row_id"
"""The parameter of `get`, `change` and `remove`."""


@dataclass(frozen=True)
class Statements:
    """By id. `add` and `change` take a value for each column."""

    get: Select[str]
    add: Insert
    change: Update
    remove: Delete


@cache
def statements(kind: type[Resource]) -> Statements:
    table = TABLES[kind]
    this = table.c.id == bindparam(ID)
    return Statements(
        get=select(table.c.document).where(this),
        add=insert(table),
        change=update(table).where(this),
        remove=delete(table).where(this),
    )


@cache
def finding(kind: type[Resource], names: tuple[str, ...]) -> Select[str]:
    """The documents that have these columns, by id; takes a value for each name."""
    table = TABLES[kind]
    return select(table.c.document).where(*_equal(kind, names)).order_by(table.c.id)


@cache
def asking(kind: type[Resource], names: tuple[str, ...]) -> Select[str]:
    """The id of one that has these columns."""
    return select(TABLES[kind].c.id).where(*_equal(kind, names)).limit(1)


def _equal(kind: type[Resource], names: tuple[str, ...]) -> list[Any]:
    return [TABLES[kind].c[name] == bindparam(name) for name in names]
