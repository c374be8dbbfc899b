"""Opening a database."""

from contextlib import ExitStack
from pathlib import Path

import pytest
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.store.database import READERS, Database, with_password
from sqlalchemy import make_url, text


def test_sqlite_commits_are_durable(tmp_path: Path) -> None:
    """Write-ahead log, each commit synced to the disk, references checked; for readers and writers."""
    database = Database(f"sqlite:///{tmp_path / 'quantum.db'}")
    for way in (database.reading, database.writing):
        with way() as connection:
            pragmas = [
                connection.scalar(text(f"PRAGMA {name}")) for name in ("journal_mode", "synchronous", "foreign_keys")
            ]
        assert pragmas == ["wal", 2, 1]
    database.close()


def test_too_many_readers_are_told_so(tmp_path: Path) -> None:
    """In time, and the next one is served again."""
    database = Database(f"sqlite:///{tmp_path / 'quantum.db'}")
    with ExitStack() as held, pytest.raises(Unavailable, match="all of its connections are in use"):
        read_for_ever(database, held)
    with database.reading() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
    database.close()


def read_for_ever(database: Database, held: ExitStack) -> None:
    for _ in range(3 * READERS):
        held.enter_context(database.reading())


@pytest.mark.parametrize("url", ["mysql+pymysql://localhost/quantum", "oracle://localhost/quantum"])
def test_other_databases_are_refused(url: str) -> None:
    """MySQL's dialect would leave out what makes MariaDB compare texts exactly."""
    with pytest.raises(Unavailable, match=r"say sqlite, postgresql\+psycopg or mariadb\+pymysql"):
        Database(url)


def test_an_unreachable_server_is_unavailable() -> None:
    """With the reason, and without the password."""
    database = Database(with_password("postgresql+psycopg://quantum@127.0.0.1:1/quantum", "s3cret"))
    with pytest.raises(Unavailable, match="Connection refused") as caught:
        database.migrate()
    assert "s3cret" not in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("password", ["plain", "p@ss:w/rd?#%", "Grüße 🐙", ""])
def test_any_password_fits_into_the_url(password: str) -> None:
    """Whatever its characters mean in a URL."""
    url = make_url(with_password("postgresql+psycopg://quantum@db.example.org/quantum", password))
    assert (url.password or "", url.host, url.database) == (password, "db.example.org", "quantum")


def test_a_password_in_the_url_is_refused() -> None:
    """It belongs into a file of its own."""
    with pytest.raises(ValueError, match="it has a password in it"):
        with_password("postgresql+psycopg://quantum:s3cret@localhost/quantum", "other")
