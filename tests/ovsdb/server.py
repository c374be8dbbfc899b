"""A real ovsdb-server with one of OVN's schemas, the northbound one by default, in a folder of its own."""

import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

SCHEMA = "/usr/share/ovn/ovn-nb.ovsschema"
NORTHBOUND = "OVN_Northbound"


class OvsdbServer:
    """Serves `folder`/nb.db at `remote`; killed at the end."""

    def __init__(self, folder: Path, *arguments: str, schema: str = SCHEMA) -> None:
        self.folder = folder
        self.remote = f"unix:{folder}/nb.sock"
        self._arguments = arguments
        self._schema = schema
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        if not (self.folder / "nb.db").exists():
            run("ovsdb-tool", "create", f"{self.folder}/nb.db", self._schema)
        try:
            self.start()
        except BaseException:
            self.kill()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.kill()

    @property
    def runs(self) -> bool:
        return self._process is not None

    def start(self) -> None:
        """On the database as it is; returns when it listens."""
        socket_file = self.folder / "nb.sock"
        socket_file.unlink(missing_ok=True)
        argv = ["ovsdb-server", f"--unixctl={self.folder}/ctl", f"--remote=p{self.remote}", *self._arguments]
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen([*argv, f"{self.folder}/nb.db"], stdout=log, stderr=log)
        until(socket_file.exists, 10)

    def kill(self) -> None:
        """As a crash does."""
        if self._process is not None:
            self._process.kill()
            self._process.wait(10)
            self._process = None

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """It lives, accepts, and says nothing."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._process.send_signal(signal.SIGCONT)

    def appctl(self, *arguments: str) -> str:
        """ovs-appctl(8) on it."""
        return run("ovs-appctl", "--timeout=5", "-t", f"{self.folder}/ctl", *arguments)


def run(*argv: str) -> str:
    """Run, bounded; what it printed."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
    return done.stdout


def until(true: Callable[[], object], seconds: float) -> None:
    """Waits for it, failing after so many seconds."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it did not come true"
        time.sleep(0.01)


def free_port() -> int:
    """A TCP port of the loopback that nobody has now."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])
