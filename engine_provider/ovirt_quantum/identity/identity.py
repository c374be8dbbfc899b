"""Log-in and tokens of a running service."""

import time
from collections.abc import Callable
from functools import partial

from ..errors import Unauthorized
from ..model import Actor
from ..patience import in_thread
from .account import Account, AccountStore
from .passwords import Passwords
from .tokens import Grant, Token, Tokens, refused
from .verified import Verified

FOREVER = 253402300799.0
"""The end of the year 9999: how long the revocation of a token without an end is kept."""


class Identity:
    """Used from one event loop. The database and argon2, which may take their time, are asked from threads.

    clock: seconds that never step; wall: unix seconds.
    """

    def __init__(
        self,
        store: AccountStore,
        key: bytes,
        token_lifetime_s: float,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
    ) -> None:
        self._store = store
        self._passwords = Passwords(clock)
        self._tokens = Tokens(key, token_lifetime_s, wall)
        self._verified = Verified(clock, wall)

    async def log_in(self, name: str, password: str, client: str) -> Grant:
        """client: the address that it came from. Raises Unauthorized, in the same words whatever was wrong."""
        account = await in_thread(partial(self._store.account, name))
        stored = account.password_hash if account is not None and account.enabled else None
        if not await self._passwords.verify(name, password, stored, client) or account is None:
            raise Unauthorized("HTTPUnauthorized", "The account or its password is wrong.")
        return Grant(self._tokens.issue(account), account)

    async def accept(self, text: str) -> Grant:
        """What a token stands for. Raises Unauthorized."""
        known = self._verified.find(text)
        if known is not None:
            return known
        token, revocations = self._tokens.read(text), self._verified.revocations
        grant = Grant(token, await in_thread(partial(self._account_of, token)))
        self._verified.remember(grant, revocations)
        return grant

    async def authenticate(self, text: str) -> Actor:
        """Raises Unauthorized."""
        return (await self.accept(text)).account.actor

    async def revoke(self, token: Token) -> None:
        """The token is no longer good: at once here, in other processes within `verified.REMEMBERED_S`."""
        await in_thread(partial(self._store.revoke, token.jti, token.expires or FOREVER))
        self._verified.revoke(token.jti)

    def _account_of(self, token: Token) -> Account:
        account = self._store.account(token.name)
        if account is None or not account.enabled or token.since < account.not_before:
            raise refused()
        if self._store.is_revoked(token.jti):
            raise refused()
        return account
