"""The engine logs in to the real service, by each way that it has."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from lab.engine import Engine
from lab.engine.provider import Provider
from tests.service import Service

AT_ONCE = 40
"""Actions that the engine begins together."""


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    started = Service(tmp_path_factory.mktemp("keystone")).start()
    yield started
    started.stop()


def engine(service: Service, auth: str = "/v2.0", **settings: Any) -> Engine:
    """Registered with the account `engine`; auth: the path of the auth URL."""
    settings |= {"auth_url": service.url + auth, "username": "engine", "password": service.password("engine")}
    return Engine(Provider(service.url, requires_authentication=True, **settings))


@pytest.mark.parametrize(
    ("kind", "auth", "settings"),
    [
        ("EXTERNAL_NETWORK", "/v2.0", {}),
        ("EXTERNAL_NETWORK", "/v2.0/", {}),
        ("EXTERNAL_NETWORK", "/v3", {}),
        ("EXTERNAL_NETWORK", "/v2.0", {"tenant_name": "whatever"}),
        ("EXTERNAL_NETWORK", "/v3", {"tenant_name": "whatever"}),
        ("OPENSTACK_NETWORK", "/v2.0", {"tenant_name": "whatever"}),
        ("OPENSTACK_NETWORK", "/v3", {"user_domain_name": "Default"}),
        (
            "OPENSTACK_NETWORK",
            "/v3/",
            {"user_domain_name": "any", "project_domain_name": "any", "project_name": "whatever"},
        ),
    ],
)
def test_the_engine_gets_in_however_it_is_registered(
    service: Service, kind: str, auth: str, settings: dict[str, str]
) -> None:
    """ExternalNetworkProviderProxy and OpenStackTokenProviderFactory choose the request; its whole answer is read."""
    registered = engine(service, auth, type=kind, **settings)
    registered.test_connection()
    assert registered.import_networks() == []


def test_the_engine_gets_in_with_all_its_actions_at_once(tmp_path: Path) -> None:
    """Nothing is remembered just after a start; a log-in under way is no failed one."""
    restarted = Service(tmp_path).start()
    try:
        with ThreadPoolExecutor(AT_ONCE) as actions:
            for action in [actions.submit(engine(restarted).test_connection) for _ in range(AT_ONCE)]:
                action.result()
    finally:
        restarted.stop()
