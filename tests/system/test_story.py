"""The demo's story, with a shorter migration."""

import os
from pathlib import Path

import pytest

from lab.datacentre import DataCentre
from lab.guest import make_guest
from lab.stage import Stage
from lab.story import STORY, tell

pytestmark = [pytest.mark.system, pytest.mark.timeout(400)]

SHORT_MIB = 8
"""MiB/s at which a migration takes some 15 s."""


def test_the_story_is_true(tmp_path: Path) -> None:
    """Every step of it, on the engine's requests, VDSM's hooks, libvirt, Open vSwitch and QEMU."""
    lines: list[str] = []
    with DataCentre(tmp_path, prefix=f"story{os.getpid()}") as datacentre:
        told = tell(Stage(datacentre, make_guest(), tmp_path, SHORT_MIB), STORY, lines.append)
    assert [row.claim for row in told] == [step.claim for step in STORY]
