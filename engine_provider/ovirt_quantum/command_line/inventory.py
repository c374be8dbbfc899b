"""`ovirt-quantum inventory`: physical networks, hosts and links from one YAML file."""

from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

import typer

from . import changes, inventory_file
from .client import Client
from .failure import Failure, reported
from .reach import CaOption, ConfigOption, DataOption, TokenOption, UrlOption, reach

DIFFERENT = 1

app = typer.Typer(no_args_is_help=True, help="Physical networks, hosts and links from one YAML file.")

FileArgument = Annotated[Path, typer.Argument(help="YAML file; docs/inventory.md says what may be in it.")]
PruneOption = Annotated[bool, typer.Option("--prune", help="Remove what the file does not mention.")]


@app.command()
def apply(
    file: FileArgument,
    prune: PruneOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
    url: UrlOption = None,
    token_file: TokenOption = None,
    ca_file: CaOption = None,
) -> None:
    """Makes the inventory as the file says, all of it or, where something is refused, nothing."""
    with reported():
        answer = _put(reach(config, data, url, token_file, ca_file), file, prune, dry_run=False)
    changes.show(answer)
    count = len(answer["changes"])
    typer.echo(f"{count} change{'' if count == 1 else 's'} applied." if count else "No difference.")


@app.command()
def diff(
    file: FileArgument,
    prune: PruneOption = False,
    config: ConfigOption = None,
    data: DataOption = None,
    url: UrlOption = None,
    token_file: TokenOption = None,
    ca_file: CaOption = None,
) -> None:
    """Shows what apply would do or refuse. Exit code 0: no difference, 1: differences, 2: an error."""
    with reported():
        answer = _put(reach(config, data, url, token_file, ca_file), file, prune, dry_run=True)
    changes.show(answer)
    if answer["changes"]:
        raise typer.Exit(DIFFERENT)
    typer.echo("No difference.")


@app.command()
def export(
    file: Annotated[Path | None, typer.Argument(help="File to write; without it, standard output.")] = None,
    config: ConfigOption = None,
    data: DataOption = None,
    url: UrlOption = None,
    token_file: TokenOption = None,
    ca_file: CaOption = None,
) -> None:
    """Writes the inventory as a file that apply takes."""
    with reported():
        document = reach(config, data, url, token_file, ca_file).get("/v2.0/inventory")["inventory"]
        if file is None:
            typer.echo(inventory_file.text_of(document), nl=False)
        else:
            inventory_file.write(file, document)


def _put(client: Client, file: Path, prune: bool, dry_run: bool) -> dict[str, Any]:
    """The service's answer. Raises Failure that begins with the file's name where its content is refused."""
    document = inventory_file.read(file)
    flags = urlencode({"prune": str(prune).lower(), "dry_run": str(dry_run).lower()})
    try:
        return client.put(f"/v2.0/inventory?{flags}", {"inventory": document})
    except Failure as failure:
        raise Failure(f"{file}: {failure}") from None
