"""The store's tests run on SQLite, PostgreSQL and MariaDB alike."""

from collections.abc import Iterator

import pytest
from ovirt_quantum.model import Network
from ovirt_quantum.store.database import Database

from tests.databases import (
    bare_database_url,
    database,
    database_url,
    mariadb_server,
    postgresql_server,
    sqlite_file,
)

from .cloud import Cloud, found
from .loop import Loop

__all__ = [
    "bare_database_url",
    "cloud",
    "database",
    "database_url",
    "mariadb_server",
    "postgresql_server",
    "sqlite_file",
]


@pytest.fixture
def cloud(database: Database) -> Iterator[Cloud]:
    """A cloud without anything but the physical network blue, VLANs 100 to 999."""
    found(database)
    started = Cloud(database)
    started.physical_network()
    yield started
    started.close()


@pytest.fixture
def loop(cloud: Cloud) -> Iterator[Loop]:
    """A reconciler that has compared everything once and hears of every batch."""
    listening = Loop(cloud).listen()
    yield listening
    listening.reconciler.close()


@pytest.fixture
def network(cloud: Cloud, loop: Loop) -> Network:
    """Realised already."""
    made = cloud.network()
    loop.step()
    return made
