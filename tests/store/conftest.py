"""The store's tests run on SQLite, PostgreSQL and MariaDB alike."""

from collections.abc import Iterator

import pytest
from ovirt_quantum.store.database import Database

from tests.databases import database, database_url, mariadb_server, postgresql_server

from .cloud import Cloud, found

__all__ = ["cloud", "database", "database_url", "mariadb_server", "postgresql_server"]


@pytest.fixture
def cloud(database: Database) -> Iterator[Cloud]:
    """A cloud without anything but the physical network blue, VLANs 100 to 999."""
    found(database)
    started = Cloud(database)
    started.physical_network()
    yield started
    started.close()
