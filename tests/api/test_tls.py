"""TLS, a second listener, and where plain HTTP is not served."""

import http.client
import json
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.engine.errors import ProviderFailure
from lab.engine.provider import Provider
from tests.api.test_connections import Impatient, rest_of
from tests.hooks.certificates import Authority
from tests.service import Service, free_port


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture(scope="module")
def keystone_port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def secure(authority: Authority, keystone_port: int, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    """The service with a certificate for 127.0.0.1 and a second listener."""
    certificate, key = authority.issue("127.0.0.1")
    server = {"certificate": certificate, "private_key": key, "keystone_listen": f"127.0.0.1:{keystone_port}"}
    lines = "".join(f'{name} = "{value}"\n' for name, value in server.items())
    service = Impatient(tmp_path_factory.mktemp("secure"), f"plugins = []\n[server]\n{lines}").start()
    yield service
    service.stop()


def get(port: int, path: str, trusted: Path) -> tuple[int, object]:
    context = ssl.create_default_context(cafile=str(trusted))
    connection = http.client.HTTPSConnection("127.0.0.1", port, timeout=10, context=context)
    connection.request("GET", path)
    answer = connection.getresponse()
    try:
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def test_the_engine_works_over_tls_and_with_the_second_listener(
    secure: Service, authority: Authority, keystone_port: int
) -> None:
    """It logs in on 35357's stand-in and works on the other; links are https."""
    provider = Provider(
        f"https://127.0.0.1:{secure.port}",
        requires_authentication=True,
        auth_url=f"https://127.0.0.1:{keystone_port}/v2.0",
        username="engine",
        password=secure.password("engine"),
        truststore=authority.ca_file,
    )
    network = Engine(provider).create_network("blue")
    Engine(provider).remove_network(network)
    _, body = get(secure.port, "/", authority.ca_file)
    assert f"https://127.0.0.1:{secure.port}/v2.0/" in json.dumps(body)


def test_fact_13_without_a_tenant_name_an_imported_certificate_is_enough(secure: Service, authority: Authority) -> None:
    """The CA's or the server's own, at either log-in URL; with a tenant name the engine asks past its trust store."""
    url = f"https://127.0.0.1:{secure.port}"
    row = {"username": "engine", "password": secure.password("engine")}
    for truststore in (authority.ca_file, authority.ca_file.with_name("127.0.0.1.pem")):
        for version in ("v2.0", "v3"):
            provider = Provider(url, requires_authentication=True, auth_url=f"{url}/{version}", **row)  # type: ignore[arg-type]
            provider.truststore = truststore
            assert Engine(provider).import_networks() == []
            provider.tenant_name = "oVirt"
            with pytest.raises(ProviderFailure, match="CERTIFICATE_VERIFY_FAILED"):
                Engine(provider).import_networks()


def test_clients_that_never_handshake_keep_nobody_waiting(secure: Service, authority: Authority) -> None:
    """Silent, in plain HTTP, or stopping in the handshake's middle: each is let go, others are served."""
    for sent in (b"", b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", b"\x16\x03\x01\x02\x00"):
        with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as connection:
            connection.sendall(sent)
            assert get(secure.port, "/", authority.ca_file)[0] == 200
            assert b"HTTP" not in rest_of(connection)


def test_a_silent_client_after_the_handshake_is_let_go(secure: Service, authority: Authority) -> None:
    """As without TLS."""
    context = ssl.create_default_context(cafile=str(authority.ca_file))
    raw = socket.create_connection(("127.0.0.1", secure.port), timeout=10)
    with context.wrap_socket(raw, server_hostname="127.0.0.1") as connection:
        assert rest_of(connection) == b""


def test_old_tls_is_refused(secure: Service) -> None:
    """Below 1.2 (RFC 8996)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with pytest.warns(DeprecationWarning, match="TLSv1"):
        context.minimum_version, context.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    with socket.create_connection(("127.0.0.1", secure.port), timeout=10) as raw, pytest.raises(OSError):
        context.wrap_socket(raw)


@pytest.mark.parametrize(
    ("settings", "listen", "word"),
    [
        ("", "0.0.0.0:0", "server.certificate"),
        ("", "[::]:0", "server.certificate"),
        ("", ":9696", "server.certificate"),
        ('[server]\nkeystone_listen = "0.0.0.0:0"', "127.0.0.1:0", "server.certificate"),
        ('[server]\ncertificate = "x"', "127.0.0.1:0", "private_key"),
        ('[server]\ncertificate = "/no/such"\nprivate_key = "/no/such"', "127.0.0.1:0", "/no/such"),
        ("", "127.0.0.1:99999", "127.0.0.1:99999"),
        ("", "127.0.0.1", "127.0.0.1"),
        ("", "no.such.invalid:9696", "no.such.invalid"),
        ('[identity]\nauth = "none"\n[server]\nplain_http = false', "0.0.0.0:0", "0.0.0.0"),
    ],
)
def test_what_can_not_be_served_is_said_at_the_start(tmp_path: Path, settings: str, listen: str, word: str) -> None:
    """One line on stderr that names it, and exit code 1."""
    service = Service(tmp_path, f"plugins = []\n{settings}\n")
    where = ["--config", str(tmp_path / "quantum.toml"), "--data", str(service.data), "--listen", listen]
    ended = subprocess.run([*service.command, "serve", *where], capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode == 1, ended
    assert word in ended.stderr.splitlines()[-1], ended.stderr
    assert "Traceback" not in ended.stderr
