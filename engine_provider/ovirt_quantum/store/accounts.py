"""Accounts and revoked tokens: what `identity` keeps in the database."""

import time

from sqlalchemy import delete, insert, select, update

from ..identity.account import Account
from ..model import Role
from .database import Database
from .tables import accounts, revoked_tokens


class SqlAccounts:
    """identity's AccountStore on the database. Called from worker threads."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def account(self, name: str) -> Account | None:
        """The account of that name."""
        with self._database.reading() as connection:
            row = connection.execute(select(accounts).where(accounts.c.name == name)).first()
        if row is None:
            return None
        role = Role[row.role.upper()]
        return Account(row.name, role, row.project_id, row.password_hash, row.not_before, row.enabled)

    def put(self, account: Account) -> None:
        """Adds the account or writes over it."""
        values = {
            "role": account.role.name.lower(),
            "project_id": account.project_id,
            "password_hash": account.password_hash,
            "not_before": account.not_before,
            "enabled": account.enabled,
        }
        with self._database.writing() as connection:
            row = update(accounts).where(accounts.c.name == account.name).values(**values)
            if not connection.execute(row).rowcount:
                connection.execute(insert(accounts).values(name=account.name, **values))

    def is_revoked(self, jti: str) -> bool:
        """Whether the token of this id was given back."""
        with self._database.reading() as connection:
            query = select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == jti)
            return connection.scalar(query) is not None

    def revoke(self, jti: str, expires: float) -> None:
        """Remembers the token's id until it would have expired anyway (unix seconds)."""
        with self._database.writing() as connection:
            connection.execute(delete(revoked_tokens).where(revoked_tokens.c.expires < time.time()))
            known = select(revoked_tokens.c.jti).where(revoked_tokens.c.jti == jti)
            if connection.scalar(known) is None:
                connection.execute(insert(revoked_tokens).values(jti=jti, expires=expires))
