"""Real databases for tests: SQLite, and a PostgreSQL and a MariaDB server of our own, each in a private directory.

The servers are started once a session, on a unix socket that only this machine sees, as the unprivileged users that
they insist on where the tests run as root. Making the schema costs MariaDB seconds, so each server has one database
with it, which is emptied for each test. Take the fixtures into a conftest.py:

    from tests.databases import database, database_url, mariadb_server, postgresql_server, sqlite_file
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

import psycopg
import pymysql
import pytest
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.tables import metadata
from sqlalchemy import delete

START_S = 60.0
IN_MEMORY = "/dev/shm"
"""Where files cost no disk."""
POSTGRESQL_PATH = os.pathsep.join(["/usr/local/bin", *map(str, Path("/usr/lib/postgresql").glob("*/bin"))])
MARIADB_PATH = os.pathsep.join(["/usr/sbin", "/usr/bin", "/usr/libexec"])


@dataclass
class Server:
    """A database server. `start` returns when it answers; `kill` is a crash, `stop` an orderly end."""

    command: Sequence[str]
    user: str
    folder: Path
    url: str
    """With {name} where a database's name belongs."""
    run: Callable[[str], None]
    """Runs one statement; raises OSError or the driver's error where the server does not answer."""
    ends_by: signal.Signals
    dies_by: signal.Signals
    _process: "subprocess.Popen[bytes] | None" = None
    _names: Iterator[int] = field(default_factory=count)
    _shared: str = ""

    def start(self) -> None:
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self.command, user=self.user, group=pwd.getpwnam(self.user).pw_gid, stdout=log, stderr=log
            )
        until = time.monotonic() + START_S
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                raise AssertionError(f"{self.command[0]} did not start:\n{(self.folder / 'log').read_text()}")
            time.sleep(0.1)

    def stop(self) -> None:
        self._end(self.ends_by)

    def kill(self) -> None:
        self._end(self.dies_by)

    def new_database(self) -> str:
        """The URL of an empty database."""
        name = f"quantum_{next(self._names)}"
        self.run(f"CREATE DATABASE {name}")
        return self.url.format(name=name)

    def emptied_database(self) -> str:
        """The URL of a database with the newest schema and nothing in it: the same one each time."""
        first, self._shared = not self._shared, self._shared or self.new_database()
        database = Database(self._shared)
        if first:
            database.migrate()
        with database.writing() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(delete(table))
        database.close()
        return self._shared

    def _answers(self) -> bool:
        try:
            self.run("SELECT 1")
        except (psycopg.Error, pymysql.Error, OSError):
            return False
        return True

    def _end(self, signal_number: int) -> None:
        if self._process is not None:
            self._process.send_signal(signal_number)
            self._process.wait(timeout=START_S)
        self._process = None


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """PostgreSQL, empty."""
    initdb = _find("initdb", POSTGRESQL_PATH)
    user, folder = _account("postgres"), _folder("postgres")
    data = folder / "data"
    _run([initdb, "-A", "trust", "-U", "quantum", "-E", "UTF8", "-N", str(data)], user)
    command = [_find("postgres", POSTGRESQL_PATH), "-D", str(data), "-k", str(folder), "-h", "", "-F"]

    def run(statement: str) -> None:
        with psycopg.connect(host=str(folder), user="quantum", dbname="postgres", autocommit=True) as connection:
            connection.execute(statement.encode())

    url = f"postgresql+psycopg://quantum@/{{name}}?host={folder}"
    # SIGTERM would wait for clients to go, SIGKILL would leave the server's children behind
    yield from _running(Server(command, user, folder, url, run, signal.SIGINT, signal.SIGQUIT))


@pytest.fixture(scope="session")
def mariadb_server() -> Iterator[Server]:
    """MariaDB, empty."""
    installer = _find("mariadb-install-db", MARIADB_PATH)
    user, folder = _account("mysql"), _folder("mysql")
    data, socket = folder / "data", folder / "socket"
    install = [installer, "--no-defaults", f"--datadir={data}", "--skip-test-db"]
    _run([*install, "--auth-root-authentication-method=normal"], user)
    command = [
        _find("mariadbd", MARIADB_PATH),
        "--no-defaults",
        f"--datadir={data}",
        f"--socket={socket}",
        f"--pid-file={folder / 'pid'}",
        "--skip-networking",
        "--innodb-flush-log-at-trx-commit=2",
    ]

    def run(statement: str) -> None:
        with pymysql.connect(unix_socket=str(socket), user="root") as connection, connection.cursor() as cursor:
            cursor.execute(statement)

    url = f"mariadb+pymysql://root@/{{name}}?unix_socket={socket}&charset=utf8mb4"
    yield from _running(Server(command, user, folder, url, run, signal.SIGTERM, signal.SIGKILL))


@pytest.fixture(scope="session")
def sqlite_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database with the newest schema and nothing in it, to be copied."""
    path = tmp_path_factory.mktemp("sqlite") / "quantum.db"
    database = Database(f"sqlite:///{path}")
    database.migrate()
    database.close()
    return path


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database with the newest schema and nothing in it, on each of the three in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{shutil.copy(request.getfixturevalue('sqlite_file'), tmp_path)}"
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server.emptied_database()


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, opened."""
    opened = Database(database_url)
    yield opened
    opened.close()


@pytest.fixture(params=["sqlite", "postgresql", "mariadb"])
def bare_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database without any schema."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'quantum.db'}"
    server: Server = request.getfixturevalue(f"{request.param}_server")
    return server.new_database()


def _running(server: Server) -> Iterator[Server]:
    try:
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder)


def _find(program: str, path: str) -> str:
    found = shutil.which(program, path=path)
    if found is None:
        pytest.skip(f"{program} is not installed: `make packages`")
    return found


def _account(name: str) -> str:
    """Both servers refuse to run as root."""
    return name if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name


def _folder(owner: str) -> Path:
    """A directory that the server's user may enter; pytest's own are for the test's user alone."""
    folder = Path(tempfile.mkdtemp(prefix="quantum-test-", dir=IN_MEMORY if os.path.isdir(IN_MEMORY) else None))
    if os.geteuid() == 0:
        shutil.chown(folder, owner, pwd.getpwnam(owner).pw_gid)
    return folder


def _run(command: Sequence[str], user: str) -> None:
    group = pwd.getpwnam(user).pw_gid
    subprocess.run(command, user=user, group=group, check=True, capture_output=True, timeout=START_S)
