"""Finding the plugins that the configuration names."""

from collections.abc import Callable
from importlib.metadata import entry_points
from typing import cast

from .config import ConfigError
from .plugin import Context, Plugin

GROUP = "ovirt_quantum.plugins"


def find(name: str) -> Callable[[Context], Plugin]:
    """What makes the plugin of that name. Raises ConfigError where none is installed."""
    found = list(entry_points(group=GROUP, name=name))
    if not found:
        installed = ", ".join(sorted(entry.name for entry in entry_points(group=GROUP))) or "none"
        raise ConfigError(f"plugins: there is no plugin '{name}'; installed: {installed}")
    return cast(Callable[[Context], Plugin], found[0].load())
