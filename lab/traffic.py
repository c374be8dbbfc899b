"""Sequence-numbered UDP between two guests, and a sniffer in a third (what runs there: `initramfs/traffic.c`)."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from types import TracebackType

from lab.errors import LabError
from lab.vm import VirtualMachine

_IN_FLIGHT_S = 2.0  # what was sent last may still arrive for so long


@dataclass(frozen=True)
class Direction:
    """What became of the datagrams of one direction."""

    sent: int
    received: int  # distinct sequence numbers
    duplicated: int
    reordered: int
    longest_gap_ms: int

    @property
    def lost(self) -> int:
        """Datagrams that never arrived."""
        return self.sent - self.received

    @property
    def loss_percent(self) -> float:
        """`lost` in percent of `sent`."""
        return 100.0 * self.lost / self.sent if self.sent else 0.0

    def __str__(self) -> str:
        return (
            f"{self.sent} sent, {self.lost} lost ({self.loss_percent:.1f} %), {self.duplicated} duplicated, "
            f"{self.reordered} reordered, longest gap {self.longest_gap_ms} ms"
        )


@dataclass(frozen=True)
class TrafficReport:
    """Both directions of one exchange."""

    forth: Direction  # a to b
    back: Direction  # b to a

    @classmethod
    def of_ends(cls, a: dict[str, int], b: dict[str, int]) -> TrafficReport:
        """From what `traffic stream` printed at both ends: one knows what was sent, the other what arrived."""
        return cls(forth=_direction(a, b), back=_direction(b, a))


def _direction(sender: dict[str, int], receiver: dict[str, int]) -> Direction:
    arrived = {key: receiver[key] for key in ("received", "duplicated", "reordered", "longest_gap_ms")}
    return Direction(sent=sender["sent"], **arrived)


class Exchange:
    """Context manager: both guests send `rate` datagrams a second to each other while it is open."""

    report: TrafficReport  # set when it closes without an error

    def __init__(
        self,
        a: VirtualMachine,
        a_address: str,
        b: VirtualMachine,
        b_address: str,
        *,
        rate: int = 50,
        port: int = 7000,
    ) -> None:
        self._ends = [
            _Program(a, f"stream {b_address} {port} {rate}"),
            _Program(b, f"stream {a_address} {port} {rate}"),
        ]

    def __enter__(self) -> Exchange:
        """Both listen before either sends, so that nothing is lost by starting."""
        for end in self._ends:
            end.start()
        for end in self._ends:
            end.signal("USR1")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Both stop sending before either stops listening. After an error the guests are left alone."""
        if error is not None:
            return
        for end in self._ends:
            end.signal("USR1")
        time.sleep(_IN_FLIGHT_S)
        self.report = TrafficReport.of_ends(*(end.stop() for end in self._ends))


class Sniffer:
    """Context manager: counts, by source MAC, every frame that reaches the guest's NIC (promiscuous)."""

    frames: dict[str, int]  # source MAC (lower case) -> frames; set when it closes without an error

    def __init__(self, vm: VirtualMachine, interface: str = "eth0") -> None:
        self._program = _Program(vm, f"listen {interface}")

    def heard(self, *macs: str) -> int:
        """Frames from any of these."""
        return sum(self.frames.get(mac, 0) for mac in macs)

    def __enter__(self) -> Sniffer:
        self._program.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is None:
            self.frames = self._program.stop()


class _Program:
    """`traffic ...` running in the background of a guest."""

    def __init__(self, vm: VirtualMachine, arguments: str) -> None:
        self._vm = vm
        self._arguments = arguments
        self._report = f"/run/{arguments.replace(' ', '-').replace('/', '-')}"
        self._pid = 0

    def start(self) -> None:
        ready = f"{self._report}.ready"
        background = f"traffic {self._arguments} >{self._report} 2>{ready} &"
        said = self._vm.execute(
            f"rm -f {ready}; {background} echo $!; until [ -s {ready} ]; do sleep 0.1; done; cat {ready}"
        ).split("\n", 1)
        if said[1:] != ["listening"]:
            raise LabError(f"`traffic {self._arguments}` in {self._vm.name} does not start: {said[-1]}")
        self._pid = int(said[0])

    def signal(self, name: str) -> None:
        self._vm.execute(f"kill -{name} {self._pid}")

    def stop(self) -> dict[str, int]:
        """End it; the JSON object that it printed."""
        self.signal("TERM")
        printed = self._vm.execute(f"until [ -s {self._report} ]; do sleep 0.1; done; cat {self._report}")
        report: dict[str, int] = json.loads(printed)
        return report
