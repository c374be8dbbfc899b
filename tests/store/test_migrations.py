"""The schema that migrations make is the one that the code declares."""

from concurrent.futures import ThreadPoolExecutor
from itertools import count
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.model import BandwidthLimitRule, Network, Port, QosPolicy, Resource
from ovirt_quantum.model.types import MacAddress
from ovirt_quantum.store import documents, migrations
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.deployment import examine
from ovirt_quantum.store.tables import TABLES, metadata
from sqlalchemy import event, text

from .cloud import Cloud, all_of, found, guarding_plugin


def test_migrations_make_the_declared_schema(bare_database_url: str) -> None:
    """Upgrading an empty database gives exactly what tables.py says."""
    database = Database(bare_database_url)
    database.migrate()
    with database.writing() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
    database.close()


def test_migrating_again_changes_nothing(database: Database) -> None:
    """A service that restarts finds its schema and leaves it alone."""
    database.migrate()
    with database.reading() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1


@pytest.mark.parametrize("bare_database_url", ["mariadb"], indirect=True)
def test_a_migration_that_was_cut_short_is_finished(bare_database_url: str) -> None:
    """MariaDB commits each statement by itself: whichever was the last one, the next start goes on from there."""
    database = Database(bare_database_url)
    cuts = 0
    while cut_after(cuts + 1, database):
        cuts += 1
    assert cuts > len(metadata.tables)
    with database.reading() as connection:
        assert compare_metadata(MigrationContext.configure(connection, opts={"compare_type": True}), metadata) == []
    database.close()


def cut_after(statements: int, database: Database) -> bool:
    """Migrates, but ends after so many statements that write. Returns whether there were as many."""
    left = count(statements, -1)

    def end(*execution: object) -> None:
        if not str(execution[2]).startswith(("SELECT", "SHOW", "DESCRIBE")) and next(left) == 1:
            raise KeyboardInterrupt

    event.listen(database._writer, "after_cursor_execute", end)
    try:
        database.migrate()
    except KeyboardInterrupt:
        return True
    finally:
        event.remove(database._writer, "after_cursor_execute", end)
    return False


def test_a_newer_schema_is_left_alone(database: Database) -> None:
    """The service was set back to an older version: a sentence that says so."""
    with database.writing() as connection:
        known = connection.scalar(text("SELECT version_num FROM alembic_version"))
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(Unavailable, match=r"not one of this version's .*9999.*made by a newer one"):
        database.migrate()
    with database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :known"), {"known": known})


def test_a_database_of_the_first_schema_keeps_its_data(bare_database_url: str) -> None:
    """Ports of before are in no group; new ones find their default group."""
    database = Database(bare_database_url)
    with database.writing() as connection:
        command.upgrade(migrations.configuration(connection), "0001")
    found(database)
    network = Network(project_id="admin")
    before = Port(network_id=network.id, mac_address=MacAddress("fa:16:3e:00:00:01"))
    insert_as_before(database, network, before)
    database.migrate()
    with database.writing() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
    guarding = Cloud(database, (guarding_plugin(),))
    after = guarding.port(network)
    assert {port.id: len(port.security_groups or []) for port in all_of(database, Port)} == {before.id: 0, after.id: 1}
    guarding.close()
    database.close()


def insert_as_before(database: Database, *resources: Resource) -> None:
    """As an older version wrote them: without what is newer. What the service does now needs its own schema."""
    with database.writing() as connection:
        for one in resources:
            document = documents.encode(one).replace('"type":"bandwidth_limit",', "")
            connection.execute(TABLES[type(one)].insert(), [{**documents.columns(one), "document": document}])


def test_rules_of_before_are_bandwidth_limits(bare_database_url: str) -> None:
    """They did not say of which type they are."""
    database = Database(bare_database_url)
    with database.writing() as connection:
        command.upgrade(migrations.configuration(connection), "0002")
    policy = QosPolicy(name="gold", rules=[BandwidthLimitRule(max_kbps=1000)])
    insert_as_before(database, policy)
    database.migrate()
    assert all_of(database, QosPolicy) == [policy]
    database.close()


def test_processes_that_start_at_once_share_one_deployment(bare_database_url: str, tmp_path: Path) -> None:
    """Several services on one empty database: the schema and the deployment are made once."""
    databases = [Database(bare_database_url) for _ in range(4)]

    def start(number: int) -> str:
        databases[number].migrate()
        return examine(databases[number], tmp_path / f"witness-{number}").deployment

    with ThreadPoolExecutor(4) as threads:
        deployments = set(threads.map(start, range(4)))
    for database in databases:
        database.close()
    assert len(deployments) == 1


def test_times_keep_their_fractions(database: Database) -> None:
    """Times are doubles: MariaDB's plain FLOAT would round a unix time to two minutes."""
    with database.writing() as connection:
        connection.execute(text("INSERT INTO revoked_tokens (jti, expires) VALUES ('a', 1795480000.125)"))
    with database.reading() as connection:
        assert connection.scalar(text("SELECT expires FROM revoked_tokens")) == 1795480000.125
