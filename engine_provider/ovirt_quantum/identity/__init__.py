"""Who may speak to the service: accounts, passwords, tokens."""

from .account import Account, AccountStore
from .administration import add_account, disable, enable, first_accounts, issue_host_token, set_password
from .identity import Identity
from .secret_files import KEY_FILE, load_key, load_or_make_key, write_secret
from .tokens import Grant, Token, Tokens

__all__ = [
    "KEY_FILE",
    "Account",
    "AccountStore",
    "Grant",
    "Identity",
    "Token",
    "Tokens",
    "add_account",
    "disable",
    "enable",
    "first_accounts",
    "issue_host_token",
    "load_key",
    "load_or_make_key",
    "set_password",
    "write_secret",
]
