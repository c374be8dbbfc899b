"""One server for the tests that leave it as it is."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from ovirt_quantum_ovn.ovsdb import Client

from tests.ovsdb.clients import connected_client
from tests.ovsdb.server import OvsdbServer


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OvsdbServer]:
    with OvsdbServer(tmp_path_factory.mktemp("nb")) as running:
        yield running


@pytest.fixture
def own_server(tmp_path: Path) -> Iterator[OvsdbServer]:
    """One that the test may kill."""
    with OvsdbServer(tmp_path / "nb") as running:
        yield running


@pytest.fixture
def database(server: OvsdbServer) -> Iterator[Client]:
    with connected_client(server.remote) as (made, _):
        yield made
