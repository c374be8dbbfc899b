"""Tokens: JSON Web Tokens (RFC 7519) signed with the deployment's key (HS256)."""

import os
import secrets
import time
from dataclasses import dataclass, field
from pathlib import Path

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from ..errors import Unauthorized
from .account import Account

ALGORITHM = "HS256"


@dataclass(frozen=True)
class Token:
    """A signed token. `expires` is None for a host's, which ends only by revocation. Times in unix seconds."""

    text: str = field(repr=False)
    jti: str
    name: str
    issued: float
    expires: float | None


class Tokens:
    """Issues and reads tokens."""

    def __init__(self, key: bytes, lifetime_s: float) -> None:
        self._key = OctKey.import_key(key)
        self._lifetime_s = lifetime_s

    def issue(self, account: Account, expires: bool = True) -> Token:
        """A new token for the account. It names the account only: role and project are read anew at each use."""
        now = time.time()
        until = now + self._lifetime_s if expires else None
        claims: dict[str, object] = {"jti": secrets.token_urlsafe(16), "sub": account.name, "iat": now}
        if until is not None:
            claims["exp"] = until
        text = jwt.encode({"alg": ALGORITHM}, claims, self._key)
        return Token(text, str(claims["jti"]), account.name, now, until)

    def read(self, text: str) -> Token:
        """Raises Unauthorized for a token that is not ours, not whole, or past its time."""
        try:
            claims = jwt.decode(text, self._key, algorithms=[ALGORITHM]).claims
            expires = claims.get("exp")
            token = Token(text, str(claims["jti"]), str(claims["sub"]), float(claims["iat"]), expires)
        except (JoseError, ValueError, KeyError, TypeError):
            raise refused() from None
        if expires is not None and float(expires) < time.time():
            raise refused()
        return token


def refused() -> Unauthorized:
    return Unauthorized("HTTPUnauthorized", "The token is not valid (any more): log in again.")


def load_or_make_key(path: Path) -> bytes:
    """32 bytes, in a file that only the service's user reads."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        pass
    key = secrets.token_bytes(32)
    write_secret(path, key)
    return key


def write_secret(path: Path, content: bytes) -> None:
    """Durable, mode 0600 from its first byte; raises FileExistsError where there is one."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
