"""JSON as the oVirt engine's client writes and reads it: Jackson 2.18, set up by RESTEasyConnector.

(openstack-java-sdk 3.2.9.) Each reader below is one Java type's deserialiser: it takes the parsed JSON value
and the name of its place, and gives the Python value or raises Unreadable. Readers are as lenient as Jackson
(scalars convert freely) and as strict (no object where a string is due).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Annotated, Any, NoReturn, TypeVar, get_type_hints

T = TypeVar("T")
Reader = Callable[[object, str], T]

_INT_RANGE = range(-(2**31), 2**31)
_ISO_DATE = re.compile(
    r"\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d{0,9})?)?(Z|[+-]\d\d(:?\d\d)?)?)?",
)


class Unreadable(Exception):
    """The document does not fit the Java class; the message names the place."""


def write(value: object, depth: int = 0) -> str:
    """`value` as Jackson's DefaultPrettyPrinter prints it: objects on lines of their own, lists in one line."""
    if isinstance(value, dict):
        margin = "  " * depth
        lines = [f"{margin}  {write(key)} : {write(inner, depth + 1)}" for key, inner in value.items()]
        return "{\n" + ",\n".join(lines) + f"\n{margin}}}" if lines else "{ }"
    if isinstance(value, list):
        return (
            "[ " + "".join(f"{write(inner, depth)}, " for inner in value).removesuffix(", ") + " ]" if value else "[ ]"
        )
    return json.dumps(value, ensure_ascii=False)


def parse(body: bytes) -> object:
    """The JSON value in `body`. Raises Unreadable; also for text after the value, which Jackson would not see."""
    try:
        return json.loads(body, parse_constant=_no_such_number)
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are both
        raise Unreadable(f"the body is no JSON: {error}") from error


def blank(value: object) -> bool:
    """Null, or text that ACCEPT_EMPTY_STRING_AS_NULL_OBJECT takes for it: empty, or spaces alone."""
    return value is None or (isinstance(value, str) and not value.strip())


def text(value: object, where: str) -> str | None:
    """StringDeserializer: any scalar becomes its text; an object or a list is refused."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, (bool, int, float)):
        return json.dumps(value)
    raise _misfit(value, where, "java.lang.String")


def integer(value: object, where: str) -> int | None:
    """IntegerDeserializer: numbers are cut to whole ones, text may hold one ("" and "null" are null); no booleans."""
    if isinstance(value, str):
        value = _number_in(value, where)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, (int, float)) or int(value) not in _INT_RANGE:
        raise _misfit(value, where, "java.lang.Integer")
    return int(value)


def boolean(value: object, where: str) -> bool | None:
    """BooleanDeserializer: also whole numbers (0 is false) and the words true and false in three spellings each."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return value != 0
    words = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
    nothing: dict[str, bool | None] = {"": None, "null": None}
    if isinstance(value, str) and value.strip() in words | nothing:
        return (words | nothing)[value.strip()]
    raise _misfit(value, where, "java.lang.Boolean")


def date(value: object, where: str) -> str | None:
    """CalendarDeserializer: ISO 8601 (RFC 3339) with at most nine decimals, or milliseconds since 1970, else refused.

    Jackson takes the dates of RFC 1123 too; nothing that speaks Keystone's API sends those.
    """
    if blank(value):
        return None
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, str) and (_ISO_DATE.fullmatch(value) or re.fullmatch(r"-?\d+", value)):
        return value
    raise _misfit(value, where, "java.util.Calendar")


def anything(value: object, where: str) -> object:
    """java.lang.Object: nothing is refused."""
    return value


def list_of(reader: Reader[T]) -> Reader[list[T] | None]:
    """CollectionDeserializer with ACCEPT_SINGLE_VALUE_AS_ARRAY: a lone value is a list of one, a blank one is null."""

    def read(value: object, where: str) -> list[T] | None:
        if blank(value):
            return None
        items = value if isinstance(value, list) else [value]
        return [reader(item, f"{where}[{index}]") for index, item in enumerate(items)]

    return read


def map_of(reader: Reader[T]) -> Reader[dict[str, T] | None]:
    """MapDeserializer: an object, each value read by `reader`; a blank is null."""

    def read(value: object, where: str) -> dict[str, T] | None:
        if blank(value):
            return None
        if not isinstance(value, dict):
            raise _misfit(value, where, "java.util.Map")
        return {key: reader(inner, f"{where}.{key}") for key, inner in value.items()}

    return read


Text = Annotated[str | None, text]
Integer = Annotated[int | None, integer]
Boolean = Annotated[bool | None, boolean]
Date = Annotated[str | None, date]
Texts = Annotated[list[str | None] | None, list_of(text)]


def object_of(model: type[T]) -> Reader[T | None]:
    """BeanDeserializer: unknown keys are ignored, null and blanks are null.

    `model` is a dataclass whose fields are annotated with their reader and, where the key differs from the
    field's name, the key.
    """

    readers = _readers(model)

    def read(value: object, where: str) -> T | None:
        if blank(value):
            return None
        if not isinstance(value, dict):
            raise _misfit(value, where, model.__name__)
        known = [(key, *readers[key]) for key in value if key in readers]
        return model(**{name: reader(value[key], f"{where}.{key}") for key, name, reader in known})

    return read


def unwrap(root: str, reader: Reader[T]) -> Reader[T]:
    """UNWRAP_ROOT_VALUE: the document is an object of exactly one key, `root`, with a value."""

    def read(value: object, where: str) -> T:
        if value is None:
            return reader(None, where)
        if not isinstance(value, dict):
            raise _misfit(value, where, f"object with the one key {root!r}")
        if list(value) != [root]:
            raise Unreadable(f"{where}: expected exactly the root key {root!r}, found {', '.join(value) or 'none'}")
        if value[root] is None:
            raise Unreadable(f"{where}: the root value {root!r} is null")
        return reader(value[root], root)

    return read


def _readers(model: type[Any]) -> dict[str, tuple[str, Reader[Any]]]:
    """JSON key -> field, reader."""
    readers = {}
    for name, hint in get_type_hints(model, include_extras=True).items():
        reader, *key = hint.__metadata__
        readers[key[0] if key else name] = (name, reader)
    return readers


def _number_in(value: str, where: str) -> int | None:
    word = value.strip()
    if word in ("", "null"):
        return None
    if not re.fullmatch(r"[+-]?\d+", word):
        raise _misfit(value, where, "java.lang.Integer")
    return int(word)


def _misfit(value: object, where: str, java_type: str) -> Unreadable:
    return Unreadable(f"{where}: cannot deserialize {json.dumps(value)[:60]} as {java_type}")


def _no_such_number(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")
