"""The Debian packages that the lab needs."""

from __future__ import annotations

import os

from lab.command import run
from lab.errors import LabError

PACKAGES = {
    "busybox-static": "all commands of the guest",
    "cpio": "packs the guest's initramfs",
    "ethtool": "switches off checksum offload, which the user-space datapath does not know",
    "gcc": "compiles the guest's traffic tool",
    "iproute2": "network namespaces, bridges and veths",
    "libc6-dev": "compiles the guest's traffic tool",
    "libvirt-clients": "virsh",
    "libvirt-daemon-system": "libvirtd",
    "openvswitch-switch": "ovsdb-server and ovs-vswitchd",
    "qemu-system-x86": "the virtual machines",
    "tcpdump": "looks at the wire",
    "util-linux": "nsenter and unshare",
}
_UNATTENDED = {"DEBIAN_FRONTEND": "noninteractive"}


def missing() -> list[str]:
    """Which of PACKAGES are not installed."""
    listed = run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n", *PACKAGES], check=False).stdout
    installed = {line.removesuffix(" installed") for line in listed.splitlines() if line.endswith(" installed")}
    return sorted(PACKAGES.keys() - installed)


def install() -> list[str]:
    """Install what is missing with apt-get; the names. Raises LabError, without root too."""
    wanted = missing()
    if not wanted:
        return []
    if os.geteuid():
        raise LabError(f"these packages are missing: {' '.join(wanted)}; install them with apt-get or try with sudo")
    run(["apt-get", "update", "-q"], timeout=300, env=_UNATTENDED)
    run(["apt-get", "install", "-q", "-y", "--no-install-recommends", *wanted], timeout=1800, env=_UNATTENDED)
    return wanted
