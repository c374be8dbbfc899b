"""`make demo`: the two-host data centre, the story, a table of what was shown, and nothing left behind."""

from __future__ import annotations

import time
from pathlib import Path

from lab.datacentre import DataCentre
from lab.guest import make_guest
from lab.stage import Stage
from lab.story import OPENING, STORY, Told, tell

SETTING = "two hosts with Open vSwitch (user space), libvirt and QEMU are brought up"

MINUTE_LONG_MIB = 2
"""MiB/s at which a guest of 128 MiB that dirties 1.5 MiB/s takes about a minute to move."""


class Clock:
    """Prints lines with the time since it was made."""

    def __init__(self) -> None:
        self._began = time.monotonic()

    def say(self, line: str) -> None:
        print(f"[{time.monotonic() - self._began:5.0f} s] {line}", flush=True)


def demo(folder: Path, prefix: str) -> None:
    """Prints a line a step and the table. Raises LabError where a step fails; everything is torn down either way."""
    clock = Clock()
    clock.say(SETTING)
    with DataCentre(folder, prefix) as datacentre:
        told = tell(Stage(datacentre, make_guest(), folder, MINUTE_LONG_MIB), STORY, clock.say)
    clock.say("everything is torn down")
    print_table(told)


def opening(datacentre: DataCentre) -> None:
    """The story up to its VMs, all left running. Raises LabError."""
    clock = Clock()
    clock.say(SETTING)
    datacentre.up()
    tell(Stage(datacentre, make_guest(), datacentre.folder, MINUTE_LONG_MIB), OPENING, clock.say)


def print_table(told: list[Told]) -> None:
    """Claim and measurement, one below the other where a line has no room for both."""
    width = max(len(row.claim) for row in told)
    print(f"\n{'shown':{width}}  measured")
    for row in told:
        print(f"{row.claim:{width}}  {row.measured}")
