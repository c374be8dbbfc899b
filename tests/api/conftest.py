"""A real service for each test, and the engine as its client."""

from collections.abc import Iterator

import pytest

from lab.engine import Engine
from lab.engine_provider import Provider
from tests.service import Service


@pytest.fixture(scope="session")
def one_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The provider alone, started once."""
    service = Service(tmp_path_factory.mktemp("service")).start()
    yield service
    service.stop()


@pytest.fixture
def service(one_service: Service) -> Iterator[Service]:
    """The provider, with nothing of another test in it."""
    yield one_service
    empty(one_service)


def empty(service: Service) -> None:
    """Removes all that a test made."""
    token = service.token()
    for path in ("ports", "networks", "qos/policies", "network_segment_ranges", "links", "hosts", "physical_networks"):
        found = service.call("GET", f"/v2.0/{path}", token=token).body[path.split("/")[-1]]
        for one in found:
            if one["name"] != "physnet1" and not one.get("default"):
                answer = service.call("DELETE", f"/v2.0/{path}/{one['id']}", token=token)
                assert answer.status == 204, answer


@pytest.fixture
def admin(service: Service) -> str:
    """An administrator's token."""
    return service.token()


@pytest.fixture
def engine(service: Service) -> Engine:
    """The engine, registered as an administrator does it: type external, v2.0, no tenant."""
    return registered(service)


def registered(service: Service) -> Engine:
    return Engine(
        Provider(
            service.url,
            requires_authentication=True,
            auth_url=f"{service.url}/v2.0",
            username="engine",
            password=service.password("engine"),
        )
    )
