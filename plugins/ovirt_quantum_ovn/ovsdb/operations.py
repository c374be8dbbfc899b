"""What a transaction is made of (RFC 7047, section 5.2). Each function makes one operation.

They raise what `values.encode` raises: a value that OVSDB does not have is never sent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

from .values import NamedUuid, Uuid, Writable, WritableRow, encode

Function = Literal["==", "!=", "<", "<=", ">", ">=", "includes", "excludes"]
Mutator = Literal["+=", "-=", "*=", "/=", "%=", "insert", "delete"]


@dataclass(frozen=True)
class Operation:
    """One operation, ready to be sent."""

    wire: Mapping[str, Any]

    @property
    def table(self) -> str:
        """The table that it is about; empty for a comment or an assertion."""
        return str(self.wire.get("table", ""))

    def __str__(self) -> str:
        what = {"insert": "insert into", "select": "select from", "delete": "delete from"}
        kind = self.wire["op"]
        return f"{what.get(kind, kind)} {self.table}".strip()


class Condition(NamedTuple):
    """A row is meant if its `column` is so. "includes" and "excludes" are about elements of sets and maps."""

    column: str
    function: Function
    value: Writable


class Mutation(NamedTuple):
    """`column` becomes other. "insert" and "delete" are of elements; a map's elements go by a set of its keys too."""

    column: str
    mutator: Mutator
    value: Writable


Where = Sequence[Condition]
"""All of them. None: every row of the table."""


def by_uuid(uuid: str) -> Where:
    """The row with this id: found at once, where any other condition looks at each row of the table."""
    return [Condition("_uuid", "==", Uuid(uuid))]


def insert(table: str, row: WritableRow, *, uuid: str | None = None, name: str | None = None) -> Operation:
    """A new row; columns that are left out have their type's default.

    uuid: its id, chosen by the client (ovsdb-server 2.13 and later); DuplicateUuid where there is such a row.
    name: what `NamedUuid`s of the same transaction call it. Either, not both.
    """
    wire = {"op": "insert", "table": table, "row": _row(row)}
    if uuid is not None:
        wire["uuid"] = str(Uuid(uuid))
    if name is not None:
        wire["uuid-name"] = str(NamedUuid(name))
    return Operation(wire)


def update(table: str, where: Where, row: WritableRow) -> Operation:
    """Writes these columns of the rows that are meant."""
    return Operation({"op": "update", "table": table, "where": encode_where(where), "row": _row(row)})


def mutate(table: str, where: Where, mutations: Iterable[Mutation]) -> Operation:
    """Changes columns of the rows that are meant, from what they are."""
    changes = [[column, mutator, encode(value)] for column, mutator, value in mutations]
    return Operation({"op": "mutate", "table": table, "where": encode_where(where), "mutations": changes})


def delete(table: str, where: Where) -> Operation:
    """Deletes the rows that are meant."""
    return Operation({"op": "delete", "table": table, "where": encode_where(where)})


def select(table: str, where: Where = (), columns: Sequence[str] | None = None) -> Operation:
    """Reads the rows that are meant; by default all their columns, `_uuid` and `_version` too."""
    wire: dict[str, Any] = {"op": "select", "table": table, "where": encode_where(where)}
    if columns is not None:
        wire["columns"] = list(columns)
    return Operation(wire)


def wait(
    table: str, where: Where, rows: Sequence[WritableRow], *, equal: bool = True, timeout_ms: int = 0
) -> Operation:
    """Has the transaction fail with WaitFailed unless the rows that are meant are these, or (`equal` False) others.

    Columns that no row of `rows` has are not compared; no rows at all: that there is none. timeout_ms: how long the
    server may wait for it to come true.
    """
    return Operation(
        {
            "op": "wait",
            "timeout": timeout_ms,
            "table": table,
            "where": encode_where(where),
            "columns": sorted({column for row in rows for column in row}),
            "until": "==" if equal else "!=",
            "rows": [_row(row) for row in rows],
        }
    )


def comment(text: str) -> Operation:
    """A text for the database's log."""
    return Operation({"op": "comment", "comment": encode(text)})


def assert_lock(lock: str) -> Operation:
    """Has the transaction fail unless this connection holds the lock."""
    return Operation({"op": "assert", "lock": lock})


def _row(row: WritableRow) -> dict[str, Any]:
    return {column: encode(value) for column, value in row.items()}


def encode_where(where: Where) -> list[Any]:
    """`where` as JSON."""
    return [[column, function, encode(value)] for column, function, value in where]
