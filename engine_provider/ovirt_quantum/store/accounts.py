"""Accounts and revoked tokens: what `identity` keeps in the database."""

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from ..errors import Conflict, NotFound
from ..identity.account import Account
from ..model import Role
from .database import Database
from .tables import accounts, revoked_tokens

KEPT_S = 86400.0
"""How long past its end a revoked token stays known: a clock that steps back must not bring it to life."""


class SqlAccounts:
    """identity's AccountStore on the database. Called from worker threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, name: str) -> Account | None:
        """The account of that name."""
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        return None if row is None else _account(row)

    def accounts(self) -> Sequence[Account]:
        """All of them, by name."""
        with self._database.reading() as connection:
            return [_account(row) for row in connection.execute(select(accounts).order_by(accounts.c.name))]

    def add(self, new: Sequence[Account]) -> None:
        """All of them or, raising Conflict where there is one of such a name, none."""
        try:
            with self._database.writing() as connection:
                connection.execute(insert(accounts), [_values(account) for account in new])
        except IntegrityError:
            names = ", ".join(account.name for account in new)
            raise Conflict("AccountExists", f"There is an account of that name already: {names}.") from None

    def change(self, name: str, change: Callable[[Account], Account]) -> Account:
        """Writes what `change` makes of the account as it is now, and returns it. Raises NotFound."""
        with self._database.writing() as connection:
            this = accounts.c.name == name
            row = connection.execute(select(accounts).where(this).with_for_update()).first()
            if row is None:
                raise NotFound("AccountNotFound", f"There is no account {name}.")
            changed = change(_account(row))
            connection.execute(update(accounts).where(this).values(**_values(changed)))
        return changed

    def is_revoked(self, jti: str) -> bool:
        """Whether the token of this id was given back."""
        with self._database.reading() as connection:
            query = select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == jti)
            return connection.scalar(query) is not None

    def revoke(self, jti: str, expires: float) -> None:
        """Remembers the token's id until it would have expired anyway (unix seconds)."""
        try:
            with self._database.writing() as connection:
                connection.execute(delete(revoked_tokens).where(revoked_tokens.c.expires < time.time() - KEPT_S))
                connection.execute(insert(revoked_tokens).values(jti=jti, expires=expires))
        except IntegrityError:
            pass  # somebody gave it back already


def _account(row: Row[Any]) -> Account:
    role = Role[row.role.upper()]
    return Account(row.name, role, row.project_id, row.password_hash, row.not_before, row.enabled)


def _values(account: Account) -> dict[str, Any]:
    return {
        "name": account.name,
        "role": account.role.name.lower(),
        "project_id": account.project_id,
        "password_hash": account.password_hash,
        "not_before": account.not_before,
        "enabled": account.enabled,
    }
