"""What a migration must have been like to show something."""

from dataclasses import replace

import pytest

from lab.errors import LabError
from lab.migration import Migration
from lab.traffic import Direction, TrafficReport
from lab.vm import Copied

WELL = Direction(sent=3000, received=2990, duplicated=0, reordered=0, longest_gap_ms=180)
GOOD = Migration(61.0, Copied(passes=4, again_mib=3.9, downtime_ms=190), TrafficReport(WELL, WELL))


def test_a_good_one_is_believed() -> None:
    """A minute, a VM at work, a second's traffic lost at most."""
    GOOD.check(60.0)


@pytest.mark.parametrize(
    ("migration", "complaint"),
    [
        (replace(GOOD, seconds=15.0), "the migration took 15 s"),
        (replace(GOOD, copied=replace(GOOD.copied, again_mib=0.1)), "memory did not change"),
        (replace(GOOD, traffic=TrafficReport(replace(WELL, received=2940), WELL)), "too much was lost from a to b"),
        (replace(GOOD, traffic=TrafficReport(WELL, replace(WELL, received=0))), "too much was lost from b to a"),
        (replace(GOOD, traffic=TrafficReport(WELL, replace(WELL, sent=700, received=700))), "from b to a did not run"),
        (replace(GOOD, traffic=TrafficReport(replace(WELL, longest_gap_ms=9000), WELL)), "from a to b did not run"),
    ],
)
def test_one_that_shows_nothing_is_not(migration: Migration, complaint: str) -> None:
    """Too short, at rest, traffic lost, or none during a part of it."""
    with pytest.raises(LabError, match=complaint):
        migration.check(60.0)
