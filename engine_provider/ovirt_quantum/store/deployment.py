"""Which deployment this database is, and whether it is still the same one and not an older one.

An empty, rolled-back or swapped database is no reason to delete anything anywhere: while it is in doubt the
service holds, answers 503 and touches no backend, until an administrator confirms.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import msgspec
from sqlalchemy import Connection, insert, select

from ..errors import Unavailable
from .database import Database
from .tables import deployment


class Witness(msgspec.Struct, frozen=True):
    """What a file outside the database remembers of it."""

    deployment: str
    generation: int


@dataclass(frozen=True)
class Standing:
    """The deployment's id, how many batches it has written, and `doubt`: what is wrong with the database, if any."""

    deployment: str
    generation: int
    doubt: str = ""


def examine(database: Database, witness: Path) -> Standing:
    """Compares the database with its witness; the first start of all makes both."""
    remembered, found = _remembered(witness), _found(database)
    if remembered is None:
        found = found or _first(database)
        remember(found, witness)
        return Standing(found.deployment, found.generation)
    if found is None:
        return Standing(remembered.deployment, 0, "The database is empty, but this deployment had one with data.")
    if found.deployment != remembered.deployment:
        return Standing(found.deployment, found.generation, "The database belongs to another deployment.")
    if found.generation < remembered.generation:
        behind = remembered.generation - found.generation
        doubt = f"The database is older than it was, {behind} writes are missing."
        return Standing(found.deployment, found.generation, doubt)
    return Standing(found.deployment, found.generation)


def still_holds(database: Database, standing: Standing) -> bool:
    """Whether the database is the one that was examined, and no older. Raises Unavailable."""
    found = _found(database)
    return found is not None and found.deployment == standing.deployment and found.generation >= standing.generation


def keep_witness(database: Database, witness: Path) -> Standing:
    """Examines the database and, where all is well, has the witness remember how far it is."""
    standing = examine(database, witness)
    found = Witness(standing.deployment, standing.generation)
    if not standing.doubt and found != _remembered(witness):
        remember(found, witness)
    return standing


def confirm(database: Database, witness: Path) -> Witness:
    """An administrator's word that this database is the right one.

    An empty one goes on as the same deployment: what bears its mark in the backends is still ours.
    """
    found = _found(database) or _first(database, _remembered(witness))
    remember(found, witness)
    return found


def remember(found: Witness, witness: Path) -> None:
    """Writes the file so that a crash leaves the old one or the new one."""
    draft = witness.with_suffix(".new")
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(found))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(witness)


def _remembered(witness: Path) -> Witness | None:
    try:
        return msgspec.json.decode(witness.read_bytes(), type=Witness)
    except FileNotFoundError:
        return None
    except msgspec.MsgspecError as error:
        raise Unavailable(
            "ServiceUnavailable",
            f"{witness} is damaged ({error}): if the database is the right one, run `ovirt-quantum database confirm`.",
        ) from None


def _found(database: Database) -> Witness | None:
    with database.reading() as connection:
        return _read(connection)


def _first(database: Database, remembered: Witness | None = None) -> Witness:
    with database.alone() as connection:
        found = _read(connection)
        if found is None:
            found = Witness(remembered.deployment if remembered else str(uuid4()), 0)
            connection.execute(insert(deployment).values(id=found.deployment, generation=found.generation))
    return found


def _read(connection: Connection) -> Witness | None:
    row = connection.execute(select(deployment)).first()
    return None if row is None else Witness(row.id, row.generation)
