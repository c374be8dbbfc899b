"""docs/configuration.md against the code: every key and every command, and no other."""

import argparse
import re
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import msgspec
import pytest
import typer
from ovirt_quantum.__main__ import app
from ovirt_quantum.config import Config, load
from ovirt_quantum_host.__main__ import arguments
from ovirt_quantum_host.hook import KEYS
from ovirt_quantum_ovn.settings import Settings as OvnSettings
from ovirt_quantum_ovs.settings import Settings as OvsSettings

from tests.docs.page import ROOT, code, rows

PAGE = ROOT / "docs" / "configuration.md"
PLUGINS = {"ovs": OvsSettings, "ovn": OvnSettings}
WORDS = {str: "string", bool: "boolean", int: "integer", float: "number"}


def declared_keys() -> dict[str, tuple[str, str]]:
    """Every key with its type and its default, as the page writes them."""
    defaults = dict(_keys(Config(), "")) | {f"ovs.{field.name}": field.default for field in fields(OvsSettings)}
    keys = {key: (_kind(default), msgspec.json.encode(default).decode()) for key, default in defaults.items()}
    return keys | {f"ovn.{field.name}": _of_field(field) for field in msgspec.structs.fields(OvnSettings)}


def _of_field(field: msgspec.structs.FieldInfo) -> tuple[str, str]:
    """A key without a default is required, and a string: where a database is."""
    if field.required:
        return WORDS[field.type], "required"
    return _kind(field.default), msgspec.json.encode(field.default).decode()


def _keys(settings: msgspec.Struct, prefix: str) -> Iterator[tuple[str, object]]:
    for name in settings.__struct_fields__:
        value = getattr(settings, name)
        if name == "plugin":
            continue  # written as tables of the plugins' own names
        if isinstance(value, msgspec.Struct):
            yield from _keys(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def test_every_key_is_documented_and_no_other() -> None:
    """Key, type and default, as they are in the code."""
    documented = {key.strip("`"): (kind, default.strip("`")) for key, kind, default, _ in rows(PAGE, "Keys")}
    assert documented == declared_keys()


def _kind(default: object) -> str:
    if isinstance(default, list):
        return "list of strings"
    return WORDS[type(default)]


def test_every_key_is_explained() -> None:
    """An empty meaning is no documentation."""
    assert all(len(meaning) > 10 for *_, meaning in rows(PAGE, "Keys"))


@pytest.mark.parametrize("example", code(PAGE, "toml"))
def test_examples_are_right(example: str, tmp_path: Path) -> None:
    """The service would read them."""
    path = tmp_path / "quantum.toml"
    path.write_text(example)
    config = load(path)
    for name in config.plugins:
        PLUGINS[name].read(config.plugin.get(name, {}))


def test_every_command_of_the_service_is_documented_and_no_other() -> None:
    """With all of its options."""
    command = typer.main.get_command(app)
    assert _documented("The command `ovirt-quantum`") == dict(_commands(command, "ovirt-quantum"))


def _documented(heading: str) -> dict[str, set[str]]:
    found = {}
    for command, options, _ in rows(PAGE, heading):
        name = re.sub(r" \[?[A-Z]+\]?$", "", command.strip("`"))
        found[name] = set(re.findall(r"--[a-z-]+", options))
    return found


def _commands(command: Any, name: str) -> Iterator[tuple[str, set[str]]]:
    children = getattr(command, "commands", None)
    for word, child in (children or {}).items():
        yield from _commands(child, f"{name} {word}")
    if children is None:
        yield name, {option for one in command.params for option in one.opts if option.startswith("--")} - {"--help"}


def test_every_command_of_a_host_is_documented_and_no_other() -> None:
    """With all of its options."""
    verbs = next(action for action in arguments()._actions if isinstance(action, argparse._SubParsersAction))
    declared = {f"ovirt-quantum-host {verb}": _options(parser) for verb, parser in verbs.choices.items()}
    assert _documented("The command `ovirt-quantum-host`") == declared


def _options(parser: argparse.ArgumentParser) -> set[str]:
    found = {option for action in parser._actions for option in action.option_strings}
    return {option for option in found if option.startswith("--")} - {"--help"}


def test_every_key_of_a_host_is_documented_and_no_other() -> None:
    """host.conf, as the hook reads it."""
    assert {key.strip("`") for key, _ in rows(PAGE, "The file `/etc/ovirt-quantum/host.conf`")} == set(KEYS)
