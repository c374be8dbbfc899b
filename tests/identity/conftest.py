"""Accounts in a real database, and a service that tests share."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from ovirt_quantum.identity import Identity, add_account
from ovirt_quantum.model import Role
from ovirt_quantum.store.accounts import SqlAccounts
from ovirt_quantum.store.database import Database

from tests.databases import database, database_url, mariadb_server, postgresql_server, sqlite_file
from tests.identity.clock import Clock
from tests.service import Service

__all__ = ["database", "database_url", "mariadb_server", "postgresql_server", "sqlite_file"]

KEY = bytes(range(32))
PASSWORD = "correct horse"
Command = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture
def store(tmp_path: Path) -> Iterator[SqlAccounts]:
    """SQLite with the account alice, whose password is PASSWORD."""
    opened = Database(f"sqlite:///{tmp_path / 'quantum.db'}")
    opened.migrate()
    accounts = SqlAccounts(opened)
    add_account(accounts, "alice", Role.MEMBER, "blue", PASSWORD)
    yield accounts
    opened.close()


@pytest.fixture
def clock() -> Clock:
    """Seconds that never step back, unless a test says so."""
    return Clock(1000.0)


@pytest.fixture
def wall() -> Clock:
    """Unix seconds."""
    return Clock(1_800_000_000.0)


@pytest.fixture
def identity(store: SqlAccounts, clock: Clock, wall: Clock) -> Identity:
    """As in a running service; tokens live for an hour."""
    return Identity(store, KEY, 3600, clock, wall)


@pytest.fixture(scope="session")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The real service, with a member alice (project blue) and a reader bob (project red) beside the first two."""
    started = Service(tmp_path_factory.mktemp("identity")).start()
    for name, role, project in (("alice", "member", "blue"), ("bob", "reader", "red")):
        run = command_of(started, PASSWORD)
        assert run("account", "add", name, "--role", role, "--project", project, "--password-file", "-").returncode == 0
    yield started
    started.stop()


@pytest.fixture
def command(service: Service) -> Command:
    """Runs `ovirt-quantum ...` beside the service; the new password, if one is asked for, is PASSWORD."""
    return command_of(service, PASSWORD)


def command_of(service: Service, stdin: str) -> Command:
    def run(*words: str) -> "subprocess.CompletedProcess[str]":
        where = ["--data", str(service.data)]
        return subprocess.run(
            [*service.command, *words, *where], input=stdin + "\n", capture_output=True, text=True, timeout=60
        )

    return run
