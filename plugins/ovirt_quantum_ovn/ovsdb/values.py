"""What stands in a column, as Python has it, and how it is written on the wire (RFC 7047, section 5.1).

| OVSDB                 | read                        | written                                  |
|-----------------------|-----------------------------|------------------------------------------|
| atom                  | bool, int, float, str, Uuid | the same                                 |
| row of the same batch | -                           | NamedUuid                                |
| optional atom         | the atom or None            | the atom or None                         |
| set                   | frozenset                   | any set, list or tuple                   |
| map                   | dict                        | any mapping                              |
"""

import math
import re
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, TypeAlias

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
"""RFC 7047's <id>: a named-uuid, or a column."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


class Uuid(str):
    """A row's id, as a reference to it. Equal to the same text as a plain str, so that ids compare as they are."""

    __slots__ = ()

    def __new__(cls, text: str) -> "Uuid":
        """Raises ValueError where `text` is no UUID in its usual lower-case form."""
        if not _UUID.fullmatch(text):
            raise ValueError(f"'{text}' is not a UUID in its usual form")
        return super().__new__(cls, text)


class NamedUuid(str):
    """A row that the same transaction inserts with this name."""

    __slots__ = ()

    def __new__(cls, name: str) -> "NamedUuid":
        """Raises ValueError where `name` is not a letter or underscore followed by such or digits."""
        if not NAME.fullmatch(name):
            raise ValueError(f"'{name}' can't name a row: letters, digits and underscores")
        return super().__new__(cls, name)


Atom: TypeAlias = bool | int | float | str
Value: TypeAlias = Atom | frozenset[Atom] | Mapping[Atom, Atom] | None
Writable: TypeAlias = Atom | AbstractSet[Atom] | Sequence[Atom] | Mapping[Any, Atom] | None
Row: TypeAlias = Mapping[str, Value]
WritableRow: TypeAlias = Mapping[str, Writable]

_GREATEST = 2**63
_UNFIT = re.compile("[\0\ud800-\udfff]")


def encode(value: Writable) -> Any:
    """`value` as JSON. Raises ValueError where OVSDB has no such value, TypeError where it is of another type."""
    if isinstance(value, str | bool | int | float):
        return encode_atom(value)
    if value is None:
        return ["set", []]
    if isinstance(value, Mapping):
        return ["map", [[encode_atom(key), encode_atom(item)] for key, item in value.items()]]
    if isinstance(value, AbstractSet | Sequence) and not isinstance(value, bytes):
        return ["set", [encode_atom(item) for item in value]]
    raise TypeError(f"OVSDB has no value such as {value!r}")


def encode_atom(atom: Atom) -> Any:
    """One atom as JSON. Raises as `encode` does."""
    if isinstance(atom, str):
        return _encode_text(atom)
    if isinstance(atom, bool):
        return atom
    if isinstance(atom, int):
        if not -_GREATEST <= atom < _GREATEST:
            raise ValueError(f"{atom} does not fit into OVSDB's 64 bits")
        return atom
    if isinstance(atom, float):
        if not math.isfinite(atom):
            raise ValueError(f"OVSDB has no number such as {atom}")
        return atom
    raise TypeError(f"OVSDB has no atom such as {atom!r}")


def _encode_text(text: str) -> Any:
    if isinstance(text, Uuid):
        return ["uuid", str(text)]
    if isinstance(text, NamedUuid):
        return ["named-uuid", str(text)]
    # ovsdb-server's parser ends the connection over either, and everybody's requests with it
    if _UNFIT.search(text):
        raise ValueError(f"OVSDB has no string such as {text!r}")
    return str(text)  # also where it is of a class of its own, which JSON does not know
