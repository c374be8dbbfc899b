"""Accounts, and what identity needs of wherever they are kept."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Protocol

from ..model import Actor, Role


@dataclass(frozen=True)
class Account:
    """Somebody who may log in.

    not_before: unix seconds of the last change that ended all tokens. Each token bears the one that it was issued
        under and is dead under a later one, so no clock that steps back can revive or kill a token.
    password_hash: argon2id in PHC form; None for hosts, which have tokens only.
    """

    name: str
    role: Role
    project_id: str
    password_hash: str | None = field(repr=False)
    not_before: float = 0.0
    enabled: bool = True

    @property
    def actor(self) -> Actor:
        """As whom it acts."""
        return Actor(self.name, self.role, self.project_id)

    def changed(self, **changes: Any) -> "Account":
        """With other attributes, and with all of its tokens so far dead."""
        # milliseconds: every database gives that many digits back as they were
        later = max(round(time.time(), 3), round(self.not_before + 0.001, 3))
        return replace(self, not_before=later, **changes)


class AccountStore(Protocol):
    """Called from worker threads; each call is durable when it returns. All of them raise Unavailable."""

    def account(self, name: str) -> Account | None:
        """The account of that name."""

    def accounts(self) -> Sequence[Account]:
        """All of them, by name."""

    def add(self, accounts: Sequence[Account]) -> None:
        """All of them or, raising Conflict where there is one of such a name, none."""

    def change(self, name: str, change: Callable[[Account], Account]) -> Account:
        """Writes what `change` makes of the account as it is now, and returns it. Raises NotFound."""

    def is_revoked(self, jti: str) -> bool:
        """Whether the token of this id was given back."""

    def revoke(self, jti: str, expires: float) -> None:
        """Remembers the token's id until it would have expired anyway (unix seconds)."""
