"""A full disk, a dead database server: 503, nothing half done, and on it goes when it is back."""

import subprocess
import time
from collections.abc import Callable, Iterator, Set
from pathlib import Path

import pytest
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.model import Network, Port
from ovirt_quantum.service.reading import index
from ovirt_quantum.store.database import Database

from tests.databases import Server

from .cloud import ADMIN, PATIENCE_S, Cloud, all_of, check_invariants, found, new_port

BOUND_S = 20.0


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Three megabytes."""
    disk = tmp_path / "disk"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", disk], check=True, capture_output=True)
    yield disk
    subprocess.run(["umount", "--lazy", disk], check=True)


@pytest.mark.root
def test_a_full_disk_is_unavailable(small_disk: Path) -> None:
    """Every port that was answered is there, no other; with space again, writing goes on without a restart."""
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(1_000_000))
    database = Database(f"sqlite:///{small_disk / 'quantum.db'}")
    database.migrate()
    found(database)
    cloud = Cloud(database)
    cloud.physical_network()
    network = cloud.network()
    cloud.subnet(network)
    answered = write_until_refused(cloud, network, at_once=20) | write_until_refused(cloud, network, at_once=1)
    check_ports(database, answered)
    assert len(answered) > 100
    ballast.unlink()
    answered |= {cloud.port(network).id for _ in range(10)}
    check_ports(database, answered)
    cloud.close()
    database.close()


def write_until_refused(cloud: Cloud, network: Network, at_once: int) -> set[str]:
    """The ids of the ports that were answered."""
    answered: set[str] = set()
    refused: list[BaseException] = []
    while not refused:
        answers = [cloud.writer.submit(new_port(network.id)) for _ in range(at_once)]
        refused = [error for answer in answers if (error := answer.exception(PATIENCE_S)) is not None]
        answered |= {answer.result().value.id for answer in answers if answer.exception() is None}
    for error in refused:
        assert isinstance(error, Unavailable)
        assert "disk is full. Nothing was written." in str(error)
    return answered


def check_ports(database: Database, ids: Set[str]) -> None:
    assert {port.id for port in all_of(database, Port)} == ids
    check_invariants(database)


@pytest.mark.parametrize("database_url", ["postgresql", "mariadb"], indirect=True)
def test_a_dead_server_is_unavailable(cloud: Cloud, database_url: str, request: pytest.FixtureRequest) -> None:
    """In time, for reads and writes; when it is back, both work without a restart."""
    server: Server = request.getfixturevalue(f"{database_url.partition('+')[0]}_server")
    network = cloud.network()
    cloud.subnet(network)
    before = {cloud.port(network).id for _ in range(10)}
    server.kill()
    try:
        for _ in range(3):
            assert unavailable(lambda: index(cloud.database, ADMIN, Port, {})) < BOUND_S
            assert unavailable(lambda: cloud.port(network)) < BOUND_S
    finally:
        server.start()
    check_ports(cloud.database, before)
    after = cloud.port(network).id
    check_ports(cloud.database, before | {after})


def unavailable(call: Callable[[], object]) -> float:
    """How long it took to hear so (seconds)."""
    began = time.monotonic()
    with pytest.raises(Unavailable, match="The database does not work now"):
        call()
    return time.monotonic() - began
