"""A host on which ovirt-quantum-host is run: what it says, and what it changed."""

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from .open_vswitch import HostNetwork
from .provider import TOKEN, Provider

HOOKS = Path(__file__).parents[2] / "vdsm_hooks"
SYSTEM_PYTHON = Path("/usr/bin/python3").resolve()


@dataclass
class Machine:
    """A host with Open vSwitch, VDSM's hook folder and a provider in reach."""

    network: HostNetwork
    root: Path
    provider: Provider
    python: Path = SYSTEM_PYTHON

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as root on the host."""
        where = ["ip", "netns", "exec", self.network.name, str(self.python), "-m", "ovirt_quantum_host"]
        command = [*where, f"--db={self.network.db}", f"--root={self.root}", *arguments]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOOKS), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ, cwd="/")

    def does(self, *arguments: str) -> str:
        """Run; it must succeed without a complaint."""
        done = self.call(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    def refuses(self, *arguments: str) -> str:
        """Run; it must fail with a clear word and change nothing."""
        before = self.state()
        done = self.call(*arguments)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        assert self.state() == before
        return done.stderr

    def finds(self) -> str:
        """`check` of a host where something is wrong: the lines that say what."""
        done = self.call("check")
        assert done.returncode == 1, done.stdout
        return "\n".join(line for line in done.stdout.splitlines() if line.startswith("FAIL"))

    def state(self) -> tuple[list[str], dict[Path, bytes]]:
        """Everything that the command could have changed."""
        database = [self.network.vsctl("--format=json", "list", table) for table in TABLES]
        return database, {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def setup_arguments(self, tmp_path: Path) -> list[str]:
        """What an administrator would type."""
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        arguments = ["setup", "--datapath-type", "netdev", "--uplink", "wire", "--host-id", "host1.example.org"]
        return [*arguments, "--provider", self.provider.url(), "--token-file", str(tmp_path / "token")]


TABLES = ("Bridge", "Port", "Manager", "SSL")
