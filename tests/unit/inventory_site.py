"""A running service and the command `ovirt-quantum inventory` beside it."""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from ovirt_quantum.command_line.inventory import app
from typer.testing import CliRunner

from tests.service import Answer, Service

BASE = """
physical_networks:
  - {name: blue, bridge: br-blue, vlan_ranges: [{minimum: 100, maximum: 199}], tags: [blue]}
  - {name: red, bridge: br-red, vlan_ranges: [{minimum: 100, maximum: 199}]}
hosts:
  - {name: h1, links: [{device: eth0, physical_network: blue, speed_mbps: 10000}]}
  - {name: h2, ovsdb: "unix:/run/h2.sock"}
network_segment_ranges:
  - {physical_network: blue, minimum: 500, maximum: 599, project: sales}
"""


class Site:
    """A service that is up, and the command on its machine.

    The command runs in the test's own process; `command` starts one, as a shell does.
    """

    def __init__(self, service: Service, token: str) -> None:
        self.service = service
        self.token = token
        self.file = service.folder / "site.yaml"

    def run(self, *arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
        """With the service's own configuration."""
        own = ["--config", self.service.folder / "quantum.toml", "--data", self.service.data]
        words = [str(argument) for argument in (*arguments, *own)]
        done = CliRunner().invoke(app, words, env=environment, catch_exceptions=False)
        return subprocess.CompletedProcess(words, done.exit_code, done.stdout, done.stderr)

    def declare(self, text: str) -> Path:
        """The file that declares this."""
        self.file.write_text(text)
        return self.file

    def apply(self, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run("apply", self.declare(text), *options)

    def diff(self, text: str, *options: str) -> subprocess.CompletedProcess[str]:
        return self.run("diff", self.declare(text), *options)

    def call(self, method: str, path: str, body: object = None) -> Answer:
        """One request to the API, as the administrator."""
        return self.service.call(method, f"/v2.0/{path}", body, self.token)

    def inventory(self) -> dict[str, Any]:
        """As the API shows it."""
        found: dict[str, Any] = self.call("GET", "inventory").body["inventory"]
        return found

    def contents(self) -> list[tuple[Any, ...]]:
        """All that a write could touch: the inventory's tables and the count of commits."""
        tables = ["physical_networks", "hosts", "links", "network_segment_ranges", "vlan_allocations", "deployment"]
        with closing(sqlite3.connect(self.service.data / "quantum.db")) as database:
            return [tuple(database.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()) for table in tables]


def command(*arguments: str | Path, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "ovirt_quantum", "inventory", *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=60,
        env={**os.environ, **environment},
    )


def use_vlan(site: Site, physical_network: str, vlan: int) -> None:
    """A network that has it."""
    network = {
        "provider:network_type": "vlan",
        "provider:physical_network": physical_network,
        "provider:segmentation_id": vlan,
    }
    assert site.call("POST", "networks", {"network": network}).status == 201
