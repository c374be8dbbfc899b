"""Passwords: argon2id on disk, a keyed hash in memory for those verified a moment ago.

The engine logs in for every action and argon2 costs some 125 ms and 64 MiB, so a verified password is remembered
for some minutes, as a hash under a key that only this process has. What is remembered belongs to the stored hash
that it was verified against: a password changed anywhere is forgotten at once.
"""

import asyncio
import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ..errors import Unavailable
from .attempts import Attempts

REMEMBERED_S = 900.0
"""From the last use: longer than the engine's pause between two synchronisations, 300 s, so that no flood of wrong
passwords ever comes between it and its log-in."""
MOST_REMEMBERED = 1000
AT_ONCE = 2
MOST_WAITING = 32
"""At 16 a second on two cores, nobody waits longer than two seconds: more are told to come again."""

_hasher = PasswordHasher()


@dataclass(frozen=True)
class _Remembered:
    stored: str = field(repr=False)
    digest: bytes = field(repr=False)
    until: float


class Passwords:
    """Verifies, few at a time however many ask. Used from one event loop; argon2 runs in threads of its own."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._key = secrets.token_bytes(32)
        self._remembered: OrderedDict[str, _Remembered] = OrderedDict()
        self._attempts = Attempts(clock)
        self._workers = ThreadPoolExecutor(AT_ONCE, "argon2")
        self._under_way: dict[Hashable, asyncio.Task[bool]] = {}
        self._nobodys = hash_password(make_password())

    async def verify(self, name: str, password: str, stored: str | None, client: str) -> bool:
        """Whether it is the account's password; where there is no such account (None), `no` takes as long.

        client: the address that it came from. Raises Unavailable where too many failed from there or too many wait.
        Who asks what is being verified already gets that answer: when the engine starts many VMs at once and nothing
        is remembered yet, its log-ins are one attempt and one hash.
        """
        if stored is not None and self._remembers(name, password, stored):
            return True
        asked = (client, name, stored, self._digest(password))
        if asked not in self._under_way:
            if len(self._under_way) >= MOST_WAITING:
                raise Unavailable("ServiceUnavailable", "Too many log-ins at once. Try again.")
            self._attempts.begin(client, name)
            task = asyncio.create_task(self._verify(name, password, stored, client))
            self._under_way[asked] = task
            task.add_done_callback(lambda _: self._under_way.pop(asked))
        # shielded: who goes away must not take along those who wait for the same answer
        return await asyncio.shield(self._under_way[asked])

    async def _verify(self, name: str, password: str, stored: str | None, client: str) -> bool:
        hashed = stored or self._nobodys
        good = await asyncio.get_running_loop().run_in_executor(self._workers, _matches, password, hashed)
        if not good or stored is None:
            return False
        self._attempts.was_good(client, name)
        self._remember(name, password, stored)
        return True

    def _remembers(self, name: str, password: str, stored: str) -> bool:
        known = self._remembered.get(name)
        if known is None or known.stored != stored or self._clock() >= known.until:
            return False
        if not hmac.compare_digest(known.digest, self._digest(password)):
            return False
        self._remember(name, password, stored)
        return True

    def _remember(self, name: str, password: str, stored: str) -> None:
        self._remembered.pop(name, None)
        self._remembered[name] = _Remembered(stored, self._digest(password), self._clock() + REMEMBERED_S)
        if len(self._remembered) > MOST_REMEMBERED:
            self._remembered.popitem(last=False)

    def _digest(self, password: str) -> bytes:
        return hashlib.blake2b(password.encode(), key=self._key).digest()


def hash_password(password: str) -> str:
    """PHC string, argon2id."""
    return _hasher.hash(password)


def make_password() -> str:
    """128 bits, for an account that nobody chose a password for."""
    return secrets.token_urlsafe(16)


def _matches(password: str, stored: str) -> bool:
    try:
        return _hasher.verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False
