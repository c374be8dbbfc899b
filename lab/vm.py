"""A virtual machine on a lab host."""

from __future__ import annotations

import itertools
import os
import re
import socket
import threading
import time
import xml.etree.ElementTree as ET
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from lab.command import PATIENCE_S, wait_until
from lab.domain import boot_guest
from lab.errors import LabError
from lab.guest import Guest
from lab.host import Host


@dataclass(frozen=True)
class Copied:
    """What libvirt says of a migration: passes over the memory, what was sent more than once, the guest's pause."""

    passes: int
    again_mib: float
    downtime_ms: int


class VirtualMachine:
    """A running guest; it can run shell commands, be migrated and be destroyed."""

    def __init__(self, name: str, host: Host, console: Path) -> None:
        self.name = name
        self.host = host  # where it runs now
        self.console = console  # log of its serial console, one file through all migrations
        self._one_command = threading.Lock()
        self._command_ids = itertools.count(1)

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

        Of `domain_xml` its name, uuid, metadata and interfaces count; all else is ours (`lab.domain.boot_guest`).
        `addresses`: MAC -> addresses with prefix length ("10.0.0.5/24", "fd00::5/64") that the guest gives to that
        NIC; "dhcp": it asks for one before it is up. The guest dirties `dirty_mib` MiB of its memory every 2 s.
        Raises LabError with libvirt's words.
        """
        name = ET.fromstring(domain_xml).findtext("name", "")
        vm = cls(name, host, host.folder.parent / f"{name}.console")
        arguments = [f"address={mac.lower()},{each}" for mac, several in addresses.items() for each in several]
        booting = boot_guest(
            domain_xml,
            guest,
            [*arguments, f"dirty={dirty_mib}"],
            console=vm.console,
            commands=f"/var/lib/libvirt/{name}.commands",
        )
        vm.console.unlink(missing_ok=True)
        file = host.folder / f"{name}.xml"
        file.write_text(booting)
        host.virsh("create", str(file))
        return vm

    def wait_for_boot(self, timeout: float = 2 * PATIENCE_S) -> None:
        """Until the guest takes commands. Raises LabError with the end of the console."""
        try:
            wait_until(lambda: "lab guest is up" in self._console_text(), f"{self.name} does not boot", timeout)
        except LabError as error:
            raise LabError(f"{error}; its console ends with: {self._console_text()[-500:]}") from error

    def execute(self, command: str, *, timeout: float = PATIENCE_S, check: bool = True) -> str:
        """Run a shell command (one line) in the guest over its second serial port; its output.

        Raises LabError if it takes longer than `timeout` seconds or, with `check`, exits non-zero.
        """
        with self._one_command, socket.socket(socket.AF_UNIX) as line:
            try:
                line.connect(str(self.host.libvirt_folder / f"{self.name}.commands"))
                code, output = _converse(line, f"{os.getpid()}.{next(self._command_ids)}", command, timeout)
            except OSError as error:
                raise LabError(f"{self.name} on {self.host.name} did not answer `{command}`: {error}") from error
        if check and code:
            raise LabError(f"`{command}` in {self.name} failed with exit code {code}: {output}")
        return output

    def ping(self, address: str, count: int = 3, interval: float = 1.0) -> int:
        """How many of `count` pings were answered."""
        ping = f"ping -c {count} -i {interval} -W 2 {address}"
        said = self.execute(ping, timeout=count * (interval + 2.0) + PATIENCE_S, check=False)
        found = re.search(r"(\d+) packets received", said)
        if not found:
            raise LabError(f"{self.name} cannot ping {address}: {said}")
        return int(found[1])

    def migrate(self, to: Host, *, bandwidth_mib: int | None = None, timeout: float = 600.0) -> float:
        """Live-migrate as VDSM does (peer to peer), at most `bandwidth_mib` MiB/s; the seconds it took.

        Some 140 MiB are to be copied: 35 s at 4 MiB/s, somewhat more than a minute at 2. It never ends if what the
        guest dirties every 2 s (`dirty_mib`) cannot be copied in less: use 3 or less at 2 MiB/s.

        In a VLAN it costs what is sent to the guest in the tenth of a second in which it is paused, and nothing that
        it sends: libvirt plugs the new tap, with its tag, before the copying begins, and a paused guest is silent,
        so no switch is in doubt where the MAC lives until QEMU's RARPs and the guest's gratuitous ARPs (some ten of
        them in the first second) come from the new host.

        Raises LabError with libvirt's words; the machine then still runs where it was.
        """
        throttle = [] if bandwidth_mib is None else ["--bandwidth", str(bandwidth_mib)]
        where = [f"qemu+tcp://{to.address}/system", "--migrateuri", f"tcp://{to.address}"]
        began = time.monotonic()
        try:
            self.host.virsh("migrate", "--live", "--p2p", *throttle, self.name, *where, timeout=timeout)
        except LabError:
            self.abort_migration()  # peer to peer, the two libvirtds would go on without us
            raise
        self.host = to
        return time.monotonic() - began

    def copied(self) -> Copied:
        """How its memory was copied by the migration that brought it here. Raises LabError if none did."""
        said = self.host.virsh("domjobinfo", self.name, "--completed")
        fields = dict(re.findall(r"^([\w ]+): +([\d.]+)", said, re.MULTILINE))
        try:
            pages = int(fields["Constant pages"]) + int(fields["Normal pages"])
            return Copied(
                passes=int(fields["Iteration"]),
                again_mib=pages * int(fields["Page size"]) / 2**20 - float(fields["Memory total"]),
                downtime_ms=int(fields["Total downtime"]),
            )
        except KeyError as missing:
            raise LabError(f"libvirt tells no {missing} of the migration of {self.name}: {said}") from None

    def abort_migration(self) -> None:
        """Stop the migration that is under way, if there is one; the machine goes on where it was."""
        self.host.run(["virsh", "-c", "qemu:///system", "domjobabort", self.name], check=False)

    def destroy(self) -> None:
        """Switch it off, if it still runs."""
        if self.name in self.host.virsh("list", "--name").split():
            self.host.virsh("destroy", self.name)

    def _console_text(self) -> str:
        return self.console.read_text(errors="replace") if self.console.exists() else ""


def _converse(line: socket.socket, command_id: str, command: str, timeout: float) -> tuple[int, str]:
    """Exit code and output of `command`, as `initramfs/init` answers it. Raises OSError."""
    if "\n" in command:
        raise LabError(f"a guest's command is one line: {command!r}")
    line.sendall(f"{command_id} {command}\n".encode())
    answer = re.compile(rf"^{re.escape(command_id)} begin\n(.*)^{re.escape(command_id)} end (\d+)\n", re.M | re.S)
    said = b""
    deadline = time.monotonic() + timeout
    while not (found := answer.search(said.decode(errors="replace"))):
        line.settimeout(max(deadline - time.monotonic(), 0.001))
        chunk = line.recv(65536)
        if not chunk:
            raise ConnectionResetError("its serial line was closed")
        said += chunk
    return int(found[2]), found[1].strip("\n")
