"""The command line: `ovirt-quantum`."""

import sys
from pathlib import Path
from typing import Annotated

import typer
from msgspec import structs

from . import logs
from .command_line import accounts, inventory
from .command_line.configuration import configuration
from .command_line.failure import Failure
from .config import ConfigError
from .errors import QuantumError

app = typer.Typer(no_args_is_help=True, add_completion=False, pretty_exceptions_enable=False)
database_app = typer.Typer(no_args_is_help=True, help="The service's database.")
app.add_typer(database_app, name="database")
app.add_typer(inventory.app, name="inventory")
app.add_typer(accounts.app, name="account")
app.command("host-token")(accounts.host_token)

ConfigOption = Annotated[Path | None, typer.Option("--config", help="TOML file; without it the defaults hold.")]
DataOption = Annotated[Path | None, typer.Option("--data", help="Directory of what the service writes.")]


@app.command()
def serve(
    config: ConfigOption = None,
    listen: Annotated[str | None, typer.Option(help="HOST:PORT.")] = None,
    data: DataOption = None,
    auth: Annotated[str | None, typer.Option(help="password, or none: everybody may do everything.")] = None,
) -> None:
    """Serves the API until it is told to stop."""
    from . import serving  # here: importing the whole service takes a second that the other commands need not pay

    settings = configuration(config, data)
    if listen is not None:
        settings = structs.replace(settings, server=structs.replace(settings.server, listen=listen))
    if auth is not None:
        if auth not in ("password", "none"):
            raise ConfigError(f"--auth must be password or none, not {auth}")
        settings = structs.replace(settings, identity=structs.replace(settings.identity, auth=auth))
    serving.serve(settings)


@database_app.command("confirm")
def database_confirm(config: ConfigOption = None, data: DataOption = None) -> None:
    """Says that the database, found empty, older or another than before, is the right one."""
    from . import serving

    found = serving.confirm_database(configuration(config, data))
    typer.echo(f"The database of deployment {found.deployment}, after {found.generation} writes, is the right one.")


def main() -> None:
    """The console script. What an operator can mend is one line on stderr and exit code 1."""
    logs.configure()
    try:
        app()
    except (ConfigError, Failure, QuantumError, OSError) as error:
        sys.exit(f"ovirt-quantum: {error}")


if __name__ == "__main__":
    main()
