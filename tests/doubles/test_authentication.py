"""Facts 11 to 13 of the engine: tokens, which Keystone it speaks, and whom it trusts."""

from __future__ import annotations

import ssl
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.engine.errors import MessagelessFailure, ProviderFailure, Refused
from lab.engine.inventory import EngineDataCentre, EngineHost, Vnic
from lab.engine.provider import Provider
from tests.hooks.certificates import Authority

from .conftest import NETWORK_ID, authenticating, our_port
from .recorder import Recorder, reply

NETWORK = {"id": NETWORK_ID, "name": "blue"}
TOKEN = reply({"access": {"token": {"id": "T"}}})


def test_11_each_action_has_its_own_token(server: Recorder, signed_in: Engine, vnic: Vnic, host: EngineHost) -> None:
    """Within an action the token is used again."""
    server.answer("POST /v2.0/tokens", TOKEN)
    server.answer("GET /v2.0/ports", reply({"ports": []}))
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", reply({"network": NETWORK}))
    server.answer("POST /v2.0/ports", reply({"port": our_port()}))
    signed_in.allocate(vnic, host)
    signed_in.deallocate(vnic)
    assert server.lines == [
        "POST /v2.0/tokens",
        "GET /v2.0/ports",
        f"GET /v2.0/networks/{NETWORK_ID}",
        "POST /v2.0/ports",
        "POST /v2.0/tokens",
        "GET /v2.0/ports",
    ]


def test_11_after_a_401_once_more_with_a_new_token(server: Recorder, signed_in: Engine) -> None:
    """The body goes out again too."""
    server.answer("POST /v2.0/tokens", TOKEN, reply({"access": {"token": {"id": "T2"}}}))
    server.answer("POST /v2.0/networks", reply({}, 401), reply({"network": NETWORK}, 201))
    signed_in.create_network("blue")
    assert server.lines == ["POST /v2.0/tokens", "POST /v2.0/networks"] * 2
    assert server.requests[3].headers["X-Auth-Token"] == "T2"
    assert server.requests[3].body == server.requests[1].body


def test_11_a_second_401_is_final(server: Recorder, signed_in: Engine) -> None:
    """There is one retry."""
    server.answer("POST /v2.0/tokens", TOKEN)
    server.answer("GET /v2.0/networks", reply({}, 401))
    with pytest.raises(ProviderFailure, match="Unauthorized"):
        signed_in.import_networks()
    assert server.lines == ["POST /v2.0/tokens", "GET /v2.0/networks"] * 2


def test_11_a_401_on_the_token_itself_is_not_retried(server: Recorder, signed_in: Engine) -> None:
    """The password is wrong, once and for all."""
    server.answer("POST /v2.0/tokens", reply({}, 401))
    with pytest.raises(ProviderFailure, match="Unauthorized"):
        signed_in.import_networks()
    assert server.lines == ["POST /v2.0/tokens"]


def test_11_without_authentication_a_401_is_not_retried(server: Recorder, engine: Engine) -> None:
    """And no token is sent."""
    server.answer("GET /v2.0/networks", reply({}, 401))
    with pytest.raises(ProviderFailure, match="Unauthorized"):
        engine.import_networks()
    (request,) = server.requests
    assert "X-Auth-Token" not in request.headers


def test_12_without_a_tenant_name_v2_is_spoken_to_v3(server: Recorder) -> None:
    """POST /v3/tokens, which no Keystone has."""
    with pytest.raises(ProviderFailure, match="Not Found"):
        Engine(authenticating(server, auth_url=f"{server.url}/v3/")).test_connection()
    assert server.lines == ["POST /v3/tokens"]
    assert b"passwordCredentials" in server.requests[0].body


@pytest.fixture
def tls_server(tmp_path: Path) -> tuple[ssl.SSLContext, Path]:
    """A server's TLS with a certificate of a private CA, and that CA's file."""
    authority = Authority(tmp_path)
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(*authority.issue("127.0.0.1"))
    return tls, authority.ca_file


def test_13_the_imported_certificate_is_trusted(tls_server: tuple[ssl.SSLContext, Path]) -> None:
    """For the API and, without a tenant name, for the token."""
    tls, trusted = tls_server
    with Recorder(tls) as server:
        server.answer("POST /v2.0/tokens", TOKEN)
        server.answer("GET /v2.0/", reply({}))
        provider = authenticating(server)
        provider.truststore = trusted
        Engine(provider).test_connection()
        assert server.lines == ["POST /v2.0/tokens", "GET /v2.0/"]


