"""The demos' stories, with shorter migrations."""

import os
from pathlib import Path

import pytest

from lab.datacentre import DataCentre
from lab.errors import LabError
from lab.guest import make_guest
from lab.ovn_stage import OvnStage
from lab.ovn_story import STORY as OVN_STORY
from lab.stage import Stage
from lab.story import STORY, networks_are_apart, tell

pytestmark = [pytest.mark.system, pytest.mark.timeout(1200)]

SHORT_MIB = 8
"""MiB/s at which a migration takes some 15 s."""
SHORT_S = 10.0


def test_the_story_is_true(tmp_path: Path) -> None:
    """Every step of it, on the engine's requests, VDSM's hooks, libvirt, Open vSwitch and QEMU."""
    with DataCentre(tmp_path, prefix=f"story{os.getpid()}") as datacentre:
        stage = Stage(datacentre, make_guest(), tmp_path, SHORT_MIB, SHORT_S)
        told = tell(stage, STORY, print)
        assert_that_it_could_have_failed(stage)
    assert [row.claim for row in told] == [step.claim for step in STORY]


def test_the_story_of_ovn_is_true(tmp_path: Path) -> None:
    """With DHCP, security groups, and rows that come back."""
    with DataCentre(tmp_path, prefix=f"ovnstory{os.getpid()}") as datacentre:
        told = tell(OvnStage(datacentre, make_guest(), tmp_path, SHORT_MIB, SHORT_S), OVN_STORY, print)
    assert [row.claim for row in told] == [step.claim for step in OVN_STORY]


def assert_that_it_could_have_failed(stage: Stage) -> None:
    """A VM of red that is moved to blue behind the provider's back is heard to be there."""
    b, c = stage.players["b"], stage.players["c"]
    for host in stage.datacentre.hosts:
        stage.take_out_host(host)  # else it would be put right at once
    stage.rewire(c, "set", f"tag={stage.tag(b)}")
    with pytest.raises(LabError, match="blue and red hear each other"):
        networks_are_apart(stage)
