"""How the inventory's command finds its service, and what it says where it can't."""

import os
from pathlib import Path

import pytest
import yaml
from ovirt_quantum.command_line.reach import reach

from tests.hooks.certificates import Authority
from tests.service import Service, free_port
from tests.unit.inventory_site import Site, command


def test_from_elsewhere_by_url_and_token(site: Site, tmp_path: Path) -> None:
    """Without any file of the service."""
    token = tmp_path / "token"
    token.write_text(site.token + "\n")
    there = command("export", "--url", site.service.url, "--token-file", token)
    assert (there.returncode, yaml.safe_load(there.stdout)) == (0, site.inventory())
    token.write_text("eyJhbGciOiJIUzI1NiJ9.e30.bad")
    refused = command("export", "--url", site.service.url, "--token-file", token)
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr == "ovirt-quantum: The token is not valid (any more): log in again.\n"


def test_no_proxy_sees_the_token(site: Site) -> None:
    """Whatever the environment says."""
    assert site.run("export", http_proxy="http://127.0.0.1:1", HTTP_PROXY="http://127.0.0.1:1").returncode == 0


UNREACHED = [
    (["export", "--url", "http://192.0.2.1:9696"], "--url needs --token-file"),
    (["export", "--url", "http://192.0.2.1:9696", "--token-file", "token"], "it must be https://HOST:PORT"),
    (["export", "--url", "ftp://192.0.2.1", "--token-file", "token"], "it must be https://HOST:PORT"),
    (["export", "--url", "http://127.0.0.1:1", "--token-file", "token"], "no answer from http://127.0.0.1:1: "),
    (["export", "--url", "http://127.0.0.1:1", "--token-file", "missing"], "missing"),
    (["export", "--data", "nowhere"], "there is no signing key in nowhere"),
    (["export", "--config", "missing.toml"], "missing.toml: No such file"),
    (["apply", "missing.yaml", "--url", "http://127.0.0.1:1", "--token-file", "token"], "missing.yaml"),
]


@pytest.mark.parametrize(("arguments", "words"), UNREACHED, ids=range(len(UNREACHED)))
def test_a_service_out_of_reach_is_one_clear_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    """Exit code 2, no traceback, and nothing made on the disk."""
    monkeypatch.chdir(tmp_path)
    Path("token").write_text("abc")
    failed = command(*arguments)
    assert (failed.returncode, failed.stdout) == (2, "")
    assert failed.stderr.startswith("ovirt-quantum: ")
    assert words in failed.stderr
    assert failed.stderr.count("\n") == 1
    assert os.listdir() == ["token"]


def test_a_stopped_service_is_one_clear_line(tmp_path: Path) -> None:
    """With its data there, but nobody listening."""
    port = free_port()
    (tmp_path / "quantum.toml").write_text(f'[server]\nlisten = "127.0.0.1:{port}"\n')
    (tmp_path / "signing-key").write_bytes(bytes(32))
    failed = command("export", "--config", tmp_path / "quantum.toml", "--data", tmp_path)
    assert failed.returncode == 2
    assert failed.stderr.startswith(f"ovirt-quantum: no answer from http://127.0.0.1:{port}: ")
    assert failed.stderr.endswith("Is the service running?\n")


def test_tls_is_verified(tmp_path: Path) -> None:
    """The service's own certificate by its configuration, any by its CA; a stranger's is refused."""
    certificate, key = Authority(tmp_path / "site").issue("127.0.0.1")
    port = free_port()
    served = f'[server]\nlisten = "127.0.0.1:{port}"\ncertificate = "{certificate}"\nprivate_key = "{key}"\n'
    service = Service(tmp_path / "service", f"plugins = []\n{served}")
    service.port = port
    service.start()
    try:
        own: list[str | Path] = ["--config", service.folder / "quantum.toml", "--data", service.data]
        assert command("export", *own).returncode == 0
        token = tmp_path / "token"
        token.write_text(reach(service.folder / "quantum.toml", service.data, None, None, None).token)
        there: list[str | Path] = ["--url", f"https://127.0.0.1:{port}", "--token-file", token]
        assert command("export", *there, "--ca-file", tmp_path / "site/ca.pem").returncode == 0
        stranger, _ = Authority(tmp_path / "stranger").issue("127.0.0.1")
        (service.folder / "quantum.toml").write_text(served.replace(str(certificate), str(stranger)))
        for wrong in ([*there, "--ca-file", tmp_path / "stranger/ca.pem"], there, own):
            failed = command("export", *wrong)
            assert failed.returncode == 2
            assert "CERTIFICATE_VERIFY_FAILED" in failed.stderr
    finally:
        service.stop()
