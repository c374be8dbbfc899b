"""`ovirt-quantum account` and `ovirt-quantum host-token`: who may log in to the service.

These work on the service's database itself, so that an administrator who is locked out has a way in; a running
service follows within seconds. No password and no token is ever an argument: all users of a machine see those.
"""

import sys
from collections.abc import Iterator
from contextlib import closing, contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from .. import identity
from ..config import Config
from ..model import ENGINE_PROJECT, Role
from .configuration import configuration
from .failure import Failure
from .reach import ConfigOption, DataOption

if TYPE_CHECKING:
    from ..store.accounts import SqlAccounts

app = typer.Typer(no_args_is_help=True, help="Who may log in to the service.")


class RoleName(StrEnum):
    """The roles of people and programs; hosts have tokens only."""

    READER = "reader"
    MEMBER = "member"
    MANAGER = "manager"
    ENGINE = "engine"
    ADMIN = "admin"


NameArgument = Annotated[str, typer.Argument(help="The account.")]
RoleOption = Annotated[RoleName, typer.Option("--role", help="What it may do.")]
ProjectOption = Annotated[str | None, typer.Option("--project", help="The project that it acts for.")]
PasswordOption = Annotated[
    typer.FileText | None,
    typer.Option("--password-file", help="File with the password, - for stdin; else it is asked."),
]


@app.command()
def add(
    name: NameArgument,
    role: RoleOption,
    project: ProjectOption = None,
    password_file: PasswordOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Makes an account. Without --project it acts for a project of its own name, an engine for oVirt's."""
    settings = configuration(config, data)
    password = _password(password_file)
    kind = Role[role.name]
    own_project = ENGINE_PROJECT if kind is Role.ENGINE else name
    with _store(settings) as store:
        identity.add_account(store, name, kind, project or own_project, password)


@app.command("password")
def change_password(
    name: NameArgument,
    password_file: PasswordOption = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Changes an account's password; its tokens so far are dead."""
    settings = configuration(config, data)
    password = _password(password_file)
    with _store(settings) as store:
        identity.set_password(store, name, password)


@app.command()
def disable(name: NameArgument, config: ConfigOption = None, data: DataOption = None) -> None:
    """Keeps an account out: no log-in, and its tokens are dead. A host's account is host:NAME."""
    with _store(configuration(config, data)) as store:
        identity.disable(store, name)


@app.command()
def enable(name: NameArgument, config: ConfigOption = None, data: DataOption = None) -> None:
    """Lets a disabled account log in again; a host gets a new token by host-token."""
    with _store(configuration(config, data)) as store:
        identity.enable(store, name)


@app.command("list")
def show(config: ConfigOption = None, data: DataOption = None) -> None:
    """Shows all accounts."""
    with _store(configuration(config, data)) as store:
        accounts = store.accounts()
    table = Table("Name", "Role", "Project", "State", box=None)
    for account in accounts:
        state = "enabled" if account.enabled else "disabled"
        table.add_row(escape(account.name), account.role.name.lower(), escape(account.project_id), state)
    Console(width=None if sys.stdout.isatty() else 600).print(table)


def host_token(
    name: Annotated[str, typer.Argument(help="The host, by the name that it has in the inventory.")],
    output: Annotated[
        Path | None, typer.Option(help="Write it to this file, mode 0600, and not to the screen.")
    ] = None,
    config: ConfigOption = None,
    data: DataOption = None,
) -> None:
    """Makes a token with which a host may ask how to plug a port; the host's earlier ones are dead."""
    settings = configuration(config, data)
    with _store(settings) as store:
        text = identity.issue_host_token(store, _tokens(settings), name).text + "\n"
    if output is None:
        typer.echo(text, nl=False)
    else:
        identity.write_secret(output, text.encode())


@contextmanager
def _store(settings: Config) -> "Iterator[SqlAccounts]":
    """The accounts in the database."""
    from .. import serving  # here: it takes a second that commands without a database need not pay
    from ..store.accounts import SqlAccounts

    with closing(serving.open_database(settings)) as database:
        yield SqlAccounts(database)


def _tokens(settings: Config) -> identity.Tokens:
    from .. import serving

    key = identity.load_or_make_key(serving.data_directory(settings) / identity.KEY_FILE)
    return identity.Tokens(key, settings.identity.token_lifetime_s)


def _password(file: typer.FileText | None) -> str:
    """Raises Failure where there is nobody to ask."""
    if file is not None:
        return file.read().rstrip("\r\n")
    if not sys.stdin.isatty():
        raise Failure("there is no terminal to ask for the password on: use --password-file")
    password: str = typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    return password
