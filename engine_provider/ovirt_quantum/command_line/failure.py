"""How a command says that it could not do what was asked."""

from collections.abc import Iterator
from contextlib import contextmanager

import typer

from ..config import ConfigError

EXIT_CODE = 2
"""As for a wrong option; 1 is an answer: there are differences."""


class Failure(Exception):
    """What the administrator can mend, in one sentence."""


@contextmanager
def reported() -> Iterator[None]:
    """One line on stderr and exit code 2."""
    try:
        yield
    except (Failure, ConfigError, OSError) as error:
        typer.echo(f"ovirt-quantum: {error}", err=True)
        raise typer.Exit(EXIT_CODE) from None
