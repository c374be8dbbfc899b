"""The northbound database made as wanted: a look or two for a whole batch, one transaction for all that differs."""

from collections.abc import Iterable, Mapping, Sequence

from ovirt_quantum.plugin import Ref

from .drift import Drift
from .ovsdb import Client, Condition, Operation, Result, Row, TransactionFailed, Uuid, by_uuid
from .ovsdb.operations import comment, select
from .plan import Foreign, Item, Plan, Seen
from .rows import MARK, Holder, Place, Table, external_ids, object_of

MARKED: tuple[Table, ...] = (
    "Logical_Switch",
    "Logical_Switch_Port",
    "DHCP_Options",
    "Mirror",
    "Port_Group",
    "Address_Set",
    "Logical_Router",
)
"""The tables of objects' rows. Each object has one in at least one of them."""


class Northbound:
    """`timeout`: seconds that one exchange with the server may take."""

    def __init__(self, client: Client, deployment: str, drift: Drift, timeout: float) -> None:
        self._client = client
        self._deployment = deployment
        self._drift = drift
        self._timeout = timeout

    def apply(self, items: Sequence[Item]) -> dict[Ref, str]:
        """Makes the objects as wanted. Returns why not, for those that could not be made so.

        One that the database refuses fails alone: the others are written without it. Raises OvsdbError.
        """
        seen = self._look(items)
        errors: dict[Ref, str] = {}
        while left := [item for item in items if item.ref not in errors]:
            plan = Plan(self._deployment, seen)
            errors |= _add_all(plan, left)
            try:
                return errors | self._write(plan)
            except TransactionFailed as failed:
                errors |= _blame(plan, failed)
        return errors

    def present(self) -> set[Ref]:
        """Every object with a row of this deployment. Raises OvsdbError."""
        ours = [Condition("external_ids", "includes", {MARK: self._deployment})]
        results = self._transact([select(table, ours, ["external_ids"]) for table in MARKED])
        return {ref for result in results for row in result.rows if (ref := object_of(row)) is not None}

    def _look(self, items: Sequence[Item]) -> Seen:
        columns = _columns(items)
        looks = [select(place.table, by_uuid(place.uuid), sorted(names)) for place, names in columns.items()]
        rows = {place: found.rows[0] for place, found in zip(columns, self._transact(looks), strict=True) if found.rows}
        return Seen(rows, self._holders(items, rows))

    def _holders(self, items: Sequence[Item], rows: Mapping[Place, Row]) -> Mapping[Place, frozenset[Holder]]:
        """The marked sets of the members that are there. One that is not is in none: no table is searched for it."""
        members = {place: sets for item in items for place, sets in _held(item).items() if place in rows}
        asked = [(place, table, column) for place, sets in members.items() for table, column in sets]
        results = self._transact([_holding(place, table, column) for place, table, column in asked])
        holders: dict[Place, set[Holder]] = {place: set() for place in members}
        for (place, table, column), result in zip(asked, results, strict=True):
            holders[place].update(self._ours(table, column, result))
        return {place: frozenset(found) for place, found in holders.items()}

    def _ours(self, table: Table, column: str, result: Result) -> Iterable[Holder]:
        """Sets that somebody else made are his: he may have put our ports into a group of his own."""
        for row in result.rows:
            if external_ids(row).get(MARK) == self._deployment:
                yield Holder(Place(table, str(row["_uuid"])), column)

    def _write(self, plan: Plan) -> dict[Ref, str]:
        if not plan.steps:
            return {}
        author = comment(f"{MARK} {self._deployment}")  # who wrote it, for `ovsdb-tool show-log`
        with self._drift.writing({step.place.uuid for step in plan.steps}):
            results = self._transact([*(step.operation for step in plan.steps), author])
        lost = [step.ref for step, result in zip(plan.steps, results, strict=False) if not result.count]
        return dict.fromkeys(lost, "what it belongs to was taken away at the same moment")

    def _transact(self, operations: Sequence[Operation]) -> list[Result]:
        return self._client.transact(operations, self._timeout) if operations else []


def _add_all(plan: Plan, items: Iterable[Item]) -> dict[Ref, str]:
    errors = {}
    for item in items:
        try:
            plan.add(item)
        except Foreign as foreign:
            errors[item.ref] = str(foreign)
    return errors


def _columns(items: Iterable[Item]) -> Mapping[Place, set[str]]:
    """What to read of each place: whose it is, and the columns that are wanted."""
    columns: dict[Place, set[str]] = {}
    for item in items:
        for place in item.extent.places:
            columns.setdefault(place, {"external_ids"})
        for row in item.wanted.needs:
            columns.setdefault(row.place, {"external_ids"})
        for row in item.wanted.rows:
            columns.setdefault(row.place, {"external_ids"}).update(row.columns)
    return columns


def _held(item: Item) -> Mapping[Place, tuple[tuple[Table, str], ...]]:
    """The sets that its rows may stand in, and those that rows of other objects must stand in for its sake."""
    needed = {place: {(each.place.table, each.column) for each in sets} for place, sets in item.wanted.held.items()}
    return {place: tuple(sets) for place, sets in needed.items()} | dict(item.extent.held)


def _holding(place: Place, table: Table, column: str) -> Operation:
    return select(table, [Condition(column, "includes", {Uuid(place.uuid)})], ["_uuid", "external_ids"])


def _blame(plan: Plan, failed: TransactionFailed) -> dict[Ref, str]:
    """The object whose operation failed; all of them, where it was none's alone."""
    guilty = plan.steps if failed.index is None else [plan.steps[failed.index]]
    return dict.fromkeys((step.ref for step in guilty), f"the northbound database refused: {failed}")
