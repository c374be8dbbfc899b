"""The service's own configuration, for the commands that run on its machine."""

from pathlib import Path

from msgspec import structs

from ..config import Config, load


def configuration(path: Path | None, data: Path | None) -> Config:
    """The file's settings, with what the command line says over them. Raises ConfigError."""
    config = load(path)
    return config if data is None else structs.replace(config, data=str(data))
