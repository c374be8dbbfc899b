"""The sync table: what each plugin still has to make so. Outbox, retry state and source of status in one."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, delete, insert, select, update

from ..plugin import Outcome, Ref
from .tables import deployment, sync

GRACE_S = 5.0
"""A fresh mark is handed to its plugin from memory; only if that fails, it is read from here, this much later."""
LONGEST_PAUSE_S = 60.0


@dataclass(frozen=True)
class Due:
    """An object that a plugin has to look at, as of version `wanted`."""

    ref: Ref
    wanted: int
    failures: int
    realised: dict[str, Any]


def mark(connection: Connection, plugin: str, refs: Iterable[Ref], wanted: int, due: float) -> None:
    """Makes the objects due for a plugin at time `due` (unix seconds)."""
    for ref in refs:
        values = {"wanted": wanted, "due": due}
        if not connection.execute(update(sync).where(*_row(plugin, ref)).values(**values)).rowcount:
            connection.execute(insert(sync).values(**_new(plugin, ref), **values))


def generation(connection: Connection) -> int:
    """The version of the batch that is being written."""
    version: int = connection.execute(select(deployment.c.generation)).scalar_one()
    return version


def due(connection: Connection, plugin: str, now: float, limit: int) -> list[Due]:
    """The objects whose time has come, the longest due first."""
    query = select(sync).where(sync.c.plugin == plugin, sync.c.due <= now).order_by(sync.c.due).limit(limit)
    return [
        Due(Ref(row.kind, row.object_id), row.wanted, row.failures, msgspec.json.decode(row.realised))
        for row in connection.execute(query)
    ]


def next_due(connection: Connection, plugin: str) -> float | None:
    """When the next object is due (unix seconds)."""
    query = select(sync.c.due).where(sync.c.plugin == plugin, sync.c.due.is_not(None))
    return connection.scalar(query.order_by(sync.c.due).limit(1))


def settle(connection: Connection, plugin: str, outcomes: Sequence[tuple[Outcome, int, bool]], now: float) -> None:
    """Notes outcomes, each with the version it was for and whether the object is gone.

    A write that came meanwhile has a higher version: the object stays due.
    """
    for outcome, version, gone in outcomes:
        if outcome.error is not None:
            _failed(connection, plugin, outcome, version, now)
        elif gone:
            connection.execute(delete(sync).where(*_row(plugin, outcome.ref), sync.c.wanted <= version))
        else:
            _done(connection, plugin, outcome, version)


def _done(connection: Connection, plugin: str, outcome: Outcome, version: int) -> None:
    row = update(sync).where(*_row(plugin, outcome.ref))
    state = {
        "done": version,
        "failures": 0,
        "error": None,
        "shortfall": outcome.shortfall,
        "troubled": bool(outcome.shortfall),
        "realised": msgspec.json.encode(outcome.realised).decode(),
    }
    connection.execute(row.values(**state))
    connection.execute(row.where(sync.c.wanted <= version).values(due=None))


def _failed(connection: Connection, plugin: str, outcome: Outcome, version: int, now: float) -> None:
    failures = connection.scalar(select(sync.c.failures).where(*_row(plugin, outcome.ref)))
    if failures is None:
        connection.execute(insert(sync).values(**_new(plugin, outcome.ref), wanted=version, due=now))
        failures = 0
    pause = min(LONGEST_PAUSE_S, 2.0**failures)
    state = {"failures": failures + 1, "error": outcome.error, "troubled": True, "due": now + pause}
    connection.execute(update(sync).where(*_row(plugin, outcome.ref)).values(**state))


def _row(plugin: str, ref: Ref) -> tuple[Any, ...]:
    return (sync.c.plugin == plugin, sync.c.kind == ref.kind, sync.c.object_id == ref.id)


def _new(plugin: str, ref: Ref) -> dict[str, Any]:
    row = {"plugin": plugin, "kind": ref.kind, "object_id": ref.id}
    return row | {"done": 0, "failures": 0, "shortfall": "", "realised": "{}", "troubled": False}
