"""A host's Open vSwitch for a test: real daemons, user-space data path, in a network namespace of its own."""

import ctypes
import itertools
import os
import subprocess
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
CLONE_NEWNET = 0x40000000  # sched.h
T = TypeVar("T")
numbers = itertools.count()


class HostNetwork:
    """Namespace, ovsdb-server and ovs-vswitchd; all of it goes away at the end."""

    def __init__(self, folder: Path) -> None:
        self.name = f"oqh{os.getpid()}-{next(numbers)}"
        self.db = f"unix:{folder}/db.sock"
        self._folder = folder
        self._daemons: list[subprocess.Popen[bytes]] = []

    def __enter__(self) -> Self:
        run("ip", "netns", "add", self.name)
        run("ip", "-n", self.name, "link", "set", "lo", "up")
        run("ovsdb-tool", "create", f"{self._folder}/conf.db", SCHEMA)
        remotes = [f"--remote=p{self.db}", "--remote=db:Open_vSwitch,Open_vSwitch,manager_options"]
        keys = [f"--{option}=db:Open_vSwitch,SSL,{column}" for option, column in TLS]
        self._start("ovsdb-server", f"{self._folder}/conf.db", *remotes, *keys)
        self._await(lambda: (self._folder / "db.sock").exists())
        run("ovs-vsctl", f"--db={self.db}", "--no-wait", "init")
        self._start("ovs-vswitchd", self.db)
        self._await(lambda: (self._folder / "ovs-vswitchd.pid").exists())
        self.vsctl("set", "Open_vSwitch", ".", 'external_ids:system-id="chassis-7"')
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for daemon in reversed(self._daemons):
            daemon.kill()
            daemon.wait(10)
        run("ip", "netns", "del", self.name)

    def stop_vswitchd(self) -> None:
        """As after a crash."""
        self._daemons[1].kill()
        self._daemons[1].wait(10)

    def vsctl(self, *arguments: str) -> str:
        """One ovs-vsctl command."""
        return run("ovs-vsctl", "--timeout=10", f"--db={self.db}", *arguments).strip()

    def ip(self, *arguments: str) -> str:
        """ip(8) in the namespace."""
        return run("ip", "-n", self.name, *arguments)

    def inside(self, call: Callable[[], T]) -> T:
        """Call where sockets are made in the namespace; they stay there when served from here."""
        outcome: list[T] = []

        def enter() -> None:
            with open(f"/run/netns/{self.name}") as namespace:
                assert ctypes.CDLL(None).setns(namespace.fileno(), CLONE_NEWNET) == 0
            outcome.append(call())

        thread = threading.Thread(target=enter)
        thread.start()
        thread.join(10)
        return outcome[0]

    def _start(self, program: str, *arguments: str) -> None:
        command = ["ip", "netns", "exec", self.name, program, *arguments, "--pidfile"]
        with open(self._folder / f"{program}.log", "wb") as log:
            environ = {**os.environ, "OVS_RUNDIR": str(self._folder)}
            self._daemons.append(subprocess.Popen(command, stdout=log, stderr=log, env=environ))

    def _await(self, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 10
        while not ready():
            assert time.monotonic() < deadline, f"not ready, see {self._folder}"
            time.sleep(0.02)


TLS = (("private-key", "private_key"), ("certificate", "certificate"), ("ca-cert", "ca_cert"))


def run(*argv: str) -> str:
    """Run, bounded; what it printed."""
    done = subprocess.run(argv, capture_output=True, text=True, timeout=20, check=False)
    assert done.returncode == 0, f"{argv}: {done.stderr}"
    return done.stdout
