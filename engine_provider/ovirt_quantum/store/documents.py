"""A resource as it stands in the database: one JSON document, all attributes by their names on the wire."""

from functools import cache
from typing import Any, TypeVar

import msgspec

from ..model import Resource, fields
from ..model.types import Text

R = TypeVar("R", bound=Resource)

_encoder = msgspec.json.Encoder(enc_hook=str)


def encode(resource: Resource) -> str:
    """The document of a resource."""
    return _encoder.encode(resource).decode()


def decode(kind: type[R], document: str) -> R:
    """The resource of a document."""
    found: R = _decoder(kind).decode(document)
    return found


def columns(resource: Resource) -> dict[str, Any]:
    """What of the resource stands beside its document, by column name."""
    return {name: getattr(resource, name) for name in _column_names(type(resource))}


@cache
def _column_names(kind: type[Resource]) -> tuple[str, ...]:
    return tuple(field.name for field in fields(kind).values() if field.rule.column)


def _as_it_is(kind: type[Text], value: str) -> Text:
    """What was parsed before it was stored need not be parsed again: that took most of a list's time."""
    return kind(value)


@cache
def _decoder(kind: type[Resource]) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_as_it_is)
