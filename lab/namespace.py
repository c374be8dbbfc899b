"""A network namespace and the processes in it."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path


class Namespace:
    """A named network namespace (ip-netns(8))."""

    def __init__(self, name: str) -> None:
        self.name = name

    def run(
        self,
        argv: Sequence[str | Path],
        *,
        timeout: float = 30.0,
        check: bool = True,
        env: Mapping[str, str] | None = None,
        stdin: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """Run a command here and wait for it, `timeout` seconds at most; `env` is added to ours. Raises LabError."""
        raise NotImplementedError

    def popen(self, argv: Sequence[str | Path], *, log: Path, env: Mapping[str, str] | None = None) -> subprocess.Popen[bytes]:
        """Start a long-lived command here, its output appended to `log`. It ends with the namespace at the latest."""
        raise NotImplementedError

    @contextmanager
    def entered(self) -> Iterator[None]:
        """Put the calling thread into this namespace: sockets it opens meanwhile belong here (setns(2))."""
        raise NotImplementedError
        yield
