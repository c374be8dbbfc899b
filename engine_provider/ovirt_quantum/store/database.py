"""Opening the database: SQLite (the embedded default), PostgreSQL or MariaDB, migrated to the newest schema."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
from sqlalchemy import Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, IntegrityError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from ..errors import BadInput, Unavailable
from . import migrations
from .sqlite_file import SqliteFile

LOCK_WAIT_S = 5
"""How long a write waits for another process's batch before the client is told to try again."""
ANSWER_WAIT_S = 30
"""How long a server may take for a statement; a server that hangs is a dead one."""
READERS = 10
LOCK = 0x6F7175616E74756D
"""The advisory lock of `alone()`; any 63 bits that no other program uses."""


def with_password(url: str, password: str) -> str:
    """The URL with a password that comes from elsewhere. Raises ValueError where it is none or has one in itself."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise ValueError("it is not a database's URL; postgresql+psycopg://quantum@db.example.org/quantum is") from None
    if parsed.password:
        raise ValueError("it has a password in it; put that in a file of mode 0600 and name it in password_file")
    return parsed.set(password=password or None).render_as_string(hide_password=False)


class Database:
    """Two ways in: `reading()` never waits for writers, `writing()` takes its turn."""

    def __init__(self, url: str) -> None:
        """url: an SQLAlchemy URL, `sqlite:////var/lib/ovirt-quantum/quantum.db` for one."""
        self.url = make_url(url)
        self._writer = _engine(url, writes=True)
        self._reader = _engine(url, writes=False)

    def migrate(self) -> None:
        """Brings the schema to this version's; raises Unavailable where the database can't be reached."""
        with self.alone() as connection:
            migrations.upgrade(connection)

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """One consistent look at the database. Raises Unavailable."""
        with _translated("Nothing was read."), self._reader.connect() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction: committed at the end, rolled back by any exception. Raises Unavailable."""
        with _translated("Nothing was written."), self._writer.connect() as connection:
            transaction = connection.begin()
            with transaction:
                yield connection
                with _translated("Nothing was written.", lost="It may have been written: look before you try again."):
                    transaction.commit()

    @contextmanager
    def alone(self) -> Iterator[Connection]:
        """`writing()` that no other process's `alone()` overlaps: for what is to be done once. Raises Unavailable."""
        with self._lock(), self.writing() as connection:
            yield connection

    @contextmanager
    def _lock(self) -> Iterator[None]:
        if self.url.get_backend_name() not in _LOCKS:
            yield
            return
        lock, unlock = _LOCKS[self.url.get_backend_name()]
        with _translated("Nothing was written."), self._writer.connect() as connection:
            if not connection.scalar(text(lock)):
                raise Unavailable("ServiceUnavailable", "Another process is preparing the database. Try again.")
            try:
                yield
            finally:
                connection.execute(text(unlock))

    def close(self) -> None:
        self._writer.dispose()
        self._reader.dispose()


_LOCKS = {
    "postgresql": (f"SELECT 1 FROM pg_advisory_lock({LOCK})", f"SELECT pg_advisory_unlock({LOCK})"),
    "mariadb": (
        f"SELECT GET_LOCK(CONCAT('ovirt-quantum ', DATABASE()), {LOCK_WAIT_S})",
        "SELECT RELEASE_LOCK(CONCAT('ovirt-quantum ', DATABASE()))",
    ),
}
"""Taken and released, around the transaction; on SQLite any write keeps the others out."""


@contextmanager
def _translated(consequence: str, lost: str = "") -> Iterator[None]:
    """Database errors as ours, with what follows from them; `lost`: where the connection broke in the middle."""
    try:
        yield
    except IntegrityError:
        raise
    except DataError as error:
        raise BadInput("InvalidInput", f"The database can't take a value of the request: {_line(error)}.") from error
    except msgspec.MsgspecError as error:
        raise Unavailable("ServiceUnavailable", f"The database is damaged: {error}. {consequence}") from error
    except (DBAPIError, PoolTimeout) as error:
        broken = isinstance(error, DBAPIError) and error.connection_invalidated
        reason = _line(error) if isinstance(error, DBAPIError) else "all of its connections are in use"
        consequence = lost if broken and lost else consequence
        raise Unavailable("ServiceUnavailable", f"The database does not work now: {reason}. {consequence}") from error


def _line(error: DBAPIError) -> str:
    """What the driver says, in one line."""
    return " ".join(str(error.orig).split())


def _engine(url: str, writes: bool) -> Engine:
    backend = make_url(url).get_backend_name()
    pool: dict[str, Any] = {"pool_size": 2 if writes else READERS, "pool_timeout": LOCK_WAIT_S}
    if backend == "sqlite":
        return _sqlite(url, writes, pool)
    if backend not in _LOCKS:
        raise Unavailable(
            "ServiceUnavailable",
            f"The database's URL begins with '{backend}': say sqlite, postgresql+psycopg or mariadb+pymysql.",
        )
    engine = create_engine(
        url,
        connect_args=_POSTGRESQL if backend == "postgresql" else _MARIADB,
        pool_pre_ping=True,
        isolation_level="READ COMMITTED" if writes else "REPEATABLE READ",
        **pool,
    )
    if backend != "postgresql":
        event.listen(engine, "connect", _mariadb_connected)
    return engine


_POSTGRESQL = {
    "connect_timeout": LOCK_WAIT_S,
    "options": f"-c lock_timeout={LOCK_WAIT_S}s -c statement_timeout={ANSWER_WAIT_S}s",
    # a network that swallows everything is noticed after ANSWER_WAIT_S, sending or waiting (libpq, connection strings)
    "tcp_user_timeout": ANSWER_WAIT_S * 1000,
    "keepalives_idle": ANSWER_WAIT_S // 2,
    "keepalives_interval": ANSWER_WAIT_S // 6,
    "keepalives_count": 3,
}
_MARIADB = {"connect_timeout": LOCK_WAIT_S, "read_timeout": ANSWER_WAIT_S, "write_timeout": ANSWER_WAIT_S}


def _mariadb_connected(connection: Any, _record: object) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION innodb_lock_wait_timeout = {LOCK_WAIT_S}")
        cursor.execute("SET SESSION sql_mode = 'TRADITIONAL'")


def _sqlite(url: str, writes: bool, pool: dict[str, Any]) -> Engine:
    engine = create_engine(url, connect_args={"timeout": LOCK_WAIT_S, "check_same_thread": False}, **pool)
    event.listen(engine, "connect", _sqlite_connected)
    if engine.url.database not in (None, "", ":memory:"):
        SqliteFile(str(engine.url.database)).watch(engine)
    begin = "BEGIN IMMEDIATE" if writes else "BEGIN"
    event.listen(engine, "begin", lambda connection: connection.exec_driver_sql(begin))
    return engine


def _sqlite_connected(connection: Any, _record: object) -> None:
    connection.isolation_level = None  # the driver's own BEGIN would come too late for savepoints
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA foreign_keys = ON")
