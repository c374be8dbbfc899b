"""The service with a plugin that can do all that a plugin can do: the reference plugin, found as any other one is.

tests/plugins holds its entry point, in the form in which an installed package has one.
"""

import os
from pathlib import Path

from tests.service import Service

ROOT = Path(__file__).parents[2]
SETTINGS = 'plugins = ["guarding"]\n'


class CapableService(Service):
    """`ovirt-quantum serve` that finds the plugin `guarding` beside what is installed."""

    def __init__(self, folder: Path, settings: str = SETTINGS, *options: str) -> None:
        super().__init__(folder, settings, *options)

    @property
    def command(self) -> list[str]:
        where = os.pathsep.join([str(ROOT), str(ROOT / "tests/plugins")])
        return ["env", f"PYTHONPATH={where}", *super().command]
