"""Sequence-numbered UDP between two guests, and a sniffer in a third."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from lab.vm import VirtualMachine


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
        return self.sent - self.received

    @property
    def loss_percent(self) -> float:
        return 100.0 * self.lost / self.sent if self.sent else 0.0


@dataclass(frozen=True)
class TrafficReport:
    """Both directions of one exchange."""

    forth: Direction  # a to b
    back: Direction  # b to a


class Exchange:
    """Context manager: both guests send `rate` datagrams a second to each other while it is open."""

    report: TrafficReport  # set when it closes

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
        raise NotImplementedError

    def __enter__(self) -> Exchange:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError


class Sniffer:
    """Context manager: counts, by source MAC, every frame that reaches the guest's NIC (promiscuous)."""

    frames: dict[str, int]  # source MAC -> frames; set when it closes

    def __init__(self, vm: VirtualMachine, interface: str = "eth0") -> None:
        raise NotImplementedError

    def __enter__(self) -> Sniffer:
        raise NotImplementedError

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        raise NotImplementedError
