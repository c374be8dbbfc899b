"""Other programs, run with a bound on their time."""

import os
import subprocess

PATIENCE = 10  # seconds


class HostError(Exception):
    """Something on this host is not as it must be: what, where, and what to do."""


def output(*argv: str, **environ: str) -> str:
    """What the program printed; `environ` is added to our own.

    Raises HostError with its complaint, or when it takes too long.
    """
    try:
        done = subprocess.run(
            argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            timeout=PATIENCE,
            env={**os.environ, **environ},
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise HostError(f"cannot run {argv[0]}: {error}") from error
    if done.returncode:
        complaint = " ".join(done.stderr.decode("utf-8", "replace").split())
        raise HostError(f"{argv[0]} failed: {complaint or f'exit code {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace")
