"""A network namespace and the processes in it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from lab.command import PATIENCE_S, Argv, run
from lab.errors import LabError

_CLONE_NEWNET = 0x40000000  # sched.h
_libc = ctypes.CDLL(None, use_errno=True)


class Namespace:
    """A named network namespace (ip-netns(8))."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.path = Path("/run/netns", name)

    @property
    def exists(self) -> bool:
        return self.path.exists()

    def create(self) -> None:
        """Make it, with its loopback up. Raises LabError."""
        run(["ip", "netns", "add", self.name])
        self.ip("link", "set", "lo", "up")

    def delete(self) -> None:
        """End every process in it, then remove it with all its devices. Does nothing if it is not there."""
        if self.exists:
            self.end_processes()
            run(["ip", "netns", "del", self.name])

    def ip(self, *arguments: str) -> str:
        """`ip arguments` on the devices here; its output. Raises LabError."""
        return run(["ip", "-n", self.name, *arguments]).stdout

    def run(
        self,
        argv: Argv,
        *,
        timeout: float = PATIENCE_S,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here, for `timeout` seconds at most, `env` added to ours. Raises LabError."""
        return run(self.argv(argv), timeout=timeout, check=check, env=env, stdin=stdin)

    def popen(self, argv: Argv, *, log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a command that stays, its output appended to `log`; it ends with the namespace at the latest."""
        with log.open("ab") as output:
            return subprocess.Popen(
                self.argv(argv),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env={**os.environ, **(env or {})},
                start_new_session=True,
            )

    def argv(self, argv: Argv) -> list[str]:
        """`argv` so that it runs here; each step is an exec, so the process id is the command's own."""
        return ["nsenter", f"--net={self.path}", "--", *map(str, argv)]

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put the calling thread into this namespace: sockets it opens meanwhile belong here (setns(2))."""
        with Path("/proc/thread-self/ns/net").open() as home, self.path.open() as there:
            _setns(there.fileno())
            try:
                yield
            finally:
                _setns(home.fileno())

    def processes(self) -> list[int]:
        """Ids of all processes whose network is this one; never our own, even while `entered`."""
        if not self.exists:
            return []
        listed = run(["ip", "netns", "pids", self.name]).stdout.split()
        return [pid for pid in map(int, listed) if pid != os.getpid()]

    def end_processes(self, how: signal.Signals = signal.SIGTERM, patience: float = 5.0) -> None:
        """Send every process here `how`; kill what lives after `patience` seconds. Raises LabError."""
        self._signal(how)
        if not self._emptied_within(patience):
            self._signal(signal.SIGKILL)
            if not self._emptied_within(10.0):
                raise LabError(f"processes {self.processes()} in {self.name} survive even SIGKILL")

    def _signal(self, number: signal.Signals) -> None:
        for pid in self.processes():
            with suppress(ProcessLookupError):
                os.kill(pid, number)

    def _emptied_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.processes():
            if time.monotonic() > deadline:
                return False
            time.sleep(0.05)
        return True


def _setns(descriptor: int) -> None:
    if _libc.setns(descriptor, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), "setns")
