"""The schema's history. `make migration` writes the next step from the difference to tables.py."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.util import CommandError
from sqlalchemy import Connection

from ...errors import Unavailable
from .repeatable import make_repeatable


def upgrade(connection: Connection) -> None:
    """Brings the schema to the newest version, in the connection's transaction. What a crash cut short is finished.

    Raises Unavailable for a schema that this version does not know.
    """
    make_repeatable(connection)
    try:
        command.upgrade(configuration(connection), "head")
    except CommandError as error:
        raise Unavailable(
            "ServiceUnavailable",
            f"The database's schema is not one of this version's ({error}): it was made by a newer one, or by another "
            "program. Start that version, or restore the backup that was made before it.",
        ) from error


def configuration(connection: Connection) -> Config:
    """Alembic's, on a connection that is open already."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
