"""Finding the plugins that the configuration names."""

from collections.abc import Sequence
from importlib.metadata import EntryPoint, entry_points
from typing import cast

from .config import ConfigError
from .plugin import PluginMaker

GROUP = "ovirt_quantum.plugins"


def find(name: str) -> PluginMaker:
    """What makes the plugin of that name, which `check` found installed."""
    return cast(PluginMaker, _installed()[name].load())


def check(names: Sequence[str]) -> None:
    """Raises ConfigError for a plugin that is not installed, and for one named twice."""
    for name in names:
        if name not in _installed():
            installed = ", ".join(sorted(_installed())) or "none"
            raise ConfigError(f"plugins: there is no plugin '{name}'; installed: {installed}")
    if len(set(names)) < len(names):
        raise ConfigError(f"plugins: one is named twice in {', '.join(names)}")


def _installed() -> dict[str, EntryPoint]:
    return {entry.name: entry for entry in entry_points(group=GROUP)}
