"""The provider in the lab: the real service, in the central namespace, with TLS as where packets leave a machine."""

from __future__ import annotations

import json
import os
import signal
import ssl
import subprocess
import sys
import tomllib
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from lab.command import run, wait_until
from lab.datacentre import CENTRAL_ADDRESS
from lab.errors import LabError
from lab.namespace import Namespace

URL = f"https://{CENTRAL_ADDRESS}:9696"
OVS = 'plugins = ["ovs"]\n'
_SERVER = """
[server]
listen = "{address}:9696"
certificate = "{folder}/provider.crt"
private_key = "{folder}/provider.key"
"""


class ProviderProcess:
    """`ovirt-quantum serve`. Its files, data and log are in one folder."""

    def __init__(self, folder: Path, central: Namespace, plugins: str = OVS) -> None:
        """plugins: the part of the configuration file that names and sets up the plugins."""
        self.folder = folder
        self._plugins = plugins
        self.certificate = folder / "provider.crt"
        self.log = folder / "provider.log"
        self._central = central
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Returns when it answers. Raises LabError with the end of its log."""
        self.folder.mkdir(parents=True, exist_ok=True)
        if not self.certificate.exists():
            self._make_certificate()
        server = _SERVER.format(address=CENTRAL_ADDRESS, folder=self.folder)
        (self.folder / "quantum.toml").write_text(self._plugins + server)
        self._process = self._central.popen([*self._command("serve")], log=self.log)
        wait_until(self._has_started, f"the provider does not answer; see {self.log}")

    def kill(self) -> None:
        """kill -9."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """As systemd does it."""
        self._end(signal.SIGTERM)

    def answers(self) -> bool:
        """Whether somebody serves there."""
        try:
            self.call("GET", "/")
        except LabError:
            return False
        return True

    def password(self, account: str) -> str:
        """As the first start wrote it down."""
        found: str = tomllib.loads((self.folder / "data/initial-passwords.toml").read_text())[account]
        return found

    def host_token(self, host: str) -> str:
        """Made by the administrator's command."""
        return run(self._command("host-token", host)).stdout.strip()

    def log_in(self, account: str) -> str:
        """A token by Keystone v2.0."""
        credentials = {"username": account, "password": self.password(account)}
        answer = self.call("POST", "/v2.0/tokens", {"auth": {"passwordCredentials": credentials}})
        token: str = answer["access"]["token"]["id"]
        return token

    def call(self, method: str, path: str, body: object = None, token: str = "") -> Any:
        """One request from the central namespace; the JSON of its answer. Raises LabError with the error's words."""
        data = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **({"X-Auth-Token": token} if token else {})}
        request = urllib.request.Request(URL + path, data, headers, method=method)
        context = ssl.create_default_context(cafile=str(self.certificate))
        try:
            with self._central.entered(), urllib.request.urlopen(request, timeout=30, context=context) as answer:
                raw = answer.read()
        except urllib.error.HTTPError as error:
            raise LabError(f"{method} {path}: {error.code} {error.read().decode()}") from None
        except OSError as error:
            raise LabError(f"{method} {path}: {error}") from None
        return json.loads(raw) if raw else None

    def _command(self, *words: str) -> list[str]:
        where = ["--config", str(self.folder / "quantum.toml"), "--data", str(self.folder / "data")]
        return [sys.executable, "-m", "ovirt_quantum", *words, *where]

    def _has_started(self) -> bool:
        if self._process is None or self._process.poll() is not None:
            raise LabError(f"the provider ended: {self.log.read_text()[-1000:]}")
        return self.answers()

    def _end(self, how: signal.Signals) -> None:
        if self._process is not None and self._process.poll() is None:
            os.kill(self._process.pid, how)
            self._process.wait(timeout=30)
        self._process = None

    def _make_certificate(self) -> None:
        key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", "provider.key"]
        name = ["-subj", "/CN=provider", "-addext", f"subjectAltName=IP:{CENTRAL_ADDRESS}"]
        run(["openssl", "req", "-x509", "-days", "30", *key, *name, "-out", "provider.crt"], cwd=self.folder)
