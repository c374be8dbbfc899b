"""`make demo`: the two-host data centre, the story, a table of what was shown, and nothing left behind."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic

from lab import ovn_story, story
from lab.datacentre import DataCentre
from lab.errors import LabError
from lab.guest import Guest, make_guest
from lab.ovn_stage import OvnStage
from lab.stage import Stage
from lab.story import S, Step, Told, tell

SETTING = "two hosts with Open vSwitch (user space), libvirt and QEMU are brought up"

MINUTE_LONG_MIB = 2
"""MiB/s at which a guest that dirties 1.5 MiB/s takes somewhat more than a minute to move."""
MINUTE_S = 60.0


class Clock:
    """Prints lines with the time since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, line: str) -> None:
        print(f"[{time.monotonic() - self._began:5.0f} s] {line}", flush=True)


@dataclass(frozen=True)
class Story(Generic[S]):
    """What is told, and on what. `opening` is the story up to its VMs."""

    stage: Callable[[DataCentre, Guest, Path, int, float], S]
    opening: Sequence[Step[S]]
    all: Sequence[Step[S]]

    def stage_of(self, datacentre: DataCentre) -> S:
        return self.stage(datacentre, make_guest(), datacentre.folder, MINUTE_LONG_MIB, MINUTE_S)


OVS = Story(Stage, story.OPENING, story.STORY)
OVN = Story(OvnStage, ovn_story.OPENING, ovn_story.STORY)


def demo(told_of: Story[S], folder: Path, prefix: str) -> None:
    """Prints a line a step and the table. Raises LabError where a step fails.

    Everything is torn down either way; the files, with all logs, stay if a step failed.
    """
    clock = Clock()
    clock.say(SETTING)
    with DataCentre(folder, prefix) as datacentre:
        try:
            told = tell(told_of.stage_of(datacentre), told_of.all, clock.say)
        except LabError as error:
            raise LabError(f"{error}; the logs are in {folder}") from error
    datacentre.erase()
    clock.say("everything is torn down")
    print_table(told)


def opening(told_of: Story[S], datacentre: DataCentre) -> None:
    """The story up to its VMs, all left running. Raises LabError."""
    clock = Clock()
    clock.say(SETTING)
    datacentre.up()
    try:
        tell(told_of.stage_of(datacentre), told_of.opening, clock.say)
    except LabError as error:
        raise LabError(f"{error}; what came up is left up until `make lab-down`") from error


def print_table(told: list[Told]) -> None:
    """Claim and measurement, one below the other where a line has no room for both."""
    width = max(len(row.claim) for row in told)
    print(f"\n{'shown':{width}}  measured")
    for row in told:
        print(f"{row.claim:{width}}  {row.measured}")
