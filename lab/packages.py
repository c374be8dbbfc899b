"""The Debian packages that the lab and the tests need. Standard library only: it runs before anything is installed."""

from __future__ import annotations

import os
from collections.abc import Iterable

from lab.command import run
from lab.errors import LabError

LAB = {
    "busybox-static": "all commands of the guest",
    "cpio": "packs the guest's initramfs",
    "ethtool": "switches off checksum offload, which the user-space datapath does not know",
    "gcc": "compiles the guest's traffic tool",
    "iproute2": "network namespaces, bridges and veths",
    "libc6-dev": "compiles the guest's traffic tool",
    "libvirt-clients": "virsh",
    "libvirt-daemon-system": "libvirtd",
    "openssl": "the provider's certificate",
    "ovn-central": "OVN's databases and northd",
    "ovn-host": "ovn-controller",
    "openvswitch-switch": "ovsdb-server and ovs-vswitchd",
    "python3": "runs the hooks, as on a host",
    "python3-venv": "makes the project's virtual environment",
    "qemu-system-x86": "the virtual machines",
    "tcpdump": "looks at the wire",
    "util-linux": "nsenter and unshare",
}
TESTS = {
    "iputils-ping": "asks from namespace to namespace",
    "isc-dhcp-client": "asks for DHCPv6 leases",
    "mariadb-server": "one of the three databases",
    "postgresql": "one of the three databases",
    "rpm": "reads the spec file",
    "sudo": "visudo checks the sudoers file",
}
_UNATTENDED = {"DEBIAN_FRONTEND": "noninteractive"}


def missing(wanted: Iterable[str]) -> list[str]:
    """Which of them are not installed."""
    listed = run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *wanted], check=False).stdout
    installed = {line.removesuffix(" installed") for line in listed.splitlines() if line.endswith(" installed")}
    return sorted(set(wanted) - installed)


def install(*, for_tests: bool = False) -> list[str]:
    """Install what is missing with apt-get; the names. Raises LabError, without root too."""
    wanted = missing(LAB | TESTS if for_tests else LAB)
    if not wanted:
        return []
    if os.geteuid():
        raise LabError(f"these packages are missing: {' '.join(wanted)}; install them with apt-get or try with sudo")
    run(["apt-get", "update", "-q"], timeout=300, env=_UNATTENDED)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *wanted], timeout=1800, env=_UNATTENDED)
    return wanted
