"""Rows that are watched: a replica of the columns asked for, brought up to date after each loss of the connection."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import msgspec

from .connection import Connection, Request
from .operations import Where, encode_where
from .schema import Schema
from .values import Row, Uuid, Value

log = logging.getLogger(__name__)

_NEVER = str(UUID(int=0))
_Updates = dict[str, dict[str, dict[str, dict[str, Any] | None]]]
_Replica = Mapping[str, dict[Uuid, Row]]


@dataclass(frozen=True)
class Watched:
    """What of a table: these columns of the rows that are meant; of all rows if there are no conditions."""

    columns: Sequence[str]
    where: Where = ()


@dataclass(frozen=True, slots=True)
class RowChange:
    """A row that came (`old` is None), went (`new` is None) or changed. Both have all watched columns."""

    table: str
    uuid: Uuid
    old: Row | None
    new: Row | None


Listener = Callable[[Sequence[RowChange]], None]
"""Called by the client's thread, so it must be quick: the first time with all rows there are (maybe none), then with
changes as they are committed. After an outage: with what changed meanwhile, nothing twice, nothing left out."""


class Monitor:
    """One monitor_cond_since (ovsdb-server(7), section 4.1.15), for the client's life and over all its connections."""

    def __init__(self, name: str, tables: Mapping[str, Watched], listener: Listener) -> None:
        self.name = name
        self._tables = tables
        self._listener = listener
        self._schema = Schema({})
        self._defaults: dict[str, dict[str, Value]] = {}
        self._replica: _Replica = {table: {} for table in tables}
        self._last = _NEVER
        self._begun = False
        self._attached = False
        self._early: list[tuple[str, _Updates]] = []

    def rows(self, table: str) -> Mapping[Uuid, Row]:
        """What is known of a table. For the client's thread alone."""
        return self._replica[table]

    async def attach(self, connection: Connection, database: str, schema: Schema) -> None:
        """Goes on where the last connection ended, or compares all rows where the server knows no more about then.

        Raises as Connection.call does, and ValueError where the answer is none or the schema lacks a column.
        """
        self._detach(schema)
        request = Request("monitor_cond_since", [database, self.name, self._requests(), self._last])
        answer = await connection.call(request)
        found, last, updates = _decode(answer, tuple[bool, str, _Updates])
        if found:
            self._deliver(self._changes(updates), last)
        else:
            self._deliver(self._differences(updates), last)
        self._attached = True
        for last, updates in self._early:
            self._deliver(self._changes(updates), last)

    def update(self, params: Any) -> None:
        """An update3 notification's parameters after the monitor's name. Raises ValueError where they are not good."""
        last, updates = _convert(params, tuple[str, _Updates])
        if self._attached:
            self._deliver(self._changes(updates), last)
        else:
            self._early.append((last, updates))

    def _detach(self, schema: Schema) -> None:
        self._attached = False
        self._early = []
        if schema.tables != self._schema.tables:
            self._last = _NEVER
        self._schema = schema
        self._defaults = {
            table: {name: schema.column(table, name).default for name in watched.columns}
            for table, watched in self._tables.items()
        }

    def _requests(self) -> dict[str, Any]:
        return {
            table: [{"columns": list(watched.columns), "where": encode_where(watched.where)}]
            for table, watched in self._tables.items()
        }

    def _changes(self, updates: _Updates) -> list[RowChange]:
        """Decoded before anything is taken over: an update that is not good changes nothing."""
        return [self._change(table, uuid, update) for table, uuid, update in _each(updates)]

    def _change(self, table: str, uuid: Uuid, update: Mapping[str, dict[str, Any] | None]) -> RowChange:
        old = self._known(table).get(uuid)
        [(kind, wire)] = update.items()
        if kind in ("initial", "insert"):
            return RowChange(table, uuid, old, self._row(table, wire or {}))
        if old is None:
            raise ValueError(f"'{kind}' of a row of {table} that it has not told of")
        if kind == "delete":
            return RowChange(table, uuid, old, None)
        if kind == "modify":
            return RowChange(table, uuid, old, self._modified(table, old, wire or {}))
        raise ValueError(f"a change of the kind '{kind}'")

    def _differences(self, updates: _Updates) -> list[RowChange]:
        """Between the replica and all the rows that there are now."""
        now = {(table, uuid): self._row(table, update.get("initial") or {}) for table, uuid, update in _each(updates)}
        gone = [
            RowChange(table, uuid, old, None)
            for table, rows in self._replica.items()
            for uuid, old in rows.items()
            if (table, uuid) not in now
        ]
        olds = ((table, uuid, self._known(table).get(uuid), new) for (table, uuid), new in now.items())
        return gone + [RowChange(*change) for change in olds if change[2] != change[3]]

    def _known(self, table: str) -> dict[Uuid, Row]:
        if table not in self._replica:
            raise ValueError(f"a change of a table '{table}', which is not watched")
        return self._replica[table]

    def _row(self, table: str, wire: Mapping[str, Any]) -> Row:
        self._known(table)
        row: Row = self._defaults[table] | self._schema.decode_row(table, wire)
        return row

    def _modified(self, table: str, old: Row, wire: Mapping[str, Any]) -> Row:
        types = self._schema.tables[table]
        return {**old, **{name: types[name].changed(old[name], wire[name]) for name in wire.keys() & old.keys()}}

    def _deliver(self, changes: Sequence[RowChange], last: str) -> None:
        for change in changes:
            if change.new is None:
                self._replica[change.table].pop(change.uuid, None)
            else:
                self._replica[change.table][change.uuid] = change.new
        self._last = last
        if changes or not self._begun:
            self._begun = True
            self._tell(changes)

    def _tell(self, changes: Sequence[RowChange]) -> None:
        try:
            self._listener(changes)
        except Exception:  # it is the listener's failure, and the other listeners' connection
            log.exception("the listener of monitor %s failed", self.name)


def _each(updates: _Updates) -> Iterator[tuple[str, Uuid, Mapping[str, dict[str, Any] | None]]]:
    for table, rows in updates.items():
        for uuid, update in rows.items():
            yield table, Uuid(uuid), update


def _decode(answer: msgspec.Raw, kind: type) -> Any:
    return _convert(msgspec.json.decode(answer), kind)


def _convert(found: Any, kind: type) -> Any:
    try:
        return msgspec.convert(found, kind)
    except msgspec.ValidationError as error:
        raise ValueError(f"a monitor's update that can't be read: {error}") from error
