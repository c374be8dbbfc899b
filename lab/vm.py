"""A virtual machine on a lab host."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from lab.guest import Guest
from lab.host import Host


class VirtualMachine:
    """A running guest; it can run shell commands, be migrated and be destroyed."""

    name: str
    host: Host  # where it runs now
    console: Path  # log of its serial console, one file through all migrations

    @classmethod
    def start(
        cls,
        host: Host,
        domain_xml: str,
        guest: Guest,
        addresses: Mapping[str, Sequence[str]],
        *,
        dirty_mib: int = 4,
    ) -> VirtualMachine:
        """Start the domain on `host` and return without waiting for its boot.

        Of `domain_xml` name, uuid, metadata and devices count; type, memory, boot and serial ports are made ours
        (`lab.domain.boot_guest`). `addresses`: MAC -> addresses with prefix length ("10.0.0.5/24", "fd00::5/64") that the
        guest gives to that NIC. It dirties `dirty_mib` MiB of its memory every 2 s. Raises LabError with libvirt's words.
        """
        raise NotImplementedError

    def wait_for_boot(self, timeout: float = 180.0) -> None:
        """Until the guest takes commands. Raises LabError with the end of the console."""
        raise NotImplementedError

    def execute(self, command: str, *, timeout: float = 30.0, check: bool = True) -> str:
        """Run a shell command in the guest over its second serial port; its output. Raises LabError."""
        raise NotImplementedError

    def ping(self, address: str, count: int = 3, interval: float = 1.0) -> int:
        """How many of `count` pings were answered."""
        raise NotImplementedError

    def migrate(self, to: Host, *, bandwidth_mib: int | None = None, timeout: float = 300.0) -> float:
        """Live-migrate as VDSM does (peer to peer), at most `bandwidth_mib` MiB/s; the seconds it took. Raises LabError."""
        raise NotImplementedError

    def destroy(self) -> None:
        """Switch it off, if it still runs."""
        raise NotImplementedError
