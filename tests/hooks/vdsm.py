"""Hooks run by the lab's double of VDSM, for a user of its own, and what every hook must leave behind."""

import os
import stat
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from lab.vdsm.hooks import VmConfiguration, run_hooks

VM_ID = "5a9f1d0c-7a33-4b0e-9d2c-000000000001"


@dataclass(frozen=True)
class Ran:
    """What came of one event with one script: the data as VDSM goes on with it, exit code, stderr."""

    data: str
    code: int
    words: str


def run_event(
    directory: Path,
    data: str,
    *,
    kind: Literal["domxml", "json"] = "domxml",
    device: Mapping[str, str] | None = None,
    vm: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
    uid: int = 0,
    patience: float = 10,
) -> Ran:
    """Run the hook of `directory` on `data`, for a `uid` that owns the file.

    `within` is put before the command line: it makes the script's world (and drops privileges to `uid`).

    Raises subprocess.TimeoutExpired where VDSM would hang.
    """
    codes = []

    def run(argv: Sequence[str], env: Mapping[str, str], _: float) -> subprocess.CompletedProcess[str]:
        file = Path(env[f"_hook_{kind}"])
        os.chown(file, uid, uid)
        done = subprocess.run(
            [*within, *argv], cwd="/", env=env, capture_output=True, text=True, timeout=patience, check=False
        )
        codes.append(done.returncode)
        assert stat.S_IMODE(file.stat().st_mode) == 0o600, "the hook changed the file's mode"
        assert list(file.parent.glob(f"{file.name}*")) == [file], "the hook left something behind"
        return done

    ran = run_hooks(directory, data, device, VmConfiguration(VM_ID, vm or {}), kind=kind, run=run)
    (code,) = codes
    return Ran(ran.data, code, ran.last_words)