@pytest.mark.parametrize("more", [{"tenant_name": "oVirt"}, {"tenant_name": "x", "auth_url": "/v3"}])
def test_13_with_a_tenant_name_the_truststore_is_ignored(
    tls_server: tuple[ssl.SSLContext, Path], more: dict[str, str]
) -> None:
    """So a private CA fails although it was imported."""
    tls, trusted = tls_server
    with Recorder(tls) as server:
        server.answer("POST /v2.0/tokens", TOKEN)
        url = more.get("auth_url", "/v2.0")
        provider = authenticating(server, **more | {"auth_url": server.url + url})
        provider.truststore = trusted
        with pytest.raises(ProviderFailure, match="CERTIFICATE_VERIFY_FAILED"):
            Engine(provider).test_connection()
        assert server.lines == []


def test_13_a_server_certificate_is_trusted_without_its_issuer(tmp_path: Path) -> None:
    """As the engine imports it where the server sends no chain."""
    certificate, key = Authority(tmp_path).issue("127.0.0.1")
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(certificate, key)
    with Recorder(tls) as server:
        server.answer("GET /v2.0/", reply({}))
        Engine(Provider(server.url, truststore=certificate)).test_connection()
        assert server.lines == ["GET /v2.0/"]


def test_13_an_empty_truststore_trusts_nobody(tls_server: tuple[ssl.SSLContext, Path]) -> None:
    """Whatever the system trusts."""
    with Recorder(tls_server[0]) as server, pytest.raises(ProviderFailure, match="CERTIFICATE_VERIFY_FAILED"):
        Engine(Provider(server.url)).test_connection()


@pytest.mark.parametrize("word", ["tomorrow", "2030-01-01 00:00:00", "2030-1-1T00:00:00Z", 1.5, True])
@pytest.mark.parametrize("key", ["expires", "issued_at"])
def test_a_bad_date_makes_a_token_unreadable(server: Recorder, signed_in: Engine, key: str, word: object) -> None:
    """Although nobody looks at the date."""
    server.answer("POST /v2.0/tokens", reply({"access": {"token": {"id": "T", key: word}}}))
    with pytest.raises(ProviderFailure, match=key):
        signed_in.test_connection()


@pytest.mark.parametrize("word", ["2030-01-01T00:00:00Z", "1970-01-01T00:00:00.000000Z", None, "", 1893456000000])
def test_a_good_date_may_be_long_past(server: Recorder, signed_in: Engine, word: object) -> None:
    """Expiry is the provider's business."""
    server.answer("POST /v2.0/tokens", reply({"access": {"token": {"id": "T", "expires": word}}}))
    server.answer("GET /v2.0/", reply({}))
    signed_in.test_connection()
    assert server.requests[1].headers["X-Auth-Token"] == "T"


@pytest.mark.parametrize("answer", [{"access": {}}, {"access": {"token": None}}, None])
def test_a_v2_answer_without_token_is_a_null_pointer(server: Recorder, signed_in: Engine, answer: object) -> None:
    """The administrator sees no reason."""
    server.answer("POST /v2.0/tokens", reply(answer))
    with pytest.raises(MessagelessFailure):
        signed_in.test_connection()


def test_a_v3_answer_without_its_header_is_a_null_pointer(server: Recorder) -> None:
    """The token in the body does not help."""
    server.answer("POST /v3/auth/tokens", reply({"token": {"id": "T"}}, 201))
    with pytest.raises(MessagelessFailure, match="X-Subject-Token"):
        Engine(authenticating(server, auth_url=f"{server.url}/v3", tenant_name="x")).test_connection()


@pytest.mark.parametrize(
    "row",
    [
        {"password": "x" * 201},
        {"type": "OPENSTACK_NETWORK"},
        {"type": "OPENSTACK_NETWORK", "tenant_name": "x", "username": ""},
        {"type": "OPENSTACK_NETWORK", "tenant_name": "x", "password": ""},
        {"type": "OPENSTACK_NETWORK", "tenant_name": "x", "plugin_type": ""},
    ],
)
def test_a_provider_that_the_engine_does_not_take(server: Recorder, row: dict[str, str]) -> None:
    """ProviderValidator and, for type neutron, NetworkProviderValidator."""
    with pytest.raises(Refused):
        authenticating(server, **row)


def test_a_synchronisation_needs_an_account(server: Recorder) -> None:
    """SyncNetworkProviderCommand.validate: also for type external, where adding it did not ask."""
    with pytest.raises(Refused, match="user name"):
        Engine(authenticating(server, username="")).autosync(EngineDataCentre())
    assert server.lines == []
