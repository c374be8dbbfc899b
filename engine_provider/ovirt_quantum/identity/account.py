"""Accounts, and what identity needs of wherever they are kept."""

from dataclasses import dataclass, field
from typing import Protocol

from ..model import Actor, Role


@dataclass(frozen=True)
class Account:
    """Somebody who may log in.

    not_before: tokens issued before this time (unix seconds) are dead.
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
        return Actor(self.name, self.role, self.project_id)


class AccountStore(Protocol):
    """Called from worker threads; each call is durable when it returns."""

    def account(self, name: str) -> Account | None:
        """The account of that name."""

    def put(self, account: Account) -> None:
        """Adds the account or writes over it."""

    def is_revoked(self, jti: str) -> bool:
        """Whether the token of this id was given back."""

    def revoke(self, jti: str, expires: float) -> None:
        """Remembers the token's id until it would have expired anyway (unix seconds)."""
