"""The tokens that were found good a moment ago, so that not every request looks into the database."""

from collections.abc import Callable
from threading import Lock
from typing import NamedTuple

from .tokens import Grant

REMEMBERED_S = 5.0
"""How long a verified token is good without another look at the database: what another process revokes, disables
or changes takes that long to hold here; what this process revokes holds at once."""
MOST_REMEMBERED = 10_000


class _Entry(NamedTuple):
    grant: Grant
    until: float


class Verified:
    """Token text -> what it stands for. Any thread may call.

    clock: seconds that never step; wall: unix seconds, for the token's own end.
    """

    def __init__(self, clock: Callable[[], float], wall: Callable[[], float]) -> None:
        self._clock = clock
        self._wall = wall
        self._lock = Lock()
        self._entries: dict[str, _Entry] = {}
        self._revocations = 0

    @property
    def revocations(self) -> int:
        """Read it before the look at the database whose outcome `remember` is to be given."""
        return self._revocations

    def find(self, text: str) -> Grant | None:
        """None where the database must be asked."""
        with self._lock:
            entry = self._entries.get(text)
        return entry.grant if entry is not None and self._clock() < entry.until else None

    def remember(self, grant: Grant, revocations: int) -> None:
        """Unless a token was revoked since the look at the database: that may have come too early to see it."""
        token = grant.token
        left_s = REMEMBERED_S if token.expires is None else min(REMEMBERED_S, token.expires - self._wall())
        entry = _Entry(grant, self._clock() + left_s)
        with self._lock:
            if revocations != self._revocations:
                return
            self._entries.pop(token.text, None)
            self._entries[token.text] = entry
            if len(self._entries) > MOST_REMEMBERED:
                del self._entries[next(iter(self._entries))]

    def revoke(self, jti: str) -> None:
        """The token of this id is not good any more, in whatever spelling."""
        with self._lock:
            self._revocations += 1
            self._entries = {text: entry for text, entry in self._entries.items() if entry.grant.token.jti != jti}
