"""A host's real Open vSwitch in a network namespace of its own: user space datapath, files in one folder."""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ovirt_quantum.model import Host
from ovirt_quantum.plugin import Context, Observed
from ovirt_quantum_ovs import OvsPlugin

from lab.namespace import Namespace

_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
_OFFLOADS_OFF = ["tx", "off", "rxvlan", "off", "txvlan", "off"]


class OvsHost:
    """ovsdb-server and ovs-vswitchd, with the bridge br-int. `ovsdb` is its address for the plugin.

    ovsdb-server has no network of its own, so that a test can dial it by TLS on the machine's loopback.
    """

    def __init__(self, name: str, folder: Path, prefix: str) -> None:
        self.name = name
        self.folder = folder / name
        self.netns = Namespace(f"{prefix}-{name}")
        self.socket = self.folder / "db.sock"
        self.ovsdb = f"unix:{self.socket}"
        self.database = self.folder / "conf.db"
        self.vms: dict[str, Vm] = {}
        self._prefix = prefix
        self._server: subprocess.Popen[bytes] | None = None
        self._switch: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True)
        self.netns.create()
        self.netns.run(["ovsdb-tool", "create", self.database, _SCHEMA])
        self.start_ovsdb()
        self.vsctl("--no-wait", "init")
        log = self.folder / "ovs-vswitchd.log"
        files = {"OVS_RUNDIR": str(self.folder), "OVS_LOGDIR": str(self.folder)}
        self._switch = self.netns.popen(
            ["ovs-vswitchd", f"--unixctl={self.folder}/ovs-vswitchd.ctl", self.ovsdb], log=log, env=files
        )
        self.vsctl("add-br", "br-int", "--", "set", "Bridge", "br-int", "datapath_type=netdev")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for vm in list(self.vms.values()):
            vm.destroy()
        self.netns.delete()
        self.kill_ovsdb()

    def _start_vswitchd(self) -> None:
        files = {"OVS_RUNDIR": str(self.folder), "OVS_LOGDIR": str(self.folder)}
        argv = ["ovs-vswitchd", f"--unixctl={self.folder}/ovs-vswitchd.ctl", self.ovsdb]
        self._switch = self.netns.popen(argv, log=self.folder / "ovs-vswitchd.log", env=files)

    @property
    def answers(self) -> bool:
        """Whether its ovsdb-server runs."""
        return self._server is not None

    def start_ovsdb(self, *arguments: str) -> None:
        """Starts ovsdb-server on the database that is there. Does nothing if it runs."""
        if self._server is None:
            argv = ["ovsdb-server", f"--unixctl={self.folder}/ovsdb-server.ctl", str(self.database)]
            with (self.folder / "ovsdb-server.log").open("ab") as log:
                self._server = subprocess.Popen([*argv, f"--remote=p{self.ovsdb}", *arguments], stdout=log, stderr=log)
            until(lambda: self.try_vsctl("show"), f"ovsdb-server of {self.name} does not answer")

    def kill_ovsdb(self) -> None:
        """Ends ovsdb-server as a crash does."""
        if self._server is not None:
            self._server.kill()
            self._server.wait(10)
            self._server = None

    def freeze_ovsdb(self) -> None:
        """ovsdb-server lives, accepts, and says nothing."""
        assert self._server is not None
        self._server.send_signal(signal.SIGSTOP)

    def thaw_ovsdb(self) -> None:
        assert self._server is not None
        self._server.send_signal(signal.SIGCONT)

    @contextmanager
    def frozen_vswitchd(self) -> Iterator[None]:
        """ovs-vswitchd stands still meanwhile."""
        assert self._switch is not None
        self._switch.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._switch.send_signal(signal.SIGCONT)

    def vsctl(self, *arguments: str) -> str:
        """`ovs-vsctl arguments`, its output stripped."""
        return self.netns.run(["ovs-vsctl", f"--db={self.ovsdb}", "--timeout=10", *arguments]).stdout.strip()

    def try_vsctl(self, *arguments: str) -> bool:
        command = ["ovs-vsctl", f"--db={self.ovsdb}", "--timeout=1", *arguments]
        return self.netns.run(command, check=False).returncode == 0

    def rows(self, table: str) -> list[dict[str, Any]]:
        """All rows, columns in the JSON form of RFC 7047 (sets and maps unpacked to lists and dicts)."""
        listed = json.loads(self.vsctl("--format=json", "list", table))
        return [dict(zip(listed["headings"], map(_plain, row), strict=True)) for row in listed["data"]]

    def row(self, table: str, name: str) -> dict[str, Any]:
        return next(row for row in self.rows(table) if row["name"] == name)

    def transactions(self, comment: str) -> int:
        """How many transactions with this comment the database's own log holds."""
        return self.database.read_bytes().count(f'"_comment":"{comment}'.encode())

    def plug(self, port_id: str, device: str, *, tag: int | None = None, bridge: str = "br-int") -> "Vm":
        """A VM starts: a device appears and is added to the switch as libvirt adds a tap."""
        vm = Vm(self, device, Namespace(f"{self._prefix}-{self.name}-{device}"))
        self.vms[device] = vm
        vm.create()
        vlan = [f"tag={tag}"] if tag is not None else []
        ids = [f"external_ids:iface-id={port_id}", "external_ids:iface-status=active"]
        self.vsctl("--may-exist", "add-port", bridge, device, *vlan, "--", "set", "Interface", device, *ids)
        return vm

    def clear(self) -> None:
        """Ends all VMs and takes away all but the bare bridge."""
        for vm in list(self.vms.values()):
            vm.destroy()
        for bridge in self.vsctl("list-br").split():
            for port in self.vsctl("list-ports", bridge).split():
                self.vsctl("del-port", bridge, port)
            if bridge != "br-int":
                self.vsctl("del-br", bridge)
        self.vsctl("--all", "destroy", "QoS", "--", "--all", "destroy", "Queue")


