"""The real service for tests: the command that an administrator runs, as a process of its own."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

START_S = 30.0


@dataclass(frozen=True)
class Answer:
    """What came back. `body` is the parsed JSON, None where there is none."""

    status: int
    headers: Mapping[str, str]
    body: Any

    @property
    def error(self) -> str:
        """Neutron's error type."""
        kind: str = self.body["NeutronError"]["type"]
        return kind

    @property
    def message(self) -> str:
        words: str = self.body["NeutronError"]["message"]
        return words


class Service:
    """`ovirt-quantum serve` on a free loopback port; `settings` is the text of its configuration file."""

    def __init__(self, folder: Path, settings: str = "plugins = []\n", *options: str) -> None:
        self.folder = folder
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._options = options
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "quantum.toml").write_text(settings)
        self.log = folder / "service.log"
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def command(self) -> list[str]:
        """How it is started, up to its own options."""
        return [sys.executable, "-m", "ovirt_quantum"]

    def start(self) -> "Service":
        """Returns when it answers; fails with its log where it does not."""
        where = ["--config", str(self.folder / "quantum.toml"), "--data", str(self.data)]
        listen = ["--listen", f"127.0.0.1:{self.port}"]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*self.command, "serve", *where, *listen, *self._options], stdout=log, stderr=log
            )
        self._wait_until_it_answers()
        return self

    def stop(self) -> None:
        """As systemd does it."""
        self._end(signal.SIGTERM)

    def kill(self) -> None:
        """As a crash does it."""
        self._end(signal.SIGKILL)

    def password(self, account: str) -> str:
        """From initial-passwords.toml."""
        found: str = tomllib.loads((self.data / "initial-passwords.toml").read_text())[account]
        return found

    def token(self, account: str = "admin") -> str:
        """Logs in with Keystone v2.0."""
        credentials = {"username": account, "password": self.password(account)}
        answer = self.call("POST", "/v2.0/tokens", {"auth": {"passwordCredentials": credentials}})
        assert answer.status == 200, answer
        found: str = answer.body["access"]["token"]["id"]
        return found

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """One request; any status is an answer."""
        data = body if isinstance(body, bytes) else None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, dict(headers or {}), method=method)
        if data is not None:
            request.add_header("Content-Type", "application/json")
        if token is not None:
            request.add_header("X-Auth-Token", token)
        try:
            with urllib.request.urlopen(request, timeout=30) as response:
                return _answer(response.status, dict(response.headers), response.read())
        except urllib.error.HTTPError as error:
            with error:
                return _answer(error.code, dict(error.headers), error.read())

    def _end(self, signal_number: int) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, signal_number)
            self._process.wait(timeout=30)
        self._process = None

    def _wait_until_it_answers(self) -> None:
        until = time.monotonic() + START_S
        while time.monotonic() < until:
            assert self._process is not None
            if self._process.poll() is not None:
                break
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=1):
                    return
            except OSError:
                time.sleep(0.05)
        raise AssertionError(f"the service did not start:\n{self.log.read_text()}")


def _answer(status: int, headers: Mapping[str, str], raw: bytes) -> Answer:
    return Answer(status, {name.lower(): value for name, value in headers.items()}, json.loads(raw) if raw else None)


def free_port() -> int:
    """A loopback port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
