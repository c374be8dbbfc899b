"""`ovirt-quantum account` and `host-token`, beside a service that runs."""

import stat
from pathlib import Path

import pytest

from tests.identity.conftest import PASSWORD, Command, command_of
from tests.identity.test_keystone import token_of, v3
from tests.service import Service


def test_an_account_is_made_listed_and_logs_in(service: Service, command: Command) -> None:
    """At once, for a project of its own name."""
    made = command("account", "add", "carol", "--role", "manager", "--password-file", "-")
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")
    assert v3(service, "carol").body["token"]["project"]["id"] == "carol"
    rows = [line.split() for line in command("account", "list").stdout.splitlines()]
    assert ["carol", "manager", "carol", "enabled"] in rows
    assert ["engine", "engine", "oVirt", "enabled"] in rows


def test_a_disabled_account_is_out_of_a_running_service(service: Service, command: Command) -> None:
    """No log-in and no token any more, until it is enabled."""
    command("account", "add", "dave", "--role", "member", "--password-file", "-")
    token = token_of(service, "dave")
    assert command("account", "disable", "dave").returncode == 0
    assert v3(service, "dave").status == 401
    assert service.call("GET", "/v2.0/networks", token=token).status == 401
    assert command("account", "enable", "dave").returncode == 0
    assert v3(service, "dave").status == 201
    assert service.call("GET", "/v2.0/networks", token=token).status == 401


def test_a_password_is_changed_in_a_running_service(service: Service, command: Command, tmp_path: Path) -> None:
    """From a file; the old one is out at once."""
    command("account", "add", "erin", "--role", "member", "--password-file", "-")
    token = token_of(service, "erin")
    (tmp_path / "new").write_text("battery staple\n")
    assert command("account", "password", "erin", "--password-file", str(tmp_path / "new")).returncode == 0
    assert v3(service, "erin").status == 401
    assert v3(service, "erin", "battery staple").status == 201
    assert service.call("GET", "/v2.0/networks", token=token).status == 401


@pytest.mark.parametrize(
    ("words", "stdin", "complaint"),
    [
        (["add", "alice", "--role", "member", "--password-file", "-"], PASSWORD, "already: alice"),
        (["add", "host:x", "--role", "member", "--password-file", "-"], PASSWORD, "use `host-token`"),
        (["add", "fred", "--role", "member", "--password-file", "-"], "short", "from 8 to 1024 characters"),
        (["add", "fred", "--role", "member"], PASSWORD, "use --password-file"),
        (["password", "nobody", "--password-file", "-"], PASSWORD, "no account nobody"),
        (["disable", "nobody"], "", "no account nobody"),
    ],
)
def test_what_can_not_be_done_is_said_in_one_line(
    service: Service, words: list[str], stdin: str, complaint: str
) -> None:
    """With exit code 1, and no password in it."""
    run = command_of(service, stdin)("account", *words)
    assert run.returncode == 1
    assert complaint in run.stderr
    assert len(run.stderr.splitlines()) == 1
    assert not stdin or stdin not in run.stderr


def test_a_hosts_token_goes_to_a_private_file(service: Service, command: Command, tmp_path: Path) -> None:
    """And not to the screen; the next one takes its place and ends it."""
    file = tmp_path / "host.token"
    run = command("host-token", "host9", "--output", str(file))
    assert (run.returncode, run.stdout) == (0, "")
    first = file.read_text().strip()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    command("host-token", "host9", "--output", str(file))
    second = file.read_text().strip()
    plug = "/plug/11111111-1111-1111-1111-111111111111"
    assert service.call("GET", plug, token=first).status == 401
    assert service.call("GET", plug, token=second).status == 404
    command("account", "disable", "host:host9")
    assert command("host-token", "host9").stdout.strip() not in (first, second)
    assert service.call("GET", plug, token=first).status == 401


def test_the_administrators_own_commands_outlive_a_new_password(tmp_path: Path) -> None:
    """They sign a token for themselves: it bears the account's last change like any other."""
    service = Service(tmp_path)
    config = tmp_path / "quantum.toml"
    config.write_text(f'plugins = []\nserver.listen = "127.0.0.1:{service.port}"\n')
    service.start()
    try:
        run = command_of(service, PASSWORD)
        assert run("account", "password", "admin", "--password-file", "-").returncode == 0
        exported = run("inventory", "export", "--config", str(config))
        assert (exported.returncode, exported.stderr) == (0, "")
        assert "physnet1" in exported.stdout
    finally:
        service.stop()


def test_a_damaged_key_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    """The service never runs on a weak key."""
    service = Service(tmp_path)
    service.data.mkdir()
    (service.data / "signing-key").touch()
    run = command_of(service, "")("host-token", "host1")
    assert run.returncode == 1
    assert "signing-key is damaged: it holds 0 bytes" in run.stderr
