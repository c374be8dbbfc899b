"""An engine and a provider that says what the test wants."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from lab.engine import Engine
from lab.engine.inventory import EngineHost, LogicalNetwork, Vnic
from lab.engine.provider import Provider

from .recorder import Recorder

NETWORK_ID = "7b7f8a35-0d07-4a9b-9c35-1d8ee0b3b1a0"
PORT_ID = "0d9e7c52-6f1b-4a53-8c9e-3a2b1c0d4e5f"
VNIC_ID = "1c2c2fa2-4a39-4d2f-8a60-6b1d8f3a9c11"
MAC = "56:6f:00:00:00:01"


@pytest.fixture
def server() -> Iterator[Recorder]:
    """A provider's port."""
    with Recorder() as running:
        yield running


@pytest.fixture
def engine(server: Recorder) -> Engine:
    """An engine that knows the provider without authentication."""
    return Engine(Provider(server.url))


@pytest.fixture
def signed_in(server: Recorder) -> Engine:
    """An engine that authenticates, the Keystone v2.0 way."""
    return Engine(authenticating(server))


@pytest.fixture
def vnic() -> Vnic:
    """A vNIC on the external network blue."""
    return Vnic("nic1", MAC, LogicalNetwork("blue", NETWORK_ID), id=VNIC_ID)


@pytest.fixture
def host() -> EngineHost:
    """A host with a binding id for our plug-in type."""
    return EngineHost("host1.example", {"OVIRT_QUANTUM": "host1-id"})


def authenticating(server: Recorder, **more: str) -> Provider:
    """A provider row with an account."""
    account = {"auth_url": f"{server.url}/v2.0", "username": "admin@internal", "password": "secret", **more}
    return Provider(server.url, requires_authentication=True, **account)  # type: ignore[arg-type]


def our_port(**changes: object) -> dict[str, object]:
    """A port as a provider shows it: the vNIC's, on host1, in its default security group."""
    port: dict[str, object] = {
        "id": PORT_ID,
        "name": "nic1",
        "network_id": NETWORK_ID,
        "mac_address": MAC,
        "device_owner": "oVirt",
        "device_id": VNIC_ID,
        "binding:host_id": "host1-id",
        "security_groups": ["5f1d8a6e-5b7c-4f6a-9a55-000000000001"],
    }
    return port | changes
