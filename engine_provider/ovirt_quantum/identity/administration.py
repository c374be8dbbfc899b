"""What an administrator does to accounts, from the command line or at the first start."""

import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path

import structlog

from ..errors import BadInput, Conflict, NotFound, Unavailable
from ..model import ENGINE_PROJECT, Role
from .account import Account, AccountStore
from .passwords import hash_password, make_password
from .secret_files import write_new_secret
from .tokens import Token, Tokens

PASSWORDS_FILE = "initial-passwords.toml"
HOST_PREFIX = "host:"
MOST_NAME = 255
LEAST_PASSWORD, MOST_PASSWORD = 8, 1024
FIRST: Mapping[str, tuple[Role, str]] = {"admin": (Role.ADMIN, "admin"), "engine": (Role.ENGINE, ENGINE_PROJECT)}

log = structlog.get_logger()


def add_account(store: AccountStore, name: str, role: Role, project_id: str, password: str) -> None:
    """Raises BadInput, Conflict."""
    _check_name(name)
    store.add([Account(name, role, project_id, _hashed(password))])


def set_password(store: AccountStore, name: str, password: str) -> None:
    """The account's tokens so far are dead. Raises BadInput, NotFound."""
    hashed = _hashed(password)

    def changed(account: Account) -> Account:
        if account.role is Role.HOST:
            raise BadInput("InvalidInput", f"{name} is a host: it has a token (`host-token`) and no password.")
        return account.changed(password_hash=hashed)

    store.change(name, changed)


def disable(store: AccountStore, name: str) -> None:
    """No log-in, and its tokens are dead. Raises NotFound."""
    store.change(name, lambda account: account.changed(enabled=False))


def enable(store: AccountStore, name: str) -> None:
    """It may log in again; the tokens from before stay dead. Raises NotFound."""
    store.change(name, lambda account: account.changed(enabled=True))


def issue_host_token(store: AccountStore, tokens: Tokens, host: str) -> Token:
    """A token without an end; the ones that the host had before are dead. Raises BadInput."""
    name = HOST_PREFIX + host
    try:
        account = store.change(name, lambda account: account.changed(enabled=True))
    except NotFound:
        _check_name(host)
        account = Account(name, Role.HOST, "", None)
        store.add([account])
    return tokens.issue_endless(account)


def first_accounts(store: AccountStore, data: Path) -> None:
    """Makes `admin` and `engine` where they are missing; their passwords are on disk before they are in force.

    A crash between leaves the file, and the next start goes on with it. Raises Unavailable where it is unusable.
    """
    missing = [name for name in FIRST if store.account(name) is None]
    if not missing:
        return
    path = data / PASSWORDS_FILE
    passwords = _written_down(path, missing)
    try:
        store.add([Account(name, *FIRST[name], hash_password(passwords[name])) for name in missing])
    except Conflict:
        path.unlink()
        log.warning("another service on this database made the first accounts: their passwords are in its file")
        return
    log.info("made accounts: their passwords are in a file", accounts=",".join(missing), file=str(path))


def _written_down(path: Path, names: Collection[str]) -> Mapping[str, str]:
    if not path.exists():
        lines = [f'{name} = "{make_password()}"\n' for name in names]
        write_new_secret(path, "".join(lines).encode())
    try:
        passwords = tomllib.loads(path.read_text())
    except ValueError:
        passwords = {}  # the error below says which file; the parser's own words might quote a password
    if not all(isinstance(passwords.get(name), str) and passwords[name] for name in names):
        wanted = " and ".join(names)
        raise Unavailable(
            "ServiceUnavailable",
            f"{path} has no passwords for {wanted}, which are still to be made: remove the file, or mend it.",
        )
    return passwords


def _hashed(password: str) -> str:
    if not LEAST_PASSWORD <= len(password) <= MOST_PASSWORD:
        raise BadInput("InvalidInput", f"A password has from {LEAST_PASSWORD} to {MOST_PASSWORD} characters.")
    return hash_password(password)


def _check_name(name: str) -> None:
    if not name.isprintable() or not name or " " in name or len(name) > MOST_NAME - len(HOST_PREFIX):
        raise BadInput(
            "InvalidInput", f"The name {name!r} must be printable, without spaces, and not longer than 250 characters."
        )
    if name.startswith(HOST_PREFIX):
        raise BadInput("InvalidInput", f"Names that begin with {HOST_PREFIX} are hosts': use `host-token`.")
