"""How VDSM runs the scripts of one event (VDSM source: lib/vdsm/common/hooks.py; vdsmd(8))."""

from __future__ import annotations

import logging
import os
import subprocess
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

Run = Callable[[Sequence[str], Mapping[str, str], float], "subprocess.CompletedProcess[str]"]

HOOKING_FOLDER = "/usr/lib/python3.9/site-packages/vdsm/hook"  # VDSM's module `hooking`, as on EL 9
VDS_TIMEOUT = 180.0  # s; the engine's vdsTimeout. VDSM itself waits for a script without bound, the lab does not.
# VDSM alone is bound to a CPU, what it starts is not. taskset(1) hands what the kernel refuses to a shell.
_ON_ANY_CPU = ("/usr/bin/taskset", "--cpu-list", f"0-{(os.cpu_count() or 1) - 1}")
_log = logging.getLogger(__name__)


class HookError(Exception):
    """Scripts of an event failed. The message is the stderr of the last script that ran, be it a good one."""


@dataclass(frozen=True)
class VmConfiguration:
    """What hooks are told of the VM; nothing, for events that concern none."""

    vm_id: str = ""
    custom: Mapping[str, str] = field(default_factory=dict)  # the VM's custom properties


@dataclass(frozen=True)
class HookRun:
    """What came of one event."""

    data: str  # what the last script left
    errors: tuple[str, ...] = ()  # stderr of each script that failed
    last_words: str = ""  # stderr of the last script that ran

    def data_or_error(self) -> str:
        """For events that abort the operation. Raises HookError."""
        if self.errors:
            raise HookError(self.last_words)
        return self.data


def run_here(argv: Sequence[str], env: Mapping[str, str], timeout: float) -> subprocess.CompletedProcess[str]:
    """Run a script on this machine, in /, with exactly `env`."""
    return subprocess.run(
        argv, env=env, timeout=timeout, cwd="/", capture_output=True, text=True, errors="backslashreplace", check=False
    )


def run_hooks(
    event_dir: Path,
    data: str,
    params: Mapping[str, str] | None = None,
    vm: VmConfiguration | None = None,
    *,
    kind: Literal["domxml", "json"] = "domxml",
    run: Run = run_here,
    seen_as: Path | None = None,
) -> HookRun:
    """Run the scripts of `event_dir` on `data`, which is not checked before or after.

    `params`: the device's custom properties. `kind` says which variable names the data's file. `run` executes a
    script, `seen_as` is where it finds `event_dir` (a lab host has mounts of its own); both paths are absolute.
    Raises TypeError for a property that is no string, subprocess.TimeoutExpired (or what `run` raises) for a script
    that hangs.
    """
    found = scripts(event_dir)
    if not found:
        return HookRun(data)
    descriptor, name = tempfile.mkstemp(prefix="vdsm-hook-")  # mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(data)
        env = {**environment(params or {}, vm or VmConfiguration()), f"_hook_{kind}": name}
        errors, last_words = _run_each([(seen_as or event_dir) / script.name for script in found], env, run)
        return HookRun(Path(name).read_text("utf-8"), errors, last_words)
    finally:
        Path(name).unlink()


def scripts(event_dir: Path) -> list[Path]:
    """Regular executable files, sorted by name; no dot files (glob(7)), nothing in subfolders."""
    return [path for path in sorted(event_dir.glob("[!.]*")) if path.is_file() and os.access(path, os.X_OK)]


def environment(params: Mapping[str, str], vm: VmConfiguration) -> dict[str, str]:
    """A copy of ours, then the device's properties, then the VM's over them, then vmId and PYTHONPATH."""
    env = {**os.environ, **params, **vm.custom}
    if vm.vm_id:
        env["vmId"] = vm.vm_id
    env["PYTHONPATH"] = f"{env.get('PYTHONPATH', '')}:{HOOKING_FOLDER}"
    for key, value in env.items():
        if not isinstance(value, str):
            raise TypeError(f"property {key} is {value!r}; the environment takes strings only")
    return env


def _run_each(paths: Sequence[Path], env: Mapping[str, str], run: Run) -> tuple[tuple[str, ...], str]:
    """Stderr of those that failed, stderr of the last one. Exit code 2 is the only one that stops the rest."""
    errors: list[str] = []
    last_words = ""
    for path in paths:
        ran = run([*_ON_ANY_CPU, str(path)], env, VDS_TIMEOUT)
        last_words = ran.stderr
        _log.info("%s: rc=%s err=%s", path, ran.returncode, ran.stderr)
        if ran.returncode != 0:
            errors.append(ran.stderr)
        if ran.returncode == 2:
            break
        if ran.returncode > 2:
            _log.warning("hook returned unexpected return code %s", ran.returncode)
    return tuple(errors), last_words
