"""Whether the database is still the one that it was."""

import shutil
from pathlib import Path

import pytest
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.deployment import Standing, confirm, examine, keep_witness
from ovirt_quantum.store.tables import deployment
from sqlalchemy import delete, update


def write(database: Database, times: int = 1) -> None:
    with database.writing() as connection:
        connection.execute(update(deployment).values(generation=deployment.c.generation + times))


@pytest.fixture
def witness(tmp_path: Path) -> Path:
    return tmp_path / "witness.json"


@pytest.fixture
def first(database: Database, witness: Path) -> Standing:
    """The first start of all, then ten batches of writes."""
    standing = examine(database, witness)
    assert (standing.generation, standing.doubt) == (0, "")
    write(database, 10)
    keep_witness(database, witness)
    return standing


def test_the_same_database_is_not_in_doubt(database: Database, witness: Path, first: Standing) -> None:
    """Also where the witness was not kept up to the last write: a crash."""
    write(database, 5)
    assert examine(database, witness) == Standing(first.deployment, 15)


def test_a_lost_witness_is_made_anew(database: Database, witness: Path, first: Standing) -> None:
    """The database is the truth; the file only helps to doubt it."""
    witness.unlink()
    assert examine(database, witness) == Standing(first.deployment, 10)
    assert witness.exists()


def test_an_emptied_database_is_in_doubt(database: Database, witness: Path, first: Standing) -> None:
    """A dropped and newly made one must not make every backend look like full of orphans."""
    with database.writing() as connection:
        connection.execute(delete(deployment))
    assert "empty" in examine(database, witness).doubt
    assert "empty" in examine(database, witness).doubt, "looking at it must not make it right"


def test_anothers_database_is_in_doubt(database: Database, witness: Path, first: Standing) -> None:
    with database.writing() as connection:
        connection.execute(update(deployment).values(id="another"))
    assert "another deployment" in examine(database, witness).doubt


def test_a_rolled_back_database_is_in_doubt(database: Database, witness: Path, first: Standing) -> None:
    """It says how much is missing."""
    write(database, -3)
    assert "3 writes are missing" in examine(database, witness).doubt


def test_keeping_the_witness_never_covers_a_loss(database: Database, witness: Path, first: Standing) -> None:
    """A database that was rolled back under a running service stays in doubt, now and at the next start."""
    write(database, -3)
    assert "3 writes are missing" in keep_witness(database, witness).doubt
    assert "3 writes are missing" in examine(database, witness).doubt


def test_a_confirmed_empty_database_is_the_same_deployment(database: Database, witness: Path, first: Standing) -> None:
    """Its mark stands in the backends."""
    with database.writing() as connection:
        connection.execute(delete(deployment))
    assert confirm(database, witness).deployment == first.deployment


def test_a_restored_file_is_in_doubt(tmp_path: Path) -> None:
    """SQLite's file from yesterday, copied back, as an administrator does it."""
    now, yesterday, witness = tmp_path / "now.db", tmp_path / "yesterday.db", tmp_path / "witness.json"
    database = Database(f"sqlite:///{now}")
    database.migrate()
    examine(database, witness)
    write(database, 4)
    database.close()
    shutil.copy(now, yesterday)
    write(database, 2)
    keep_witness(database, witness)
    database.close()
    shutil.copy(yesterday, now)
    for log in tmp_path.glob("now.db-*"):
        log.unlink()
    assert "2 writes are missing" in examine(Database(f"sqlite:///{now}"), witness).doubt


def test_an_administrators_word_ends_the_doubt(database: Database, witness: Path, first: Standing) -> None:
    """Of an older database and of an empty one."""
    write(database, -3)
    assert confirm(database, witness).generation == 7
    assert examine(database, witness) == Standing(first.deployment, 7)
    with database.writing() as connection:
        connection.execute(delete(deployment))
    confirmed = confirm(database, witness)
    assert examine(database, witness) == Standing(confirmed.deployment, 0)


def test_a_damaged_witness_says_what_to_do(database: Database, witness: Path, first: Standing) -> None:
    """It is no reason to believe the database, nor to die with a traceback."""
    witness.write_bytes(b"{")
    with pytest.raises(Unavailable, match=r"witness.json is damaged.*database confirm"):
        examine(database, witness)
    confirm(database, witness)
    assert examine(database, witness).doubt == ""
