"""The types of a database's columns: without them a set of one looks like an atom, and a difference like a value."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from .values import Atom, Uuid, Value

_MAKE: Mapping[str, Callable[..., Atom]] = {
    "boolean": bool,
    "integer": int,
    "real": float,
    "string": str,
    "uuid": lambda text="00000000-0000-0000-0000-000000000000": Uuid(text),
}
_TYPES: Mapping[str, type | tuple[type, ...]] = {"boolean": bool, "integer": int, "real": (int, float), "string": str}


@dataclass(frozen=True, slots=True)
class ColumnType:
    """RFC 7047's <type>. key, value: atomic types, the latter of maps alone. most: None is without limit."""

    key: str
    value: str | None = None
    least: int = 1
    most: int | None = 1

    def decode(self, wire: Any) -> Value:
        """Raises ValueError where `wire` is no value of this type."""
        if self.value is not None:
            pairs = (_pair(pair) for pair in _elements(wire, "map"))
            return {_atom(self.key, key): _atom(self.value, value) for key, value in pairs}
        atoms = [_atom(self.key, element) for element in _elements(wire, "set")]
        if self.most != 1:
            return frozenset(atoms)
        if len(atoms) > 1 or len(atoms) < self.least:
            raise ValueError(f"{len(atoms)} values in a column for one")
        return atoms[0] if atoms else None

    @property
    def default(self) -> Value:
        """What a column has that nobody has written."""
        key = _MAKE[self.key]()
        if self.value is not None:
            return {key: _MAKE[self.value]()} if self.least else {}
        if self.most != 1:
            return frozenset({key} if self.least else ())
        return key if self.least else None

    def changed(self, old: Value, difference: Any) -> Value:
        """The new value from the old and <row-update2>'s difference (ovsdb-server(7), section 4.1.14).

        Raises ValueError where `difference` is none of this type.
        """
        new = self.decode(difference)
        if self.most == 1:
            return new
        if isinstance(old, frozenset) and isinstance(new, frozenset):
            return old ^ new
        if isinstance(old, Mapping) and isinstance(new, Mapping):
            gone = {key for key, value in new.items() if key in old and old[key] == value}
            return {key: value for key, value in {**old, **new}.items() if key not in gone}
        raise ValueError("a difference of another type than its column")


_UUID = ColumnType("uuid")


class Schema:
    """A database's tables and their columns' types."""

    def __init__(self, tables: Mapping[str, Mapping[str, ColumnType]]) -> None:
        self.tables = {name: {"_uuid": _UUID, "_version": _UUID, **columns} for name, columns in tables.items()}

    @classmethod
    def parse(cls, text: str | bytes | msgspec.Raw) -> "Schema":
        """From RFC 7047's <database-schema>. Raises ValueError where it is none."""
        try:
            found = msgspec.json.decode(text, type=_Schema)
        except msgspec.MsgspecError as error:
            raise ValueError(f"a schema that can't be read: {error}") from error
        return cls({name: _column_types(table) for name, table in found.tables.items()})

    def column(self, table: str, name: str) -> ColumnType:
        """Raises ValueError where there is no such column."""
        try:
            return self.tables[table][name]
        except KeyError:
            raise ValueError(f"this database has no column '{name}' of a table '{table}'") from None

    def decode_row(self, table: str, wire: Mapping[str, Any]) -> dict[str, Value]:
        """Raises ValueError where `wire` is no row of `table`."""
        return {name: self.column(table, name).decode(value) for name, value in wire.items()}


class _BaseType(msgspec.Struct):
    type: str


class _Type(msgspec.Struct):
    key: str | _BaseType
    value: str | _BaseType | None = None
    min: int = 1
    max: int | Literal["unlimited"] = 1


class _Column(msgspec.Struct):
    type: str | _Type


class _Table(msgspec.Struct):
    columns: dict[str, _Column]


class _Schema(msgspec.Struct):
    tables: dict[str, _Table]


def _column_types(table: _Table) -> dict[str, ColumnType]:
    return {name: _column_type(column.type) for name, column in table.columns.items()}


def _column_type(found: str | _Type) -> ColumnType:
    if isinstance(found, str):
        return ColumnType(_base(found))
    value = None if found.value is None else _base(found.value)
    return ColumnType(_base(found.key), value, found.min, None if isinstance(found.max, str) else found.max)


def _base(found: str | _BaseType) -> str:
    name = found if isinstance(found, str) else found.type
    if name not in _MAKE:
        raise ValueError(f"a schema with an unknown type: '{name}'")
    return name


def _elements(wire: Any, tag: str) -> list[Any]:
    """Of ["set", [...]] or ["map", [...]]; a bare atom is a set of one."""
    if isinstance(wire, list) and len(wire) == 2 and wire[0] == tag and isinstance(wire[1], list):
        return wire[1]
    if tag == "map":
        raise ValueError("no map where there should be one")
    return [wire]


def _pair(wire: Any) -> tuple[Any, Any]:
    if not isinstance(wire, list) or len(wire) != 2:
        raise ValueError("a map with an element that is no pair")
    return wire[0], wire[1]


def _atom(kind: str, wire: Any) -> Atom:
    if kind == "uuid":
        if isinstance(wire, list) and len(wire) == 2 and wire[0] == "uuid" and isinstance(wire[1], str):
            return Uuid(wire[1])
        raise ValueError("no uuid where there should be one")
    if not isinstance(wire, _TYPES[kind]) or (isinstance(wire, bool) and kind != "boolean"):
        raise ValueError(f"no {kind} where there should be one")
    return _MAKE[kind](wire)
