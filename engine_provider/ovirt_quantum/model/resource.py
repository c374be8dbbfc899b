"""How a resource is declared: every attribute is said once, as an annotated field of a Struct.

The type says what a value is (and so what is refused, with the attribute's name); `Attribute` says who may
give it and when. Wire format, validation, filters, policy and the database's columns follow from the declaration.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Annotated, Any, ClassVar, Literal, get_args, get_origin, get_type_hints
from uuid import uuid4

import msgspec

from ..errors import QuantumError
from .access import Role
from .types import Name, Uuid

When = Literal["never", "create", "always"]


@dataclass(frozen=True)
class Refusal:
    """Whose fault a wrong value is (`errors.py`), Neutron's error type, and its words, with {} for the value."""

    error: type[QuantumError]
    kind: str
    words: str


@dataclass(frozen=True)
class Attribute:
    """What an attribute's type does not say.

    given: when a client may give it.  set_by, seen_by: the least role that may.
    column: True where lists are filtered or sorted by it often; it then has a database column of its own.
    refusal: Neutron's own error for a value that is not of the attribute's type, where it has one.
    """

    given: When = "never"
    set_by: Role = Role.MEMBER
    seen_by: Role = Role.READER
    column: bool = False
    refusal: Refusal | None = None


READ_ONLY = Attribute()
ON_CREATE = Attribute("create")
ALWAYS = Attribute("always")


class Resource(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What every resource has (Neutron: standard attributes)."""

    member: ClassVar[str]
    """The word for one of them: the JSON root key and the kind in the sync table."""
    collection: ClassVar[str]
    """The word for many: the JSON root key of lists."""
    path: ClassVar[str]
    """Below /v2.0/."""
    parent: ClassVar[str] = ""
    """The attribute whose value stands in `path` in braces, where it is there only below another one."""
    written_by: ClassVar[Role] = Role.MEMBER
    """The least role that may create, change and delete one."""
    not_found: ClassVar[str]
    """Neutron's error type for an unknown id."""
    public: ClassVar[bool] = False
    """True where every project sees all of them."""
    feature: ClassVar[str] = ""
    """The feature of a loaded plugin without which the API has none of it; empty: it is always there."""

    id: Annotated[Uuid, Attribute(column=True)] = msgspec.field(default_factory=lambda: Uuid(uuid4()))
    name: Annotated[Name, Attribute("always", column=True)] = ""
    description: Annotated[Name, ALWAYS] = ""
    project_id: Annotated[Name, Attribute("create", column=True)] = ""
    tags: Annotated[list[Annotated[str, msgspec.Meta(min_length=1, max_length=255)]], ALWAYS] = []
    created_at: Annotated[str, READ_ONLY] = ""
    updated_at: Annotated[str, READ_ONLY] = ""
    revision_number: Annotated[int, READ_ONLY] = 0


@dataclass(frozen=True)
class Field:
    """One declared attribute: `name` in Python, `wire` in JSON, `type` for msgspec, the rule."""

    name: str
    wire: str
    type: Any
    rule: Attribute


@cache
def fields(kind: type[Resource]) -> Mapping[str, Field]:
    """All attributes of a resource by their name on the wire, in order of declaration."""
    hints = get_type_hints(kind, include_extras=True)
    found = {}
    for field in msgspec.structs.fields(kind):
        found[field.encode_name] = Field(field.name, field.encode_name, hints[field.name], _rule(hints[field.name]))
    return found


def _rule(annotation: Any) -> Attribute:
    if get_origin(annotation) is Annotated:
        for extra in get_args(annotation)[1:]:
            if isinstance(extra, Attribute):
                return extra
    raise TypeError(f"{annotation} says nothing about who may give it: annotate it with an Attribute")
