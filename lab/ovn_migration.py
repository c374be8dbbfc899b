"""A live migration under OVN: traffic at two rates, and all that can be seen of the port from outside."""

from __future__ import annotations

import threading
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass

from lab.binding import Binding, BindingWatch
from lab.errors import LabError
from lab.host import Host
from lab.ovn_stage import OvnStage
from lab.stage import Player
from lab.traffic import Direction, Exchange, TrafficReport

RATES = (5, 50)
"""Datagrams a second, both ways, at once."""
AFTER_S = 3.0
"""What comes just after the hand-over counts, too."""
_PORT = 7000
_LOOK_EVERY_S = 0.5


@dataclass(frozen=True)
class WatchedMigration:
    """reports: by rate.  bindings: as OVN had them.  route: the hosts that had the port one after the other.
    claims: how often each host took the port.  statuses: what the provider said meanwhile."""

    to: str
    seconds: float
    reports: Mapping[int, TrafficReport]
    bindings: tuple[Binding, ...]
    route: tuple[str, ...]
    claims: Mapping[str, int]
    statuses: frozenset[str]

    @property
    def directions(self) -> list[Direction]:
        """All that was measured."""
        return [way for report in self.reports.values() for way in (report.forth, report.back)]

    @property
    def worst_loss(self) -> float:
        """Percent."""
        return max(way.loss_percent for way in self.directions)

    @property
    def duplicated(self) -> int:
        return sum(way.duplicated for way in self.directions)

    def __str__(self) -> str:
        lost = ", ".join(f"{way.lost} of {way.sent}" for way in self.directions)
        claims = ", ".join(f"{host} {times}" for host, times in self.claims.items() if times) or "none"
        return (
            f"to {self.to} in {self.seconds:.0f} s; lost {lost}; {self.duplicated} duplicated; "
            f"on {' then '.join(self.route)}; claims: {claims}; {'/'.join(sorted(self.statuses)) or 'unasked'}"
        )


def migrate_watched(
    stage: OvnStage,
    player: Player,
    peer: Player,
    to: Host,
    *,
    bandwidth_mib: int,
    ask: bool = True,
    aborted_after_s: float | None = None,
) -> WatchedMigration:
    """Moves the player's VM while it talks to the peer's.

    ask: whether the provider, which must be up then, is asked for the port's status all the time.
    aborted_after_s: when to break it off; None: it is to arrive. Raises LabError where it does otherwise.
    """
    before = _claims(stage, player)
    statuses = _Statuses(stage, player)
    with ExitStack() as opened:
        watch = opened.enter_context(BindingWatch(stage.ovn, player.port_id))
        exchanges = {
            rate: opened.enter_context(
                Exchange(player.vm, player.address, peer.vm, peer.address, rate=rate, port=_PORT + rate)
            )
            for rate in RATES
        }
        if ask:
            opened.enter_context(statuses)
        began = time.monotonic()
        if aborted_after_s is None:
            player.vm.migrate(to, bandwidth_mib=bandwidth_mib)
        else:
            _migrate_in_vain(player, to, bandwidth_mib, aborted_after_s)
        seconds = time.monotonic() - began
        time.sleep(AFTER_S)
    return WatchedMigration(
        to.name,
        seconds,
        {rate: exchange.report for rate, exchange in exchanges.items()},
        tuple(watch.seen),
        tuple(watch.route),
        {host: times - before[host] for host, times in _claims(stage, player).items()},
        frozenset(statuses.seen),
    )


def _migrate_in_vain(player: Player, to: Host, bandwidth_mib: int, after_s: float) -> None:
    timer = threading.Timer(after_s, player.vm.abort_migration)
    timer.start()
    try:
        player.vm.migrate(to, bandwidth_mib=bandwidth_mib)
    except LabError as error:
        if "abort" not in str(error):
            raise
    else:
        raise LabError(f"{player.name} arrived before its migration was aborted")
    finally:
        timer.join()


def _claims(stage: OvnStage, player: Player) -> dict[str, int]:
    return {host.name: stage.ovn.claims(host, player.port_id) for host in stage.datacentre.hosts}


class _Statuses:
    """Context manager: what the provider says of a port while it is open."""

    def __init__(self, stage: OvnStage, player: Player) -> None:
        self.seen: set[str] = set()
        self._stage = stage
        self._player = player
        self._closed = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._closed.set()
        self._thread.join(30)

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_EVERY_S):
            try:
                self.seen.add(str(self._stage.port(self._player)["status"]))
            except LabError as error:
                self.seen.add(f"no answer: {error}")
