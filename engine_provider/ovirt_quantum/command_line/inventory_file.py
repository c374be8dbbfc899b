"""Inventory files: YAML, bounded in size and depth before anything is built from it."""

import os
from collections.abc import Hashable
from pathlib import Path
from typing import Any, cast

import yaml

from .failure import Failure

MOST_BYTES = 4 * 1024 * 1024
DEEPEST = 10
"""An inventory has six levels."""
Document = dict[str, Any]

HEADER = "# The inventory of ovirt-quantum: `ovirt-quantum inventory apply` takes this file.\n"


class _Loader(yaml.SafeLoader):
    """Safe; a key that is there twice is an error, not a silent loss of the first, and a date is a string."""

    yaml_implicit_resolvers = {
        first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Hashable, Any]:
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.MarkedYAMLError(problem=f"the key '{key.value}' is there twice", problem_mark=key.start_mark)
            seen.add(str(key.value))
        return super().construct_mapping(node, deep)


def read(path: Path) -> Document:
    """What the file says, not yet checked. Raises Failure with line and column; OSError."""
    with path.open("rb") as file:
        raw = file.read(MOST_BYTES + 1)
    if len(raw) > MOST_BYTES:
        raise Failure(f"{path}: it is larger than {MOST_BYTES} bytes")
    try:
        _check_events(raw)
        document = yaml.load(raw, _Loader)
    except yaml.MarkedYAMLError as error:
        raise Failure(f"{path}{_where(error.problem_mark)}: {error.problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise Failure(f"{path}: it is not YAML: {error}") from None
    if not isinstance(document, dict):
        raise Failure(f"{path}: it must have the keys physical_networks, hosts and network_segment_ranges")
    return document


def text_of(document: Document) -> str:
    """The YAML of an inventory, in the order in which things are declared."""
    return HEADER + yaml.safe_dump(document, sort_keys=False, allow_unicode=True, default_flow_style=None, width=120)


def write(path: Path, document: Document) -> None:
    """The old file or the new one, never half of it. Raises OSError."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        draft.write_text(text_of(document))
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def _check_events(raw: bytes) -> None:
    """An alias repeats what is written once, a thousandfold if nested; deep nesting exhausts the stack."""
    depth = 0
    for event in yaml.parse(raw, _Loader):
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        refused = {
            "aliases (*name) are not taken": isinstance(event, yaml.AliasEvent),
            "tags (!name) are not taken": getattr(event, "tag", None) is not None,
            "it is nested too deeply": depth > DEEPEST,
        }
        problem = next((words for words, found in refused.items() if found), None)
        if problem is not None:
            raise yaml.MarkedYAMLError(problem=problem, problem_mark=cast(yaml.Mark, event.start_mark))


def _where(mark: yaml.Mark | None) -> str:
    return "" if mark is None else f", line {mark.line + 1}, column {mark.column + 1}"
