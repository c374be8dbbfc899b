"""Tokens: JSON Web Tokens (RFC 7519) signed with the deployment's key (HS256)."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from ..errors import Unauthorized
from .account import Account

ALGORITHM = "HS256"


@dataclass(frozen=True)
class Token:
    """A signed token. Times in unix seconds.

    since: the account's `not_before` that it was issued under.
    expires: None for a host's, which ends only by revocation.
    """

    text: str = field(repr=False)
    jti: str
    name: str
    since: float
    issued: float
    expires: float | None


@dataclass(frozen=True)
class Grant:
    """A good token and the account that it speaks for, as that is now."""

    token: Token
    account: Account


class Tokens:
    """Issues and reads tokens."""

    def __init__(self, key: bytes, lifetime_s: float, clock: Callable[[], float] = time.time) -> None:
        self._key = OctKey.import_key(key)
        self._lifetime_s = lifetime_s
        self._clock = clock

    def issue(self, account: Account) -> Token:
        """For the configured time. It names the account only: role and project are read anew at each use."""
        now = self._clock()
        return self._sign(account, now, now + self._lifetime_s)

    def issue_endless(self, account: Account) -> Token:
        """For a host, so that no date and no clock can cut it off."""
        return self._sign(account, self._clock(), None)

    def read(self, text: str) -> Token:
        """Raises Unauthorized for a token that is not ours, not whole, or past its time."""
        try:
            claims = jwt.decode(text, self._key, algorithms=[ALGORITHM]).claims
            since, issued, expires = float(claims["since"]), float(claims["iat"]), claims.get("exp")
            token = Token(text, str(claims["jti"]), str(claims["sub"]), since, issued, expires)
        except (JoseError, ValueError, KeyError, TypeError):
            raise refused() from None
        if token.expires is not None and token.expires <= self._clock():
            raise refused()
        return token

    def _sign(self, account: Account, now: float, expires: float | None) -> Token:
        jti = secrets.token_urlsafe(16)
        claims: dict[str, object] = {"jti": jti, "sub": account.name, "since": account.not_before, "iat": now}
        if expires is not None:
            claims["exp"] = expires
        text = jwt.encode({"alg": ALGORITHM}, claims, self._key)
        return Token(text, jti, account.name, account.not_before, now, expires)


def refused() -> Unauthorized:
    """In the same words whatever was wrong with the token."""
    return Unauthorized("HTTPUnauthorized", "The token is not valid (any more): log in again.")
