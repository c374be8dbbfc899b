"""The sync table: what each plugin still has to make so. Outbox, retry state and source of status in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import msgspec
from sqlalchemy import Connection, Insert, bindparam, case, delete, func, select, update
from sqlalchemy.dialects import mysql, postgresql, sqlite

from ..plugin import Outcome, Ref
from .tables import deployment, sync

GRACE_S = 5.0
"""A fresh mark is handed to its plugin from memory; only if that fails, it is read from here, this much later."""
MOST_WORDS = 4000
LONGEST_PAUSE_S = 60.0
"""Pauses between attempts begin at a second and double up to this."""


@dataclass(frozen=True)
class Due:
    """An object that a plugin has to look at, as of version `wanted`."""

    ref: Ref
    wanted: int
    failures: int
    realised: dict[str, Any]


_THIS = (
    sync.c.plugin == bindparam("of_plugin"),
    sync.c.kind == bindparam("of_kind"),
    sync.c.object_id == bindparam("of_object"),
)
_GENERATION = select(deployment.c.generation)
_DUE = (
    select(sync)
    .where(sync.c.plugin == bindparam("of_plugin"), sync.c.due <= bindparam("now"))
    .order_by(sync.c.due)
    .limit(bindparam("most"))
)
_NEXT_DUE = select(func.min(sync.c.due)).where(sync.c.plugin == bindparam("of_plugin"))
_FAILURES = select(sync.c.failures).where(*_THIS)
_FAIL = update(sync).where(*_THIS)
_FORGET = delete(sync).where(*_THIS, sync.c.wanted <= bindparam("version"))
_KEEP = update(sync).where(*_THIS, sync.c.due.is_(None))
_DONE = (
    update(sync)
    .where(*_THIS)
    .values(
        done=bindparam("version"),
        # an older state was applied after a newer one had been settled: the newer one is due again
        due=case((sync.c.wanted <= bindparam("version"), None), else_=func.coalesce(sync.c.due, bindparam("now"))),
        failures=0,
        error=None,
    )
)


def mark(connection: Connection, plugin: str, refs: Iterable[Ref], wanted: int, due: float) -> None:
    """Makes the objects due for a plugin at time `due` (unix seconds)."""
    rows = [_new(plugin, ref) | {"wanted": wanted, "due": due} for ref in refs]
    if rows:
        connection.execute(_marking(connection.dialect.name), rows)


@cache
def _marking(dialect: str) -> Insert:
    """Adds a row; only `wanted` and `due` are written over where there is one. Each dialect has words of its own."""
    if dialect == "mariadb":
        row = mysql.insert(sync)
        return row.on_duplicate_key_update(wanted=row.inserted.wanted, due=row.inserted.due)
    added = postgresql.insert(sync) if dialect == "postgresql" else sqlite.insert(sync)
    values = {"wanted": added.excluded.wanted, "due": added.excluded.due}
    return added.on_conflict_do_update(index_elements=list(sync.primary_key), set_=values)


def generation(connection: Connection) -> int:
    """The version of the batch that is being written."""
    version: int = connection.execute(_GENERATION).scalar_one()
    return version


def due(connection: Connection, plugin: str, now: float, limit: int) -> list[Due]:
    """The objects whose time has come, the longest due first."""
    return [
        Due(Ref(row.kind, row.object_id), row.wanted, row.failures, msgspec.json.decode(row.realised))
        for row in connection.execute(_DUE, {"of_plugin": plugin, "now": now, "most": limit})
    ]


def next_due(connection: Connection, plugin: str) -> float | None:
    """When the next object is due (unix seconds)."""
    found: float | None = connection.scalar(_NEXT_DUE, {"of_plugin": plugin})
    return found


def settle(connection: Connection, plugin: str, outcomes: Sequence[tuple[Outcome, int, bool]], now: float) -> None:
    """Notes outcomes, each with the version it was for and whether the object is gone.

    A write that came meanwhile has a higher version: the object stays due.
    """
    done = [_done(plugin, outcome, version, now) for outcome, version, gone in outcomes if not (outcome.error or gone)]
    if done:
        connection.execute(_DONE, done)
    for outcome, version, gone in outcomes:
        if outcome.error is not None:
            _failed(connection, plugin, outcome, version, now)
        elif gone:
            _forget(connection, plugin, outcome.ref, version, now)


def _done(plugin: str, outcome: Outcome, version: int, now: float) -> dict[str, Any]:
    state = {
        "shortfall": _storable(outcome.shortfall),
        "troubled": bool(outcome.shortfall),
        "realised": msgspec.json.encode(outcome.realised).decode(),
    }
    return _row(plugin, outcome.ref) | {"version": version, "now": now} | state


def _forget(connection: Connection, plugin: str, ref: Ref, version: int, now: float) -> None:
    if not connection.execute(_FORGET, _row(plugin, ref) | {"version": version}).rowcount:
        connection.execute(_KEEP, _row(plugin, ref) | {"due": now})


def _failed(connection: Connection, plugin: str, outcome: Outcome, version: int, now: float) -> None:
    failures = connection.scalar(_FAILURES, _row(plugin, outcome.ref))
    if failures is None:
        mark(connection, plugin, [outcome.ref], version, now)
        failures = 0
    pause = min(LONGEST_PAUSE_S, 2.0 ** min(failures, 10))
    state = {"failures": failures + 1, "error": _storable(outcome.error or ""), "troubled": True, "due": now + pause}
    connection.execute(_FAIL, _row(plugin, outcome.ref) | state)


def _storable(words: str) -> str:
    """What any of the databases takes: a plugin may pass on whatever its backend said."""
    return words.replace("\0", "")[:MOST_WORDS]


def _row(plugin: str, ref: Ref) -> dict[str, Any]:
    return {"of_plugin": plugin, "of_kind": ref.kind, "of_object": ref.id}


def _new(plugin: str, ref: Ref) -> dict[str, Any]:
    row = {"plugin": plugin, "kind": ref.kind, "object_id": ref.id}
    return row | {"done": 0, "failures": 0, "shortfall": "", "realised": "{}", "troubled": False}
