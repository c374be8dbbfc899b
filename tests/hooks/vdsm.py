"""VDSM's way of running hooks, in its own words: vdsmd(8), "Hooks", and what its source does.

Every executable file of the event's directory, sorted by path, is exec'ed with no argument, the working
directory `/` and VDSM's environment plus the device's, then the VM's custom properties. The data lies in a file
of mode 0600 that each script may change for the next one. Exit code 1 is an error, 2 stops. stdout is dropped;
stderr of the last script is what the engine is told.
"""

import os
import stat
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

VM_ID = "5a9f1d0c-7a33-4b0e-9d2c-000000000001"


@dataclass(frozen=True)
class Ran:
    """What came of one event: the data as VDSM goes on with it, the exit codes, the last stderr."""

    data: bytes
    codes: tuple[int, ...]
    words: str

    @property
    def code(self) -> int:
        """The only script's exit code."""
        (code,) = self.codes
        return code


def scripts(directory: Path) -> list[Path]:
    """What VDSM would run: regular files (or links to such) that it may execute."""
    return sorted(path for path in directory.iterdir() if path.is_file() and os.access(path, os.X_OK))


def run_event(
    directory: Path,
    data: bytes,
    *,
    variable: str = "_hook_domxml",
    device: Mapping[str, str] | None = None,
    vm: Mapping[str, str] | None = None,
    within: Sequence[str] = (),
    uid: int = 0,
    patience: float = 10,
) -> Ran:
    """Run the hooks of `directory` on `data`, for a `uid` that owns the file.

    `within` is put before each command line: it makes the script's world (and drops privileges to `uid`).

    Raises subprocess.TimeoutExpired where VDSM would hang.
    """
    environ = {"PATH": "/usr/bin:/bin", **(device or {}), **(vm or {}), "vmId": VM_ID}
    environ["PYTHONPATH"] = environ.get("PYTHONPATH", "") + ":/usr/lib/python3/site-packages/vdsm/hook"
    with tempfile.TemporaryDirectory(prefix="vdsm-hooks-") as folder:
        descriptor, name = tempfile.mkstemp(dir=folder)  # mode 0600, as VDSM's own
        os.write(descriptor, data)
        os.close(descriptor)
        os.chown(folder, uid, uid)
        os.chown(name, uid, uid)
        environ[variable] = name
        codes, words = [], b""
        for script in scripts(directory):
            done = subprocess.run(
                [*within, str(script)], cwd="/", env=environ, capture_output=True, timeout=patience, check=False
            )
            codes.append(done.returncode)
            words = done.stderr
            if done.returncode == 2:
                break
        assert stat.S_IMODE(os.stat(name).st_mode) == 0o600, "the hook changed the file's mode"
        assert os.listdir(folder) == [Path(name).name], "the hook left something behind"
        return Ran(Path(name).read_bytes(), tuple(codes), words.decode())
