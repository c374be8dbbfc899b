"""A real service for each test, its accounts, and the engine as its client."""

from collections.abc import Callable, Iterator

import pytest
from ovirt_quantum.identity import KEY_FILE, Account, Tokens
from ovirt_quantum.model import RESOURCES, Role
from ovirt_quantum.store.accounts import SqlAccounts
from ovirt_quantum.store.database import Database

from lab.engine import Engine
from lab.engine_provider import Provider
from tests.api.client import Client
from tests.service import Service

ACCOUNTS = {
    "manager": (Role.MANAGER, "blue-team"),
    "member": (Role.MEMBER, "blue-team"),
    "reader": (Role.READER, "blue-team"),
    "stranger": (Role.MEMBER, "red-team"),
    "host:sample": (Role.HOST, ""),
}
"""Beside `admin` and `engine`, which every service has."""


@pytest.fixture(scope="session")
def one_service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The provider alone, started once."""
    service = Service(tmp_path_factory.mktemp("service")).start()
    yield service
    service.stop()


@pytest.fixture(scope="session")
def issue(one_service: Service) -> Iterator[Callable[[str], str]]:
    """Makes one account of each role beside the service; returns what gives out tokens of theirs."""
    database = Database(f"sqlite:///{one_service.data / 'quantum.db'}")
    store = SqlAccounts(database)
    store.add([Account(name, role, project, password_hash=None) for name, (role, project) in ACCOUNTS.items()])
    tokens = Tokens((one_service.data / KEY_FILE).read_bytes(), lifetime_s=3600)
    yield lambda name: tokens.issue(found(store, name)).text
    database.close()


def found(store: SqlAccounts, name: str) -> Account:
    account = store.account(name)
    assert account is not None, name
    return account


@pytest.fixture
def service(one_service: Service) -> Iterator[Service]:
    """The provider, with nothing of another test in it."""
    yield one_service
    empty(one_service)


def empty(service: Service) -> None:
    """Removes all that a test made."""
    admin = Client(service, service.token())
    for kind in reversed(RESOURCES):
        for one in admin.find(kind.path):
            if one["name"] != "physnet1" and not one.get("default") and kind.path != "subnets":
                admin.delete(kind.path, one["id"])


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
