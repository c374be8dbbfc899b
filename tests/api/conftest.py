"""A real service for each test, its accounts, and the engine as its client."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from ovirt_quantum.identity import KEY_FILE, Account, Tokens
from ovirt_quantum.model import FLOATING_IP_OWNER, RESOURCES, ROUTER_GATEWAY, ROUTER_INTERFACE, Role
from ovirt_quantum.store.accounts import SqlAccounts
from ovirt_quantum.store.database import Database

from lab.engine import Engine
from lab.engine.provider import Provider
from tests.api.capable import CapableService
from tests.api.client import Client, Document
from tests.service import Service

ACCOUNTS = {
    "manager": (Role.MANAGER, "blue-team"),
    "member": (Role.MEMBER, "blue-team"),
    "reader": (Role.READER, "blue-team"),
    "stranger": (Role.MEMBER, "red-team"),
    "host:sample": (Role.HOST, ""),
}
"""Beside `admin` and `engine`, which every service has."""
GO_WITH_OTHERS = {
    "subnets",
    "security-group-rules",
    "floatingips",
    "route_tables",
    "policy_routes",
    "taas/tap_mirrors",
}


OWNERS = {ROUTER_INTERFACE, ROUTER_GATEWAY, FLOATING_IP_OWNER}
FEATURES = {kind.path: kind.feature for kind in RESOURCES}


@dataclass(frozen=True)
class Running:
    """A started service with one account of each role, and what gives out tokens of theirs."""

    service: Service
    issue: Callable[[str], str]


@contextmanager
def running_on(service: Service) -> Iterator[Running]:
    """Makes the accounts beside the service."""
    service.start()
    database = Database(f"sqlite:///{service.data / 'quantum.db'}")
    store = SqlAccounts(database)
    store.add([Account(name, role, project, password_hash=None) for name, (role, project) in ACCOUNTS.items()])
    tokens = Tokens((service.data / KEY_FILE).read_bytes(), lifetime_s=3600)
    yield Running(service, lambda name: tokens.issue(found(store, name)).text)
    database.close()
    service.stop()


@pytest.fixture(scope="session")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The provider alone, started once."""
    with running_on(Service(tmp_path_factory.mktemp("service"))) as running:
        yield running


@pytest.fixture(scope="session")
def capable(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """The provider with a plugin that has all features, started once."""
    with running_on(CapableService(tmp_path_factory.mktemp("capable"))) as running:
        yield running


@pytest.fixture
def running(request: pytest.FixtureRequest) -> Running:
    """The provider alone, unless the resource that the test is about takes a plugin's feature."""
    parameters = request.node.callspec.params if hasattr(request.node, "callspec") else {}
    path = parameters["kind"].path if "kind" in parameters else parameters.get("path", "")
    chosen: Running = request.getfixturevalue("capable" if FEATURES.get(path) else "plain")
    return chosen


def found(store: SqlAccounts, name: str) -> Account:
    account = store.account(name)
    assert account is not None, name
    return account


@pytest.fixture
def service(running: Running) -> Iterator[Service]:
    """The provider, with nothing of another test in it."""
    yield running.service
    empty(Client(running.service, running.service.token()))


@pytest.fixture
def issue(running: Running) -> Callable[[str], str]:
    """Gives out a token of the named account."""
    return running.issue


def empty(administrator: Client) -> None:
    """Removes all that a test made."""
    everything = administrator.everything()
    take_apart(administrator, everything)
    for path, found in reversed(everything.items()):
        for one in found:
            if one.get("device_owner") in OWNERS:
                continue
            if one["name"] != "physnet1" and not one.get("default") and path not in GO_WITH_OTHERS:
                administrator.delete(path, one["id"])


def take_apart(admin: Client, everything: dict[str, list[Document]]) -> None:
    """What keeps routers and floating IPs."""
    for floating_ip in everything.get("floatingips", []):
        for forwarding in floating_ip["port_forwardings"]:
            admin.delete(f"floatingips/{floating_ip['id']}/port_forwardings", forwarding["id"])
        admin.delete("floatingips", floating_ip["id"])
    for path in ("route_tables", "policy_routes"):
        for one in everything.get(path, []):
            admin.delete(path, one["id"])
    for router in everything.get("routers", []):
        admin.update("routers", router["id"], routes=[])
    for port in everything["ports"]:
        if port["device_owner"] == ROUTER_INTERFACE:
            body = {"port_id": port["id"]}
            answer = admin.send("PUT", f"routers/{port['device_id']}/remove_router_interface", body)
            assert answer.status == 200, answer


@pytest.fixture
def log_in(service: Service, issue: Callable[[str], str]) -> Callable[[str], Client]:
    """A client with a token of the named account."""
    return lambda name: Client(service, issue(name))


@pytest.fixture
def administrator(log_in: Callable[[str], Client]) -> Client:
    return log_in("admin")


@pytest.fixture
def manager(log_in: Callable[[str], Client]) -> Client:
    return log_in("manager")


@pytest.fixture
def member(log_in: Callable[[str], Client]) -> Client:
    return log_in("member")


@pytest.fixture
def reader(log_in: Callable[[str], Client]) -> Client:
    """Of the same project as `member`."""
    return log_in("reader")


@pytest.fixture
def stranger(log_in: Callable[[str], Client]) -> Client:
    """A member of another project."""
    return log_in("stranger")


@pytest.fixture
def engine_client(log_in: Callable[[str], Client]) -> Client:
    """The engine's account, for requests that the engine's own classes can't be made to send."""
    return log_in("engine")


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


@pytest.fixture
def host_token(issue: Callable[[str], str]) -> str:
    """What the host `host:sample` asks with."""
    return issue("host:sample")
