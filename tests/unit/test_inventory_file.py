"""Inventory files: YAML that can't do harm, with the line of what is wrong."""

from pathlib import Path

import pytest
from ovirt_quantum.command_line import inventory_file
from ovirt_quantum.command_line.failure import Failure

BOMB = "a: &a [x, x, x, x]\n" + "".join(f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefg", "bcdefgh", strict=True))

REFUSED = [
    (BOMB, r", line 2, column 8: aliases"),
    ("hosts: " + "[" * 100_000, r", line 1, column \d+: it is nested too deeply"),
    ("hosts: !!python/object:os.system {}", r", line 1, column 8: tags"),
    ("hosts: !!binary aGk=", r", line 1, column 8: tags"),
    ("hosts: []\nhosts: []\n", r", line 2, column 1: the key 'hosts' is there twice"),
    ("hosts: [\n", r", line 2, column 1: "),
    ("hosts: []\n---\nhosts: []\n", r", line 2, column 1: "),
    ("? [a]\n: b\n", r", line 1, column 3: found unhashable key"),
    ("", r": it must have the keys"),
    ("- hosts\n", r": it must have the keys"),
    ("\x00", r": it is not YAML"),
    (" " * (inventory_file.MOST_BYTES + 1), r": it is larger than"),
]


@pytest.mark.parametrize(("text", "words"), REFUSED, ids=range(len(REFUSED)))
def test_what_is_not_an_inventory_is_refused(tmp_path: Path, text: str, words: str) -> None:
    """With the file's name and, where there is one, the place."""
    file = tmp_path / "inventory.yaml"
    file.write_text(text)
    with pytest.raises(Failure, match=rf"^{file}{words}"):
        inventory_file.read(file)


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    """No traceback for bytes that are no UTF-8."""
    file = tmp_path / "inventory.yaml"
    file.write_bytes(b"hosts: \x80\xff")
    with pytest.raises(Failure, match="it is not YAML"):
        inventory_file.read(file)


def test_a_date_is_a_name_like_any_other(tmp_path: Path) -> None:
    """YAML would make something of it that JSON has no word for."""
    file = tmp_path / "inventory.yaml"
    file.write_text("hosts: [{name: 2026-01-01}]")
    assert inventory_file.read(file) == {"hosts": [{"name": "2026-01-01"}]}


def test_what_is_written_can_be_read(tmp_path: Path) -> None:
    """Also words that YAML takes for something else, and other scripts."""
    document = {"hosts": [{"name": "no", "description": "Zürich: 東京 #1", "tags": ["1e3", "~", "2026-01-01", "a\nb"]}]}
    file = tmp_path / "inventory.yaml"
    inventory_file.write(file, document)
    assert inventory_file.read(file) == document
    assert [path.name for path in tmp_path.iterdir()] == ["inventory.yaml"]
