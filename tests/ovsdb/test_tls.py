"""TLS, against a real server's own."""

import datetime
import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from ovirt_quantum_ovn.ovsdb import Client, NotConnected, Tls, remotes

from tests.hooks.certificates import Authority
from tests.ovsdb.clients import client
from tests.ovsdb.server import NORTHBOUND, OvsdbServer, free_port


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("tls") / "site")


@pytest.fixture(scope="module")
def tls(authority: Authority) -> Tls:
    certificate, key = authority.issue("provider")
    return Tls(str(key), str(certificate), str(authority.ca_file))


@pytest.fixture
def stranger(tmp_path: Path) -> Authority:
    """A CA of somebody else."""
    return Authority(tmp_path / "stranger")


def served(folder: Path, certificate: tuple[Path, Path], authority: Authority, *more: str) -> tuple[OvsdbServer, str]:
    port = free_port()
    files = [f"--certificate={certificate[0]}", f"--private-key={certificate[1]}", f"--ca-cert={authority.ca_file}"]
    return OvsdbServer(folder, f"--remote=pssl:{port}:127.0.0.1", *files, *more), f"ssl:127.0.0.1:{port}"


@pytest.fixture
def served_by_site(tmp_path: Path, authority: Authority) -> Iterator[str]:
    """Its certificate names no host, as those of ovs-pki(8)."""
    server, remote = served(tmp_path / "nb", authority.issue("ovn-nb"), authority)
    with server:
        yield remote


def refusal(remote: str, tls: Tls) -> str:
    with client(remote, tls=tls) as database, pytest.raises(NotConnected) as caught:
        database.transact([], 1)
    return str(caught.value)


def test_the_right_certificates(served_by_site: str, tls: Tls) -> None:
    """The chain is verified, the name is not."""
    with client(served_by_site, tls=tls) as database:
        assert database.transact([], 5) == []


def test_another_ca(served_by_site: str, tls: Tls, stranger: Authority) -> None:
    """We do not believe the server."""
    assert "certificate verify failed" in refusal(served_by_site, replace(tls, ca_cert=str(stranger.ca_file)))


def test_our_certificate_is_of_another_ca(served_by_site: str, tls: Tls, stranger: Authority) -> None:
    """The server does not believe us."""
    certificate, key = stranger.issue("provider")
    refused = refusal(served_by_site, Tls(str(key), str(certificate), tls.ca_cert))
    assert "does it trust the CA of our certificate?" in refused


def test_an_expired_certificate(tmp_path: Path, authority: Authority, tls: Tls) -> None:
    """Of the server."""
    expired = authority.issue("expired", lifetime=datetime.timedelta(minutes=-1))
    server, remote = served(tmp_path / "nb", expired, authority)
    with server:
        assert "certificate has expired" in refusal(remote, tls)


def test_an_old_protocol(tmp_path: Path, authority: Authority, tls: Tls) -> None:
    """TLS 1.2 is the least."""
    server, remote = served(
        tmp_path / "nb", authority.issue("old"), authority, "--ssl-protocols=TLSv1.1", "--ssl-ciphers=ALL:@SECLEVEL=0"
    )
    with server:
        assert "protocol" in refusal(remote, tls).lower()


def test_no_handshake(tls: Tls) -> None:
    """A server that accepts and says nothing: no caller waits for it longer than he says."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        began = time.monotonic()
        refusal(f"ssl:127.0.0.1:{silent.getsockname()[1]}", tls)
        assert time.monotonic() - began < 4


def test_no_tls_there(tmp_path: Path, tls: Tls) -> None:
    """A server that speaks plainly."""
    port = free_port()
    with OvsdbServer(tmp_path / "nb", f"--remote=ptcp:{port}:127.0.0.1"):
        began = time.monotonic()
        assert "127.0.0.1" in refusal(f"ssl:127.0.0.1:{port}", tls)
        assert time.monotonic() - began < 4


@pytest.mark.parametrize("field", ["private_key", "certificate", "ca_cert"])
@pytest.mark.parametrize("content", [None, "", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n"])
def test_bad_files(tmp_path: Path, tls: Tls, field: str, content: str | None) -> None:
    """Said by name, when the client is made."""
    bad = tmp_path / "bad.pem"
    if content is not None:
        bad.write_text(content)
    with pytest.raises(ValueError, match=str(bad)):
        Client(NORTHBOUND, remotes.parse("ssl:a:6641"), replace(tls, **{field: str(bad)}))
