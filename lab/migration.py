"""A live migration under traffic, and what must hold of it for the story to be believed."""

from __future__ import annotations

import time
from dataclasses import dataclass

from lab.errors import LabError
from lab.host import Host
from lab.stage import Stage
from lab.traffic import Direction, Exchange, TrafficReport
from lab.vm import Copied

RATE = 50
"""Datagrams a second that each guest sends."""
MOST_LOST_PERCENT = 1.0
LEAST_LOST = RATE // 2
"""Datagrams, half a second of traffic, that may be lost also where that is more than 1 %, in a migration of less than
a minute: a VM stands still at the hand-over, for a tenth of a second on a machine at rest, for longer on a busy one."""
LONGEST_GAP_MS = 5000
LEAST_AGAIN_MIB = 1.0


@dataclass(frozen=True)
class Migration:
    """What was measured."""

    seconds: float
    copied: Copied
    traffic: TrafficReport  # of a, which moves, and b, which stays

    def check(self, least_s: float) -> None:
        """Raises LabError where this does not show that a VM at work keeps its network for at least `least_s` s."""
        if self.seconds < least_s:
            raise LabError(f"the migration took {self.seconds:.0f} s; less than {least_s:.0f} s hides faults")
        if self.copied.again_mib < LEAST_AGAIN_MIB:
            raise LabError(f"the guest's memory did not change while it was copied: {self.copied}")
        _check_traffic("a to b", self.traffic.forth, self.seconds)
        _check_traffic("b to a", self.traffic.back, self.seconds)

    def __str__(self) -> str:
        return (
            f"{self.seconds:.0f} s, {self.copied.passes} passes over its memory, "
            f"{self.copied.again_mib:.1f} MiB copied again, at rest for {self.copied.downtime_ms} ms; "
            f"a to b: {self.traffic.forth}; b to a: {self.traffic.back}"
        )


def migrate(stage: Stage, to: Host) -> Migration:
    """a moves to the host `to` while a and b send to each other. Raises LabError if it is not there afterwards."""
    a, b = stage.players["a"], stage.players["b"]
    source, vlan = a.vm.host, stage.tag(a)
    with Exchange(a.vm, a.address, b.vm, b.address, rate=RATE) as exchange:
        seconds = a.vm.migrate(to, bandwidth_mib=stage.migration_mib)
        time.sleep(2)  # what comes just after the hand-over counts too
    if source.interface_of(a.port_id) or stage.tag(a) != vlan:
        raise LabError(f"a is on {source.name} still, or not in VLAN {vlan} on {to.name}")
    return Migration(seconds, a.vm.copied(), exchange.report)


def _check_traffic(name: str, seen: Direction, seconds: float) -> None:
    """It ran all the while: enough was sent, with no long gap between any two, and next to all arrived."""
    if seen.sent < RATE * seconds / 2 or seen.longest_gap_ms > LONGEST_GAP_MS:
        raise LabError(f"the traffic from {name} did not run for all of {seconds:.0f} s: {seen}")
    if seen.lost > max(LEAST_LOST, seen.sent * MOST_LOST_PERCENT / 100):
        raise LabError(f"too much was lost from {name}: {seen}")
