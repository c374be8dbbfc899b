"""Running a command of the machine, with a bound and with errors that say what failed."""

from __future__ import annotations

import os
import shlex
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from lab.errors import LabError

Argv = Sequence[str | Path]

PATIENCE_S = 120.0
"""Ends what hangs. Whatever takes a second on a machine at rest may take twenty on one that is overloaded."""


def run(
    argv: Argv,
    *,
    timeout: float = PATIENCE_S,
    check: bool = True,
    env: Mapping[str, str] | None = None,
    stdin: str | None = None,
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[str]:
    """Run `argv` for at most `timeout` seconds, `env` added to ours.

    Raises LabError if it is not installed, takes too long or, with `check`, exits non-zero.
    """
    words = [str(word) for word in argv]
    try:
        done = subprocess.run(
            words,
            input=stdin if stdin is not None else "",
            capture_output=True,
            text=True,
            timeout=timeout,
            env={**os.environ, **(env or {})},
            cwd=cwd,
        )
    except FileNotFoundError as error:
        raise LabError(
            f"{error.filename} is not there; `python3 -m lab packages` installs what the lab needs"
        ) from error
    except subprocess.TimeoutExpired as error:
        raise LabError(f"`{shlex.join(words)}` took longer than {timeout:g} s and was ended") from error
    if check and done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise LabError(f"`{shlex.join(words)}` failed with exit code {done.returncode}: {said}")
    return done


def wait_until(happened: Callable[[], bool], complaint: str, timeout: float = PATIENCE_S) -> None:
    """Look ten times a second whether it happened. Raises LabError(complaint) after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while not happened():
        if time.monotonic() > deadline:
            raise LabError(f"{complaint} (waited {timeout:g} s)")
        time.sleep(0.1)
