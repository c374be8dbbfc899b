"""Accounts and revoked tokens in the database."""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from ovirt_quantum.errors import Conflict, NotFound
from ovirt_quantum.identity.account import Account
from ovirt_quantum.model import Role
from ovirt_quantum.store.accounts import SqlAccounts
from ovirt_quantum.store.database import Database

ADMIN = Account("admin", Role.ADMIN, "admin", "$argon2id$...", 1_795_480_000.125)
HOST = Account("host:host1", Role.HOST, "", None)


@pytest.fixture
def accounts(database: Database) -> SqlAccounts:
    return SqlAccounts(database)


def test_accounts_come_back(accounts: SqlAccounts) -> None:
    """Whole, and by exactly their name."""
    accounts.add([HOST, ADMIN])
    assert accounts.accounts() == [ADMIN, HOST]
    assert accounts.account("admin") == ADMIN
    for other in ("Admin", "admin ", "nobody"):
        assert accounts.account(other) is None


def test_a_name_is_taken_once(accounts: SqlAccounts) -> None:
    """Of several, where one is there already, none is made."""
    accounts.add([ADMIN])
    with pytest.raises(Conflict, match="an account of that name already"):
        accounts.add([HOST, ADMIN])
    assert accounts.accounts() == [ADMIN]


def test_changes_at_once_do_not_undo_each_other(accounts: SqlAccounts) -> None:
    """Each is made to the account as the one before left it."""
    accounts.add([ADMIN])

    def lengthen(_: int) -> None:
        accounts.change("admin", lambda account: account.changed(project_id=account.project_id + "x"))

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(lengthen, range(12)))
    found = accounts.account("admin")
    assert found is not None
    assert found.project_id == "admin" + "x" * 12
    with pytest.raises(NotFound, match="no account nobody"):
        accounts.change("nobody", lambda account: account)


def test_a_revoked_token_stays_revoked(accounts: SqlAccounts) -> None:
    """Revoked twice is revoked; what has long expired is forgotten."""
    long_ago = time.time() - 10 * 86400
    accounts.revoke("old", long_ago)
    accounts.revoke("new", time.time() + 60)
    accounts.revoke("new", time.time() + 60)
    assert accounts.is_revoked("new")
    assert not accounts.is_revoked("old")
    assert not accounts.is_revoked("NEW")
