"""Opening the database: SQLite (the embedded default), PostgreSQL or MariaDB, migrated to the newest schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import DBAPIError, IntegrityError

from ..errors import Unavailable

LOCK_WAIT_S = 5
"""How long a write waits for another process's batch before the client is told to try again."""


def with_password(url: str, password: str) -> str:
    """The URL with a password that comes from elsewhere. Raises ValueError where it has one in itself."""
    parsed = make_url(url)
    if parsed.password:
        raise ValueError("it has a password in it")
    return parsed.set(password=password or None).render_as_string(hide_password=False)


class Database:
    """Two ways in: `reading()` never waits for writers, `writing()` takes its turn."""

    def __init__(self, url: str) -> None:
        """url: an SQLAlchemy URL, `sqlite:////var/lib/ovirt-quantum/quantum.db` for one."""
        self.url = make_url(url)
        self._writer = _engine(url, immediate=True)
        self._reader = _engine(url, immediate=False)

    def migrate(self) -> None:
        """Brings the schema to this version's; raises Unavailable where the database can't be reached."""
        config = Config()
        config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
        with self.writing() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the database. Raises Unavailable."""
        with _translated(), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back by any exception. Raises Unavailable."""
        with _translated(), self._writer.begin() as connection:
            yield connection

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


@contextmanager
def _translated() -> Iterator[None]:
    try:
        yield
    except IntegrityError:
        raise
    except DBAPIError as error:
        raise Unavailable(
            "ServiceUnavailable", f"The database does not work now: {error.orig}. Nothing was written."
        ) from error


def _engine(url: str, immediate: bool) -> Engine:
    parsed = make_url(url)
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(url, immediate)
    options = {"postgresql": f"-c lock_timeout={LOCK_WAIT_S}s"}.get(parsed.get_backend_name())
    arguments: dict[str, Any] = {"connect_timeout": LOCK_WAIT_S} | ({"options": options} if options else {})
    engine = create_engine(
        url,
        connect_args=arguments,
        pool_pre_ping=True,
        pool_size=2 if immediate else 10,
        isolation_level="READ COMMITTED" if immediate else "REPEATABLE READ",
    )
    if parsed.get_backend_name() in ("mysql", "mariadb"):
        event.listen(engine, "connect", _mariadb_connected)
    return engine


def _mariadb_connected(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_S}")
        cursor.execute("SET SESSION sql_mode = 'TRADITIONAL'")


def _sqlite(url: str, immediate: bool) -> Engine:
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False})
    event.listen(engine, "connect", _sqlite_connected)
    begin = "BEGIN IMMEDIATE" if immediate else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late for savepoints
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
