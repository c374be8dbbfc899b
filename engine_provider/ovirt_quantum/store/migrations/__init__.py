"""The schema's history. `make migration` writes the next step from the difference to tables.py."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection

from .repeatable import make_repeatable


def upgrade(connection: Connection) -> None:
    """Brings the schema to the newest version, in the connection's transaction. What a crash cut short is finished."""
    make_repeatable(connection)
    command.upgrade(configuration(connection), "head")


def configuration(connection: Connection) -> Config:
    """Alembic's, on a connection that is open already."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
