"""The guest's kernel and initramfs, made once and kept in a cache folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

CACHE = Path.home() / ".cache" / "ovirt-quantum-lab"


@dataclass(frozen=True)
class Guest:
    """What QEMU boots directly."""

    kernel: Path
    initramfs: Path


def make_guest(cache: Path = CACHE) -> Guest:
    """The guest, made if the cache does not hold it yet (needs apt and gcc). Raises LabError."""
    raise NotImplementedError
