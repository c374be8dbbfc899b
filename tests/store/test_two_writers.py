"""Two services on one database: they take turns, and nothing is given out twice."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest
from ovirt_quantum.errors import Conflict, QuantumError, Unavailable
from ovirt_quantum.model import Host, Network, Port
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.transaction import Transaction
from ovirt_quantum.store.writer import Work
from sqlalchemy import text

from .cloud import PATIENCE_S, Cloud, all_of, check_invariants, new_network, new_port


@pytest.fixture
def other(cloud: Cloud, database_url: str) -> Iterator[Cloud]:
    """A second service, with connections of its own."""
    started = Cloud(Database(database_url))
    yield started
    started.close()
    started.database.close()


def race(clouds: tuple[Cloud, Cloud], work: Work[object], times: int) -> list[QuantumError]:
    """Both do the work so many times, at once. Returns what was refused."""
    answers = [cloud.writer.submit(work) for _ in range(times) for cloud in clouds]
    errors = [answer.exception(PATIENCE_S) for answer in answers]
    assert all(error is None or isinstance(error, QuantumError) for error in errors), errors
    return [error for error in errors if isinstance(error, QuantumError)]


def test_vlans_are_given_out_once(cloud: Cloud, other: Cloud) -> None:
    """Of a pool of 40, two services make exactly 40 networks, and say why there are no more."""
    cloud.write(lambda tx: tx.connection.execute(text("DELETE FROM network_segment_ranges")))
    cloud.physical_network("green", 1, 40)
    refused = race((cloud, other), new_network, 40)
    assert {error.kind for error in refused} == {"NoNetworkAvailable"}
    assert sorted(network.segmentation_id or 0 for network in all_of(cloud.database, Network)) == list(range(1, 41))
    check_invariants(cloud.database)


def test_addresses_are_given_out_once(cloud: Cloud, other: Cloud) -> None:
    """Of a subnet of 61 addresses, two services make exactly 61 ports."""
    network = cloud.network()
    cloud.subnet(network, "10.0.0.0/26")
    refused = race((cloud, other), new_port(network.id), 60)
    assert {error.kind for error in refused} == {"IpAddressGenerationFailure"}
    ports = all_of(cloud.database, Port)
    assert len(ports) == 61
    assert len({port.fixed_ips[0].ip_address for port in ports}) == 61
    assert len({port.mac_address for port in ports}) == 61
    check_invariants(cloud.database)


def test_one_of_two_wins(cloud: Cloud, other: Cloud) -> None:
    """The same name at once: one is made, the others hear of a conflict."""
    refused = race((cloud, other), lambda tx: tx.add(Host(name="host1")), 10)
    assert [type(error) for error in refused] == [Conflict] * 19
    assert len(all_of(cloud.database, Host)) == 1


def test_versions_follow_the_order_of_commits(cloud: Cloud, other: Cloud) -> None:
    """Each batch of each service has a version of its own."""
    race((cloud, other), new_network, 20)
    versions = [batch.version for batch in (*cloud.batches, *other.batches)]
    assert len(versions) == len(set(versions))


def test_a_turn_that_does_not_come_is_unavailable(cloud: Cloud, other: Cloud) -> None:
    """Another service's batch that hangs costs a 503 in time, with nothing written; then all goes on."""
    started, go = Event(), Event()

    def hang(tx: Transaction) -> None:
        started.set()
        assert go.wait(PATIENCE_S)

    hanging = other.writer.submit(hang)
    assert started.wait(PATIENCE_S)
    try:
        with pytest.raises(Unavailable, match=r"does not work now.*Nothing was written"):
            cloud.write(lambda tx: tx.add(Host(name="host1")))
    finally:
        go.set()
    hanging.result(PATIENCE_S)
    assert all_of(cloud.database, Host) == []
    cloud.write(lambda tx: tx.add(Host(name="host1")))


def test_a_deadlock_leaves_nothing_half_done(cloud: Cloud, database_url: str) -> None:
    """Somebody at the database's own prompt locks what a batch needs, and the other way round."""
    if database_url.startswith("sqlite"):
        pytest.skip("SQLite has one lock, it can't be had crosswise")
    cloud.write(lambda tx: tx.add(Host(name="locked")))
    with ThreadPoolExecutor(1) as threads, Database(database_url)._writer.connect() as connection:
        if connection.dialect.name == "postgresql":
            connection.execute(text("SET deadlock_timeout = '60s'"))  # so that the batch is the one that finds out
        for name in range(1000):  # MariaDB ends the one that has written less
            connection.execute(text(f"INSERT INTO revoked_tokens (jti, expires) VALUES ('{name}', 0)"))
        connection.execute(text("UPDATE hosts SET project_id = 'x'"))
        locked = Event()

        def cross(tx: Transaction) -> None:
            tx.add(Host(name="first"))
            locked.set()
            tx.connection.execute(text("UPDATE hosts SET project_id = 'y' WHERE name = 'locked'"))

        batch = cloud.writer.submit(cross)
        assert locked.wait(PATIENCE_S)
        turn = threads.submit(connection.execute, text("UPDATE deployment SET generation = generation"))
        assert isinstance(batch.exception(PATIENCE_S), Unavailable)
        turn.result(PATIENCE_S)
        connection.rollback()
    assert [host.name for host in all_of(cloud.database, Host)] == ["locked"]
    cloud.write(lambda tx: tx.add(Host(name="second")))
