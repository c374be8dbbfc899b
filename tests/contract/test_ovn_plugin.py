"""The ovn plugin passes the contract on real ovsdb-servers with OVN's schemas."""

from collections.abc import Iterator

import pytest

from tests.ovsdb.server import OvsdbServer

from .ovn_central import OvnBackend
from .suite import PluginContract

SOUTHBOUND = "/usr/share/ovn/ovn-sb.ovsschema"


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OvsdbServer, OvsdbServer]]:
    folder = tmp_path_factory.mktemp("ovn")
    with OvsdbServer(folder / "n") as north, OvsdbServer(folder / "s", schema=SOUTHBOUND) as south:
        yield north, south


class TestOvnPlugin(PluginContract):
    @pytest.fixture
    def backend(self, servers: tuple[OvsdbServer, OvsdbServer]) -> Iterator[OvnBackend]:
        backend = OvnBackend(*servers)
        yield backend
        if not servers[0].runs:
            backend.start()
        backend.clear()
