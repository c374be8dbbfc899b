"""Who may speak to the service: accounts, passwords, tokens."""

import time
import tomllib
from pathlib import Path

import structlog

from ..errors import Unauthorized
from ..model import ENGINE_PROJECT, Actor, Role
from .account import Account, AccountStore
from .passwords import Passwords, make_password
from .tokens import Token, Tokens, load_or_make_key, refused, write_secret

KEY_FILE = "signing-key"
PASSWORDS_FILE = "initial-passwords.toml"
HOST_PREFIX = "host:"
REMEMBERED_S = 5.0
"""How long a verified token is good without another look at the database: another process's revocation takes that
long to hold here; this process's own holds at once."""
MOST_REMEMBERED = 10_000

log = structlog.get_logger()


class Identity:
    """Log-in and tokens. All calls may block: call them from worker threads."""

    def __init__(self, store: AccountStore, data: Path, token_lifetime_s: float) -> None:
        self._store = store
        self._passwords = Passwords()
        self._tokens = Tokens(load_or_make_key(data / KEY_FILE), token_lifetime_s)
        self._verified: dict[str, tuple[Account, float]] = {}

    def log_in(self, name: str, password: str) -> tuple[Account, Token]:
        """Raises Unauthorized, with the same words whatever was wrong."""
        account = self._store.account(name)
        usable = account is not None and account.enabled
        stored = account.password_hash if account is not None and usable else None
        if not self._passwords.verify(name, password, stored) or account is None:
            raise Unauthorized("HTTPUnauthorized", "The account or its password is wrong.")
        return account, self._tokens.issue(account)

    def renew(self, text: str) -> tuple[Account, Token]:
        """Another token for who has a good one. Raises Unauthorized."""
        account = self.account_of(text)
        return account, self._tokens.issue(account)

    def authenticate(self, text: str) -> Actor:
        """Raises Unauthorized."""
        return self.account_of(text).actor

    def account_of(self, text: str) -> Account:
        """Whose token it is, with the role that the account has now. Raises Unauthorized."""
        account, until = self._verified.get(text, (None, 0.0))
        if account is not None and time.monotonic() < until:
            return account
        token = self._tokens.read(text)
        account = self._store.account(token.name)
        if account is None or not account.enabled or token.issued < account.not_before:
            raise refused()
        if self._store.is_revoked(token.jti):
            raise refused()
        self._remember(token, account)
        return account

    def read(self, text: str) -> Token:
        """A token's times. Raises Unauthorized."""
        return self._tokens.read(text)

    def revoke(self, text: str) -> None:
        """The token is no longer good. Raises Unauthorized where it was not."""
        token = self._tokens.read(text)
        self._store.revoke(token.jti, token.expires or time.time() + 10 * 365 * 86400)
        self._verified.pop(text, None)

    def issue_for(self, name: str) -> Token:
        """A token without a password, for the service's own command line. Raises Unauthorized for nobody's name."""
        account = self._store.account(name)
        if account is None or not account.enabled:
            raise refused()
        return self._tokens.issue(account)

    def issue_host_token(self, host: str) -> Token:
        """A token that never expires, so that no date can cut a host off; the ones issued before end now."""
        account = Account(HOST_PREFIX + host, Role.HOST, "", None, not_before=time.time() - 0.001)
        self._store.put(account)
        return self._tokens.issue(account, expires=False)

    def set_password(self, name: str, password: str, role: Role, project_id: str) -> None:
        """Makes or changes an account; its tokens so far are dead."""
        self._store.put(Account(name, role, project_id, self._passwords.hash(password), time.time()))
        self._verified.clear()

    def first_accounts(self, data: Path) -> None:
        """On the first start: `admin` and `engine` with made-up passwords, written down before they are in force."""
        path = data / PASSWORDS_FILE
        wanted = {"admin": (Role.ADMIN, "admin"), "engine": (Role.ENGINE, ENGINE_PROJECT)}
        missing = {name for name in wanted if self._store.account(name) is None}
        if len(missing) < len(wanted) and not (path.exists() and missing):
            return
        if not path.exists():
            lines = [f'{name} = "{make_password()}"\n' for name in wanted]
            write_secret(path, "".join(lines).encode())
        passwords = tomllib.loads(path.read_text())
        for name in sorted(missing):
            role, project = wanted[name]
            self._store.put(Account(name, role, project, self._passwords.hash(passwords[name])))
        log.info("made the accounts admin and engine: their passwords are in a file", file=str(path))

    def _remember(self, token: Token, account: Account) -> None:
        if len(self._verified) >= MOST_REMEMBERED:
            self._verified.clear()
        until = REMEMBERED_S if token.expires is None else min(REMEMBERED_S, token.expires - time.time())
        self._verified[token.text] = (account, time.monotonic() + until)


__all__ = ["Account", "AccountStore", "Identity", "Token"]
