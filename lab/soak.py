"""`make soak`: a VM goes there and back under OVN, many times and slowly; a line for each migration."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

from lab.datacentre import DataCentre
from lab.errors import LabError
from lab.guest import make_guest
from lab.host import Host
from lab.migration import MOST_LOST_PERCENT
from lab.ovn_migration import WatchedMigration, migrate_watched
from lab.ovn_stage import OvnStage
from lab.ovn_story import OPENING
from lab.stage import Player
from lab.story import tell

BANDWIDTH_MIB = 4
"""MiB/s at which a migration takes more than 20 s."""
LEAST_S = 20.0
CLAIMS = 2
"""The new host takes the port as an additional one when libvirt plugs it, and alone when it is no longer elsewhere."""


def soak(folder: Path, prefix: str, hosts: int, migrations: int) -> None:
    """Prints the table. Raises LabError if any migration was not as it must be."""
    failed = 0
    with DataCentre(folder, prefix, hosts) as datacentre:
        stage = OvnStage(datacentre, make_guest(), folder, BANDWIDTH_MIB, LEAST_S)
        tell(stage, OPENING, print)
        for number, to in zip(range(1, migrations + 1), _round_trip(datacentre.hosts), strict=False):
            migration, wrong = moved(stage, stage.players["a"], stage.players["b"], to)
            failed += bool(wrong)
            print(f"{number:2} {'; '.join(wrong) or 'good'}: {migration}", flush=True)
    print(f"{migrations} migrations on {hosts} hosts, {failed} not as they must be")
    if failed:
        raise LabError(f"{failed} of {migrations} migrations were not as they must be")


def moved(stage: OvnStage, player: Player, peer: Player, to: Host) -> tuple[WatchedMigration, list[str]]:
    """A migration with the engine's late word after it, and what was not as it must be."""
    source = player.vm.host
    migration = migrate_watched(stage, player, peer, to, bandwidth_mib=stage.migration_mib)
    before = stage.northbound(player)
    stage.migrated(player)
    wrong = list(complaints(migration, source, stage.least_migration_s))
    if stage.northbound(player) != before:
        wrong.append(f"the engine's late word made {before} to {stage.northbound(player)}")
    return migration, wrong


def complaints(migration: WatchedMigration, source: Host, least_s: float) -> Iterator[str]:
    """What of a migration, with the provider up all the time, was not as it must be."""
    if migration.seconds < least_s:
        yield f"it took only {migration.seconds:.0f} s"
    if any(way.sent == 0 for way in migration.directions):
        yield "nothing was sent"
    if migration.worst_loss > MOST_LOST_PERCENT:
        yield f"{migration.worst_loss:.1f} % lost"
    if migration.duplicated:
        yield f"{migration.duplicated} duplicated"
    if migration.route != (source.name, migration.to):
        yield f"the binding went {' then '.join(migration.route)}"
    claims = {host: times for host, times in migration.claims.items() if times}
    if claims != {migration.to: CLAIMS}:
        yield f"claims: {claims}"
    if migration.statuses != {"ACTIVE"}:
        yield f"the provider said {', '.join(sorted(migration.statuses))}"


def _round_trip(hosts: list[Host]) -> Iterator[Host]:
    """From the first host to each other one in turn, and round again."""
    return itertools.islice(itertools.cycle(hosts), 1, None)
