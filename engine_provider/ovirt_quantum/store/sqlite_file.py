"""SQLite's database file, watched: moved or replaced under the service, what is written goes where nobody finds it."""

import os
from typing import Any

from sqlalchemy import Engine, event

from ..errors import Unavailable


class SqliteFile:
    """The file that was opened first. As long as its name leads to another or to none, there are no connections."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened = self._now()

    def watch(self, engine: Engine) -> None:
        """Has the engine look before each use; SQLite itself would make a new, empty file."""
        event.listen(engine, "do_connect", self._check)
        event.listen(engine, "connect", self._note)
        event.listen(engine, "checkout", self._check)

    def _note(self, *_: Any) -> None:
        self._opened = self._opened or self._now()

    def _check(self, *_: Any) -> None:
        if self._opened is not None and self._now() != self._opened:
            raise Unavailable(
                "ServiceUnavailable",
                f"{self._path} is not the database file that was opened: put that back, or restart the service.",
            )

    def _now(self) -> tuple[int, int] | None:
        """Device and inode; None where there is no such file."""
        try:
            found = os.stat(self._path)
        except OSError:
            return None
        return found.st_dev, found.st_ino