class OvsHosts:
    """Makes plugins that dial these hosts."""

    def __init__(self, *hosts: OvsHost, **settings: object) -> None:
        self.hosts = hosts
        self._settings = {"timeout": 3} | settings

    def plugin(self, deployment: str, observe: Callable[[Sequence[Observed]], None]) -> OvsPlugin:
        plugin = OvsPlugin(Context(deployment, self._settings, observe, frozenset({"vlan", "flat"})))
        plugin.hosts(declared(*self.hosts))
        return plugin


def declared(*hosts: OvsHost) -> list[Host]:
    """The hosts as the inventory has them."""
    return [Host(name=host.name, ovsdb=host.ovsdb) for host in hosts]


class Vm:
    """A namespace that stands for a guest; its eth0 is the other end of a device of the host."""

    def __init__(self, host: OvsHost, device: str, netns: Namespace) -> None:
        self.host = host
        self.device = device
        self.netns = netns

    def create(self) -> None:
        self.netns.create()
        self.host.netns.ip("link", "add", "dev", self.device, "type", "veth", "peer", "name", "eth0",
                           "netns", self.netns.name)  # fmt: skip
        for netns, device in ((self.host.netns, self.device), (self.netns, "eth0")):
            netns.run(["ethtool", "-K", device, *_OFFLOADS_OFF])
            netns.ip("link", "set", "dev", device, "up")

    def destroy(self) -> None:
        """The VM ends: libvirt takes its port out of the switch."""
        del self.host.vms[self.device]
        self.host.vsctl("--if-exists", "del-port", self.device)
        self.host.netns.ip("link", "del", "dev", self.device)  # with its namespace it would go some time later
        self.netns.delete()

    def has_address(self, address: str) -> "Vm":
        self.netns.ip("addr", "add", f"{address}/24", "dev", "eth0")
        return self

    def hears_of(self, address: str, *, tries: int = 3) -> bool:
        """Whether any of a few pings to the address is answered."""
        ping = ["ping", "-c", str(tries), "-i", "0.2", "-W", "1", "-w", "2", address]
        return self.netns.run(ping, check=False).returncode == 0


def until(happened: Callable[[], bool], complaint: str, seconds: float = 10.0) -> None:
    """Fails with the complaint if it has not happened after some seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{complaint} (after {seconds:g} s)"
        time.sleep(0.05)


def unique_prefix() -> str:
    """Of namespaces: test runs of several people share a machine."""
    return f"oq{os.getpid()}"


def _plain(value: Any) -> Any:
    """RFC 7047, section 5.1: <value>."""
    if not isinstance(value, list) or len(value) != 2:
        return value
    kind, content = value
    if kind == "set":
        return [_plain(item) for item in content]
    if kind == "map":
        return {_plain(key): _plain(item) for key, item in content}
    return content
