"""One oVirt host: a network, mount and UTS namespace of its own with ovsdb-server, ovs-vswitchd and libvirtd."""

from __future__ import annotations

import os
import shlex
import shutil
import signal
import subprocess
import uuid
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from lab.command import PATIENCE_S, Argv, run, wait_until
from lab.errors import LabError
from lab.namespace import Namespace

DATA_NIC = "data0"  # the host's end of the data network, in br-int
_SCHEMA = "/usr/share/openvswitch/vswitch.ovsschema"
_SOCKET_PATH_LIMIT = 107  # bytes in sockaddr_un, unix(7)

# QEMU as root and without cgroups or mount namespaces of its own: the host is a namespace already.
_QEMU_CONF = """\
user = "root"
group = "root"
security_driver = "none"
remember_owner = 0
stdio_handler = "file"
namespaces = []
cgroup_controllers = []
"""
_LIBVIRTD_CONF = """\
host_uuid = "{host_uuid}"
listen_tls = 0
listen_tcp = 1
auth_tcp = "none"
"""


class Host:
    """A hypervisor. Inside it these folders are its own: /etc/ovirt-quantum, /usr/libexec/vdsm/hooks,
    /etc/libvirt, /run/libvirt, /var/lib/libvirt, /var/log/libvirt, /run/openvswitch and /run/ovn."""

    def __init__(self, name: str, address: str, netns: Namespace, folder: Path) -> None:
        self.name = name  # its hostname and its OVS system-id, "host1"
        self.address = address  # on the management and migration network, "172.30.0.1"
        self.netns = netns
        self.folder = folder
        self.conf_folder = folder / "conf"  # seen inside as /etc/ovirt-quantum
        self.hooks_folder = folder / "hooks"  # seen inside as /usr/libexec/vdsm/hooks
        self.libvirt_folder = folder / "libvirt-lib"  # seen inside as /var/lib/libvirt
        self.ovsdb = f"unix:{folder}/ovs/db.sock"  # its OVSDB as reached from outside, by the provider too
        self._keeper_file = folder / "keeper.pid"

    @property
    def is_up(self) -> bool:
        """Whether the process that holds its namespaces lives."""
        return self._keeper_file.exists() and self._keeper() in self.netns.processes()

    def run(
        self,
        argv: Argv,
        *,
        timeout: float = PATIENCE_S,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside the host, in its folder /, with `env` added to ours. Raises LabError."""
        return run(self.argv(argv), timeout=timeout, check=check, env=env, stdin=stdin)

    def argv(self, argv: Argv) -> list[str]:
        """`argv` so that it runs inside the host. Raises LabError if the host is down."""
        if not self._keeper_file.exists():
            raise LabError(f"{self.name} is down; start it with up()")
        enter = ["nsenter", f"--target={self._keeper()}", "--mount", "--net", "--uts", "--wd=/", "--"]
        return [*enter, *map(str, argv)]

    def ovs_vsctl(self, *arguments: str) -> str:
        """`ovs-vsctl arguments` on this host; its output without the last newline. Raises LabError."""
        return self.run(["ovs-vsctl", "--timeout=60", *arguments]).stdout.rstrip("\n")

    def virsh(self, *arguments: str, timeout: float = PATIENCE_S) -> str:
        """`virsh -c qemu:///system arguments` on this host; its output, stripped. Raises LabError."""
        return self.run(["virsh", "-c", "qemu:///system", *arguments], timeout=timeout).stdout.strip()

    def interface_of(self, port_id: str) -> str:
        """The name of the OVS interface (and port) whose iface-id is `port_id`; "" if none is. Raises LabError."""
        which = f"external_ids:iface-id={port_id}"
        return self.ovs_vsctl("--bare", "--columns=name", "find", "Interface", which)

    def up(self) -> None:
        """Switch the host on; its OVSDB keeps what it held. Raises LabError."""
        shutil.rmtree(self.folder / "libvirt-run", ignore_errors=True)  # /run does not outlive a reboot
        self._write_files()
        self._make_namespaces()
        self.start_ovsdb()
        self._start_vswitchd()
        self._start_libvirtd()

    def down(self) -> None:
        """Pull the host's plug: every process in it is killed, its VMs with them. Cables and files stay."""
        self._keeper_file.unlink(missing_ok=True)
        self.netns.end_processes(signal.SIGKILL)

    def start_ovsdb(self) -> None:
        """Start ovsdb-server, on the database file that is there."""
        if not (self.folder / "ovs/conf.db").exists():
            self.run(["ovsdb-tool", "create", "/run/openvswitch/conf.db", _SCHEMA])
        remote = "--remote=punix:/run/openvswitch/db.sock"
        self._start_daemon("ovsdb-server", "/run/openvswitch/conf.db", remote)

    def stop_ovsdb(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End ovsdb-server alone, by SIGTERM or SIGKILL. Raises LabError if it survives.

        Here the host's VMs are cut off meanwhile: ovs-vswitchd (3.1) rests while it has no OVSDB, and the user-space
        datapath moves packets of veths and taps in its main thread. The kernel's datapath would forward on.
        """
        pid = int((self.folder / "ovs/ovsdb-server.pid").read_text())
        if pid not in self.netns.processes():
            return
        with suppress(ProcessLookupError):
            os.kill(pid, how)
        wait_until(lambda: pid not in self.netns.processes(), f"ovsdb-server of {self.name} does not end")

    def _start_vswitchd(self) -> None:
        self.ovs_vsctl("--no-wait", "init")
        self.ovs_vsctl("--no-wait", "set", "Open_vSwitch", ".", f"external-ids:system-id={self.name}")
        self._start_daemon("ovs-vswitchd", "unix:/run/openvswitch/db.sock")
        user_space = "datapath_type=netdev"  # works without the openvswitch kernel module
        self.ovs_vsctl("--may-exist", "add-br", "br-int", "--", "set", "Bridge", "br-int", user_space)
        if self.run(["ovs-vsctl", "port-to-br", DATA_NIC], check=False).returncode:  # it may be in another by now
            self.ovs_vsctl("add-port", "br-int", DATA_NIC)

    def _start_daemon(self, program: str, *arguments: str) -> None:
        files = [f"--pidfile=/run/openvswitch/{program}.pid", f"--log-file=/run/openvswitch/{program}.log"]
        self.run([program, *arguments, *files, "--detach", "--no-chdir"])

    def _start_libvirtd(self) -> None:
        self.run(["libvirtd", "--daemon", "--listen", "--pid-file=/run/libvirt/libvirtd.pid"])
        reached = ["virsh", "-c", "qemu:///system", "uri"]
        complaint = f"libvirtd of {self.name} does not answer; see {self.folder}/libvirt-log"
        wait_until(lambda: self.run(reached, check=False).returncode == 0, complaint)

    def _mounts(self) -> dict[Path, str]:
        return {
            self.conf_folder: "/etc/ovirt-quantum",
            self.hooks_folder: "/usr/libexec/vdsm/hooks",
            self.folder / "libvirt-etc": "/etc/libvirt",
            self.folder / "libvirt-run": "/run/libvirt",
            self.libvirt_folder: "/var/lib/libvirt",
            self.folder / "libvirt-log": "/var/log/libvirt",
            self.folder / "ovs": "/run/openvswitch",
            self.folder / "ovn": "/run/ovn",
        }

    def _write_files(self) -> None:
        socket = f"{self.folder}/ovs/db.sock"
        if len(socket.encode()) > _SOCKET_PATH_LIMIT:
            raise LabError(f"{socket} is too long for a Unix socket; give the lab a shorter folder")
        for inner in self._mounts():
            inner.mkdir(parents=True, exist_ok=True)
        host_uuid = uuid.uuid5(uuid.NAMESPACE_OID, self.netns.name)
        (self.folder / "libvirt-etc/qemu.conf").write_text(_QEMU_CONF)
        (self.folder / "libvirt-etc/libvirtd.conf").write_text(_LIBVIRTD_CONF.format(host_uuid=host_uuid))

    def _make_namespaces(self) -> None:
        """Leave behind a sleeping process that holds them; mounts made in them vanish with the last process."""
        steps = ["set -e"]
        for inner, seen in self._mounts().items():
            # An empty mount point may stay on the machine: removing it could hit another lab's mount.
            steps += [shlex.join(["mkdir", "-p", seen]), shlex.join(["mount", "--bind", str(inner), seen])]
        steps += [f"hostname {self.name}", "setsid sleep infinity >/dev/null 2>&1 & echo $!"]
        unshare = ["ip", "netns", "exec", self.netns.name, "unshare", "--mount", "--uts", "--propagation=private"]
        self._keeper_file.write_text(run([*unshare, "sh", "-c", "\n".join(steps)]).stdout)

    def _keeper(self) -> int:
        return int(self._keeper_file.read_text())
