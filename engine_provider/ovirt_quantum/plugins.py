"""Finding the plugins that the configuration names."""

from collections.abc import Callable, Iterable, Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from .config import ConfigError
from .plugin import Context, Plugin

GROUP = "ovirt_quantum.plugins"


def load(name: str, context: Context) -> Plugin:
    """The plugin of that name. Raises ConfigError where none is installed, or it does not like its settings."""
    make = cast(Callable[[Context], Plugin], _installed()[name].load())
    try:
        return make(context)
    except ValueError as error:
        raise ConfigError(f"plugin.{name}: {error}") from None


def check(names: Sequence[str], tables: Iterable[str]) -> None:
    """Raises ConfigError for a plugin, or a table of one, that is not installed, and for one named twice."""
    for key, named in [("plugins", names), ("plugin", tables)]:
        for name in named:
            if name not in _installed():
                installed = ", ".join(sorted(_installed())) or "none"
                raise ConfigError(f"{key}: there is no plugin '{name}'; installed: {installed}")
    if len(set(names)) < len(names):
        raise ConfigError(f"plugins: one is named twice in {', '.join(names)}")


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
