"""What an inventory file changes, for people to read: a line each for + - ~, then the attributes."""

from collections.abc import Iterator
from typing import Any

from rich.console import Console

SIGNS = {"create": ("+", "green"), "update": ("~", "yellow"), "delete": ("-", "red")}
Answer = dict[str, Any]


def show(answer: Answer) -> None:
    """On a terminal in colours; piped, the same lines plain and never broken."""
    console = Console(highlight=False, markup=False, soft_wrap=True)
    for line, style in lines(answer):
        console.print(line, style=style)


def lines(answer: Answer) -> Iterator[tuple[str, str]]:
    """Each line with its style."""
    for change in answer["changes"]:
        sign, style = SIGNS[change["action"]]
        yield f"{sign} {change['kind']} {change['name']}", style
        for name, values in change["attributes"].items():
            yield f"    {name}: {_values(values)}", style
    for left in answer["left_alone"]:
        yield f"  {left['kind']} {left['name']} is not in the file: left alone (--prune removes it)", "dim"


def _values(values: dict[str, Any]) -> str:
    return " -> ".join(_text(values[which]) for which in ("old", "new") if which in values)


def _text(value: object) -> str:
    if isinstance(value, list):
        return f"[{', '.join(map(_text, value))}]"
    if isinstance(value, dict):
        return f"{value['minimum']}-{value['maximum']}"
    if value is None or value == "":
        return "none"
    return str(value).lower() if isinstance(value, bool) else str(value)
