"""The signing key, the first passwords: whole, private, or an error that says so."""

import os
import stat
import tomllib
from pathlib import Path

import pytest
from ovirt_quantum.errors import Conflict, Unavailable
from ovirt_quantum.identity import Account, administration, first_accounts, load_or_make_key, write_secret
from ovirt_quantum.identity.secret_files import write_new_secret
from ovirt_quantum.model import Role
from ovirt_quantum.store.accounts import SqlAccounts
from ovirt_quantum.store.database import Database


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.fixture
def empty(tmp_path: Path) -> SqlAccounts:
    """A database without accounts."""
    opened = Database(f"sqlite:///{tmp_path / 'empty.db'}")
    opened.migrate()
    return SqlAccounts(opened)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "data"
    made.mkdir()
    return made


def test_the_key_is_made_once(folder: Path) -> None:
    """For the service's user alone, and nothing else is left beside it."""
    key = load_or_make_key(folder / "signing-key")
    assert len(key) == 32
    assert load_or_make_key(folder / "signing-key") == key
    assert mode(folder / "signing-key") == 0o600
    assert [path.name for path in folder.iterdir()] == ["signing-key"]


@pytest.mark.parametrize("content", [b"", b"x" * 31, b"x" * 33])
def test_a_damaged_key_is_an_error_that_says_so(folder: Path, content: bytes) -> None:
    """Never a weak key, never a new one that ends all tokens unasked."""
    (folder / "signing-key").write_bytes(content)
    with pytest.raises(Unavailable, match=rf"signing-key is damaged: it holds {len(content)} bytes"):
        load_or_make_key(folder / "signing-key")
    assert (folder / "signing-key").read_bytes() == content


def test_a_secret_is_private_whatever_the_umask(folder: Path) -> None:
    """Over a file that was not, too."""
    (folder / "token").write_text("old")
    (folder / "token").chmod(0o644)
    before = os.umask(0)
    try:
        write_secret(folder / "token", b"new")
        write_new_secret(folder / "key", b"key")
    finally:
        os.umask(before)
    assert (folder / "token").read_bytes() == b"new"
    assert (mode(folder / "token"), mode(folder / "key")) == (0o600, 0o600)


def test_a_new_secret_takes_nobodys_place(folder: Path) -> None:
    """Of two processes that start at once, one makes the key."""
    write_new_secret(folder / "key", b"first")
    with pytest.raises(FileExistsError):
        write_new_secret(folder / "key", b"second")
    assert (folder / "key").read_bytes() == b"first"
    assert [path.name for path in folder.iterdir()] == ["key"]


def test_the_first_start_makes_admin_and_engine(empty: SqlAccounts, folder: Path) -> None:
    """With passwords that only the file tells; the second start changes nothing."""
    first_accounts(empty, folder)
    path = folder / administration.PASSWORDS_FILE
    passwords = tomllib.loads(path.read_text())
    assert sorted(passwords) == ["admin", "engine"]
    assert min(map(len, passwords.values())) >= 20
    assert mode(path) == 0o600
    made = empty.accounts()
    assert [(account.name, account.role) for account in made] == [("admin", Role.ADMIN), ("engine", Role.ENGINE)]
    path.unlink()
    first_accounts(empty, folder)
    assert list(empty.accounts()) == list(made)
    assert not path.exists()


def test_a_crash_before_the_accounts_are_in_force_is_recovered_from(empty: SqlAccounts, folder: Path) -> None:
    """The next start goes on with the passwords that are on disk."""

    class Crashing(SqlAccounts):
        def add(self, new: object) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        first_accounts(Crashing(empty._database), folder)
    written = (folder / administration.PASSWORDS_FILE).read_text()
    assert empty.accounts() == []
    first_accounts(empty, folder)
    assert (folder / administration.PASSWORDS_FILE).read_text() == written
    assert len(empty.accounts()) == 2


def test_of_two_services_one_makes_the_accounts(empty: SqlAccounts, folder: Path) -> None:
    """The other's file would have passwords that are not in force."""
    administration.add_account(empty, "other", Role.MEMBER, "x", "some password")

    class Late(SqlAccounts):
        """Sees the accounts of the other only when it adds its own."""

        def account(self, name: str) -> None:
            return None

    first_accounts(empty, folder)
    second = folder / "second"
    second.mkdir()
    first_accounts(Late(empty._database), second)
    assert list(second.iterdir()) == []


@pytest.mark.parametrize(
    "content", ["", 'admin = "x"\n', "admin = 5\nengine = 5\n", 'admin = ""\nengine = ""\n', "admin = "]
)
def test_an_unusable_password_file_is_an_error_that_says_so(empty: SqlAccounts, folder: Path, content: str) -> None:
    """No account comes into force with a password that nobody knows."""
    (folder / administration.PASSWORDS_FILE).write_text(content)
    with pytest.raises(Unavailable, match=r"initial-passwords\.toml has no passwords for admin and engine"):
        first_accounts(empty, folder)
    assert empty.accounts() == []


def test_accounts_are_added_together_or_not_at_all(database: Database) -> None:
    """On every database: one that exists keeps the others out, too."""
    accounts = SqlAccounts(database)
    bob, carol = (Account(name, Role.MEMBER, "x", None) for name in ("bob", "carol"))
    accounts.add([bob])
    with pytest.raises(Conflict, match="bob"):
        accounts.add([carol, bob])
    assert [account.name for account in accounts.accounts()] == ["bob"]


def test_accounts_come_back_as_they_were_put(database: Database) -> None:
    """On every database: to the millisecond, with regard to case, and revoked tokens stay so."""
    accounts = SqlAccounts(database)
    account = Account("Zoë", Role.MANAGER, "blue", None, 1_789_012_345.678, enabled=False)
    accounts.add([account])
    assert accounts.account("Zoë") == account
    assert accounts.account("zoë") is None
    changed = accounts.change("Zoë", lambda found: found.changed(enabled=True))
    assert accounts.account("Zoë") == changed
    for _ in range(2):
        accounts.revoke("jti", 4e9)
    assert accounts.is_revoked("jti")
    assert not accounts.is_revoked("JTI")
