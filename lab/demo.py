"""`make demo`: the two-host data centre, the story, a table of what was shown, and nothing left behind."""

from __future__ import annotations

import time
from pathlib import Path

from lab.datacentre import DataCentre
from lab.guest import make_guest
from lab.stage import Stage
from lab.story import Told, tell

MINUTE_LONG_MIB = 2
"""MiB/s at which a guest of 128 MiB that dirties 1.5 MiB/s takes about a minute to move."""


def demo(folder: Path, prefix: str) -> None:
    """Prints a line a step and the table. Raises LabError where a step fails; everything is torn down either way."""
    began = time.monotonic()

    def progress(line: str) -> None:
        print(f"[{time.monotonic() - began:5.0f} s] {line}", flush=True)

    progress("two hosts with Open vSwitch (user space), libvirt and QEMU are brought up")
    with DataCentre(folder, prefix) as datacentre:
        stage = Stage(datacentre, make_guest(), folder)
        told = tell(stage, bandwidth_mib=MINUTE_LONG_MIB, progress=progress)
    progress("everything is torn down")
    print_table(told)


def print_table(told: list[Told]) -> None:
    """Claim and measurement, one below the other where a line has no room for both."""
    width = max(len(row.claim) for row in told)
    print(f"\n{'shown':{width}}  measured")
    for row in told:
        print(f"{row.claim:{width}}  {row.measured}")
