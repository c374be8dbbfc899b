"""One oVirt host: a network, mount and UTS namespace of its own with ovsdb-server, ovs-vswitchd and libvirtd."""

from __future__ import annotations

import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.namespace import Namespace


class Host:
    """A hypervisor. Inside it these paths are its own: /etc/ovirt-quantum, /usr/libexec/vdsm/hooks, /etc/libvirt,
    /run/libvirt, /var/lib/libvirt, /var/log/libvirt and /run/openvswitch."""

    name: str  # its hostname and its OVS system-id, "host1"
    address: str  # on the management and migration network, "172.30.0.1"
    netns: Namespace
    folder: Path
    conf_folder: Path  # seen inside as /etc/ovirt-quantum
    hooks_folder: Path  # seen inside as /usr/libexec/vdsm/hooks
    ovsdb: str  # "unix:/...": its OVSDB as reached from outside, by the provider too

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        timeout: float = 30.0,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command inside all namespaces of the host, working folder /, `env` added to ours. Raises LabError."""
        raise NotImplementedError

    def ovs_vsctl(self, *arguments: str) -> str:
        """`ovs-vsctl arguments` on this host; its output without the last newline. Raises LabError."""
        raise NotImplementedError

    def virsh(self, *arguments: str, timeout: float = 30.0) -> str:
        """`virsh -c qemu:///system arguments` on this host; its output, stripped. Raises LabError."""
        raise NotImplementedError

    def up(self) -> None:
        """Switch the host on; its OVSDB keeps what it held."""
        raise NotImplementedError

    def down(self) -> None:
        """Pull the host's plug: every process in it is killed, its VMs with them. Cables and files stay."""
        raise NotImplementedError

    def stop_ovsdb(self, how: signal.Signals = signal.SIGTERM) -> None:
        """End ovsdb-server alone."""
        raise NotImplementedError

    def start_ovsdb(self) -> None:
        """Start ovsdb-server again on the same database file."""
        raise NotImplementedError
