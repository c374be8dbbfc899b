"""From what is seen to what is wanted: the operations between. Pure: no I/O in this file."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from ovirt_quantum.plugin import Ref

from .ovsdb import Mutation, Operation, Uuid, Writable, by_uuid
from .ovsdb import Row as Contents
from .ovsdb.operations import delete, insert, mutate, update
from .rows import MARK, ROOTS, Extent, Holder, Place, Row, Wanted, external_ids


class Foreign(Exception):
    """A row that is wanted is there already, and is somebody else's."""


@dataclass(frozen=True)
class Item:
    """An object, all places where it may have rows, and what it should be; nothing, where it must not exist."""

    ref: Ref
    extent: Extent
    wanted: Wanted = field(default_factory=Wanted)


@dataclass(frozen=True)
class Seen:
    """What the database has: the rows that are there, and the marked sets that hold them."""

    rows: Mapping[Place, Contents]
    holders: Mapping[Place, frozenset[Holder]]


@dataclass(frozen=True)
class Step:
    """An operation, the row that it writes, and the object that it is for."""

    ref: Ref
    place: Place
    operation: Operation


class Plan:
    """The steps for a batch of objects. What one object makes, the next one finds."""

    def __init__(self, deployment: str, seen: Seen) -> None:
        self._deployment = deployment
        self._seen = seen
        self._made: set[Place] = set()
        self._written: set[Place] = set()
        self.steps: list[Step] = []

    def add(self, item: Item) -> None:
        """Raises Foreign; nothing is added then."""
        self._check(item)
        for place, operation in [*self._leave(item), *self._rows(item), *self._join(item)]:
            self.steps.append(Step(item.ref, place, operation))

    def _check(self, item: Item) -> None:
        for row in (*item.wanted.rows, *item.wanted.needs):
            found = self._seen.rows.get(row.place)
            if found is not None and not self._is_ours(found):
                raise Foreign(f"{row.place.table} {row.place.uuid} {_whose(found)}; two must not share it")

    def _leave(self, item: Item) -> Iterator[tuple[Place, Operation]]:
        for place in item.extent.held:
            if self._is_ours(self._seen.rows.get(place)):
                for holder in self._seen.holders[place] - item.wanted.held.get(place, frozenset()):
                    yield holder.place, _mutate(holder, "delete", place)

    def _join(self, item: Item) -> Iterator[tuple[Place, Operation]]:
        for place, holders in item.wanted.held.items():
            for holder in holders - self._seen.holders.get(place, frozenset()):
                yield holder.place, _mutate(holder, "insert", place)

    def _rows(self, item: Item) -> Iterator[tuple[Place, Operation]]:
        for row in item.wanted.needs:
            if row.place not in self._seen.rows and row.place not in self._made:
                yield row.place, self._insert(row)
        for row in item.wanted.rows:
            if row.place not in self._written:  # several objects may share a row
                yield from self._write(row)
        wanted = {row.place for row in item.wanted.rows}
        for place in item.extent.places:
            if place not in wanted and place.table in ROOTS and self._is_ours(self._seen.rows.get(place)):
                yield place, delete(place.table, by_uuid(place.uuid))

    def _write(self, row: Row) -> Iterator[tuple[Place, Operation]]:
        self._written.add(row.place)
        found = self._seen.rows.get(row.place)
        if row.place in self._made:
            yield row.place, update(row.place.table, by_uuid(row.place.uuid), row.columns)
        elif found is None:
            yield row.place, self._insert(row)
        elif changed := _difference(row.columns, found):
            yield row.place, update(row.place.table, by_uuid(row.place.uuid), changed)

    def _insert(self, row: Row) -> Operation:
        self._made.add(row.place)
        return insert(row.place.table, row.columns, uuid=row.place.uuid)

    def _is_ours(self, found: Contents | None) -> bool:
        return found is not None and external_ids(found).get(MARK) == self._deployment


def _mutate(holder: Holder, how: Literal["insert", "delete"], member: Place) -> Operation:
    change = Mutation(holder.column, how, frozenset({Uuid(member.uuid)}))
    return mutate(holder.place.table, by_uuid(holder.place.uuid), [change])


def _difference(wanted: Mapping[str, Writable], found: Contents) -> dict[str, Writable]:
    """The columns to be written. Of external_ids only the keys that are ours are compared: others may add theirs."""
    changed = {name: value for name, value in wanted.items() if found[name] != value}
    if "external_ids" in changed:
        theirs = {key: value for key, value in external_ids(found).items() if not key.startswith(MARK)}
        changed["external_ids"] = {**theirs, **external_ids(wanted)}
        if changed["external_ids"] == found["external_ids"]:
            del changed["external_ids"]
    return changed


def _whose(found: Contents) -> str:
    mark = external_ids(found).get(MARK)
    return f"belongs to deployment {mark}" if mark else "is there already and bears no mark of ours"
