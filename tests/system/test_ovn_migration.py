"""Live migration under OVN: real VMs, the engine's order of calls, two hosts. `make soak` has twenty slow ones."""

import os
import time
from collections.abc import Iterator

import pytest

from lab.datacentre import DataCentre
from lab.guest import make_guest
from lab.migration import MOST_LOST_PERCENT
from lab.ovn_migration import migrate_watched
from lab.ovn_stage import OvnStage
from lab.ovn_story import OPENING
from lab.soak import moved
from lab.stage import Player
from lab.story import tell

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

SHORT_MIB = 8
"""MiB/s at which a migration takes some 15 s."""
SHORT_S = 10.0
ABORTED_AFTER_S = 6.0


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OvnStage]:
    """VMs a and b on the network blue."""
    folder = tmp_path_factory.mktemp("migration")
    with DataCentre(folder, prefix=f"mig{os.getpid()}") as datacentre:
        stage = OvnStage(datacentre, make_guest(), folder, SHORT_MIB, SHORT_S)
        tell(stage, OPENING, print)
        yield stage


@pytest.fixture
def a(stage: OvnStage) -> Player:
    return stage.players["a"]


@pytest.fixture
def b(stage: OvnStage) -> Player:
    return stage.players["b"]


def test_there_and_back(stage: OvnStage, a: Player, b: Player) -> None:
    """At most 1 % lost each way, nothing twice, no flapping, ACTIVE throughout, the late word changes nothing."""
    host1, host2 = stage.datacentre.hosts
    for to in (host2, host1):
        migration, wrong = moved(stage, a, b, to)
        assert not wrong, migration
        stage.wait_until_mended(a)


def test_an_aborted_migration_changes_nothing(stage: OvnStage, a: Player, b: Player) -> None:
    """And the next one loses no more than any."""
    source, other = a.vm.host, b.vm.host
    before = stage.northbound(a)
    aborted = migrate_watched(stage, a, b, other, bandwidth_mib=1, aborted_after_s=ABORTED_AFTER_S)
    assert aborted.worst_loss <= MOST_LOST_PERCENT, aborted
    assert (aborted.duplicated, aborted.route, aborted.statuses) == (0, (source.name,), {"ACTIVE"}), aborted
    assert a.vm.host is source
    stage.wait_until_mended(a)
    assert stage.northbound(a) == before
    assert a.vm.ping(b.address) == 3
    migration, wrong = moved(stage, a, b, other)
    assert not wrong, migration
    stage.wait_until_mended(a)


def test_a_migration_while_the_provider_is_dead(stage: OvnStage, a: Player, b: Player) -> None:
    """It loses no more; back again, the provider mends the port, so that the next one loses no more either."""
    to = next(host for host in stage.datacentre.hosts if host is not a.vm.host)
    back = a.vm.host
    stage.provider.kill()
    migration = migrate_watched(stage, a, b, to, bandwidth_mib=stage.migration_mib, ask=False)
    assert migration.worst_loss <= MOST_LOST_PERCENT, migration
    assert migration.duplicated == 0, migration
    time.sleep(1)
    assert stage.remembered(a) == to.name, "the test proves nothing: there is nothing to mend"
    stage.provider.start()
    stage.wait_until_mended(a)
    stage.migrated(a)
    migration, wrong = moved(stage, a, b, back)
    assert not wrong, migration
