"""Text that PostgreSQL, unlike SQLite, does not take."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.capable import SETTINGS, CapableService
from tests.api.client import Client
from tests.api.samples import PATHS, network
from tests.databases import Server, postgresql_server
from tests.service import Service

__all__ = ["postgresql_server"]


@pytest.fixture(scope="module")
def cloud(postgresql_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service on PostgreSQL."""
    folder: Path = tmp_path_factory.mktemp("postgresql")
    settings = f'{SETTINGS}[database]\nurl = "{postgresql_server.new_database()}"\n'
    service = CapableService(folder, settings).start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def administrator(cloud: Service) -> Client:
    return Client(cloud, cloud.token())


@pytest.mark.parametrize("path", PATHS)
def test_a_nul_is_the_clients_fault(administrator: Client, path: str) -> None:
    """In an id, a filter or a body: 404, nothing found, 400; never a 5xx."""
    for method in ("GET", "PUT", "DELETE"):
        assert administrator.send(method, f"{path}/%00", {} if method == "PUT" else None).status in (400, 404)
    assert administrator.send("GET", f"{path}?name=%00").status in (200, 400)
    assert administrator.post(path, name="a\0b").status == 400


def test_what_is_written_reads_back(administrator: Client) -> None:
    """The longest names, four-byte characters, and an address block of the largest numbers."""
    name = "🦊" * 255
    made = administrator.create("networks", name=name, project_id=name)
    assert administrator.find("networks", f"id={made['id']}") == [made]
    cidr = {"cidr": "2fff:ffff:ffff:ffff::/64", "ip_version": 6}
    administrator.create("subnets", network_id=network(administrator), **cidr)
    port = administrator.create("ports", network_id=network(administrator))
    assert port["fixed_ips"][0]["ip_address"] == "2fff:ffff:ffff:ffff::2"
