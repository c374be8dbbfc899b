"""A service whose inventory tests may change: each finds it as BASE declares it."""

from collections.abc import Iterator

import pytest
import yaml

from tests.service import Service, free_port
from tests.unit.inventory_site import BASE, Site


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    folder, port = tmp_path_factory.mktemp("site"), free_port()
    service = Service(folder, f'plugins = []\n[server]\nlisten = "127.0.0.1:{port}"\n')
    service.port, service.url = port, f"http://127.0.0.1:{port}"
    yield service.start()
    service.stop()


@pytest.fixture(scope="session")
def token(running: Service) -> str:
    """One log-in for all tests."""
    return running.token()


@pytest.fixture
def site(running: Service, token: str) -> Site:
    """The service with the inventory of BASE and no networks."""
    site = Site(running, token)
    for network in site.call("GET", "networks").body["networks"]:
        assert site.call("DELETE", f"networks/{network['id']}").status == 204
    reset = site.call("PUT", "inventory?prune=true", {"inventory": yaml.safe_load(BASE)})
    assert reset.status == 200, reset
    return site
