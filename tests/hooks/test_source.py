"""The code of the host side runs on any host's Python, with nothing installed."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

from .conftest import PYTHONS, interpreter
from .machine import HOOKS

SCRIPTS = sorted([*HOOKS.glob("*/50_ovirt_quantum"), *HOOKS.glob("ovirt_quantum_host/*.py")])


def test_there_is_code_to_look_at() -> None:
    """Else the tests below would prove nothing."""
    assert len(SCRIPTS) > 4


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_only_the_standard_library_is_imported(script: Path) -> None:
    """A host has nothing else; VDSM's own `hooking` costs ten times what Python does."""
    for node in ast.walk(ast.parse(script.read_text())):
        if isinstance(node, ast.Import):
            imported = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported = [node.module or ""] if not node.level else []
        else:
            continue
        for name in imported:
            assert name.split(".")[0] in sys.stdlib_module_names | {"ovirt_quantum_host"}, name


@pytest.mark.parametrize("version", PYTHONS)
def test_it_compiles_without_a_warning(version: str, tmp_path: Path) -> None:
    """Syntax of every Python that hosts have."""
    code = "import sys; [compile(open(name).read(), name, 'exec') for name in sys.argv[1:]]"
    subprocess.run(
        [str(interpreter(version)), "-W", "error", "-c", code, *map(str, SCRIPTS)],
        check=True,
        timeout=30,
        cwd=tmp_path,
    )


LOADED = """
import os, sys
before = set(sys.modules)
os._exit = lambda code: print(code, sorted(set(sys.modules) - before))
exec(compile(open(sys.argv[1], "rb").read(), "hook", "exec"), {"__name__": "__main__"})
"""


@pytest.mark.parametrize("version", PYTHONS)
def test_a_foreign_nic_costs_no_import(version: str) -> None:
    """VDSM runs the hook for each device with custom properties: only Python's own start may be paid."""
    script = str(HOOKS / "before_device_create/50_ovirt_quantum")
    command = [str(interpreter(version)), "-IS", "-c", LOADED, script]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True, env={})
    assert done.stdout == "0 []\n"
