"""Passwords: argon2id on disk, a keyed hash in memory for those verified a moment ago.

The engine logs in for every action and argon2 costs 125 ms and 64 MiB, so a verified password is remembered for
some minutes, as a hash under a key that only this process has; a changed password is forgotten at once.
"""

import hashlib
import hmac
import secrets
import threading
import time
from collections import OrderedDict

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import Unavailable

REMEMBERED_S = 300.0
MOST_REMEMBERED = 1000
AT_ONCE = 2
WAIT_S = 10.0
FAILURES_BEFORE_PAUSE = 10
PAUSE_S = 30.0


class Passwords:
    """Makes and verifies hashes, few at a time however many ask."""

    def __init__(self) -> None:
        self._hasher = PasswordHasher()
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[str, tuple[str, bytes, float]] = OrderedDict()
        self._failures: OrderedDict[str, tuple[int, float]] = OrderedDict()
        self._turn = threading.BoundedSemaphore(AT_ONCE)
        self._lock = threading.Lock()
        self._nobody = self._hasher.hash(secrets.token_urlsafe())

    def hash(self, password: str) -> str:
        """PHC string, argon2id."""
        return self._hasher.hash(password)

    def verify(self, name: str, password: str, stored: str | None) -> bool:
        """Whether it is the account's password; an unknown account (None) takes as long to refuse.

        Raises Unavailable where too many are waiting.
        """
        if stored is not None and self._is_remembered(name, password, stored):
            return True
        if self._is_paused(name):
            return False
        good = self._verify(password, stored or self._nobody) and stored is not None
        self._note(name, password, stored, good)
        return good

    def _verify(self, password: str, stored: str) -> bool:
        if not self._turn.acquire(timeout=WAIT_S):
            raise Unavailable("ServiceUnavailable", "Too many log-ins at once. Try again.")
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False
        finally:
            self._turn.release()

    def _is_remembered(self, name: str, password: str, stored: str) -> bool:
        with self._lock:
            known, digest, until = self._remembered.get(name, ("", b"", 0.0))
        fresh = known == stored and time.monotonic() < until
        return fresh and hmac.compare_digest(digest, self._digest(password))

    def _is_paused(self, name: str) -> bool:
        with self._lock:
            count, since = self._failures.get(name, (0, 0.0))
        return count >= FAILURES_BEFORE_PAUSE and time.monotonic() < since + PAUSE_S

    def _note(self, name: str, password: str, stored: str | None, good: bool) -> None:
        with self._lock:
            if good and stored is not None:
                self._failures.pop(name, None)
                self._remembered[name] = (stored, self._digest(password), time.monotonic() + REMEMBERED_S)
            else:
                self._failures[name] = (self._failures.get(name, (0, 0.0))[0] + 1, time.monotonic())
            for memory in (self._remembered, self._failures):
                while len(memory) > MOST_REMEMBERED:
                    memory.popitem(last=False)

    def _digest(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode(), key=self._key).digest()


def make_password() -> str:
    """128 bits, for an account that nobody chose a password for."""
    return secrets.token_urlsafe(16)
