"""Both sides of a full comparison: what the database knows, and what of a backend it does not."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from ..model import RESOURCES
from ..plugin import Ref
from .tables import TABLES, sync

_TABLES_BY_KIND = {kind.member: TABLES[kind] for kind in RESOURCES}


def known(connection: Connection, kind: str) -> list[Ref]:
    """Every object of the kind."""
    table = _TABLES_BY_KIND[kind]
    return [Ref(kind, id) for id in connection.scalars(select(table.c.id).order_by(table.c.id))]


def strangers(connection: Connection, plugin: str, present: Iterable[Ref]) -> set[Ref]:
    """Those that the database knows nothing of: neither there nor about to be removed by the plugin."""
    rows = select(sync.c.kind, sync.c.object_id).where(sync.c.plugin == plugin)
    unknown = set(present).difference(Ref(*row) for row in connection.execute(rows))
    for kind in {ref.kind for ref in unknown}:
        unknown.difference_update(known(connection, kind))
    return unknown
