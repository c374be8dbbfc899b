"""What the service's verbs write through: resources by kind and id, each write noted for the plugins."""

from datetime import UTC, datetime
from typing import Any, TypeVar

from msgspec import structs
from sqlalchemy import Connection

from ..errors import NotFound
from ..model import Resource
from ..plugin import Ref
from .documents import columns, decode, encode
from .statements import ID, asking, finding, statements

R = TypeVar("R", bound=Resource)
Value = str | int | bool


class Transaction:
    """One request's writes. `touched` has what it wrote, in order, with what it was and is (None: not there)."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.touched: dict[Ref, type[Resource]] = {}
        self._known: dict[tuple[type[Resource], str], Resource | None] = {}

    def get(self, kind: type[R], id: str) -> R:
        """Raises NotFound with Neutron's error type for the kind."""
        found = self.look(kind, id)
        if found is None:
            raise not_found(kind, id)
        return found

    def look(self, kind: type[R], id: str) -> R | None:
        """The resource, or None."""
        if (kind, id) not in self._known:
            row = self.connection.scalar(statements(kind).get, {ID: id})
            self._known[kind, id] = None if row is None else decode(kind, row)
        found = self._known[kind, id]
        return found if isinstance(found, kind) else None

    def find(self, kind: type[R], **equal: Value) -> list[R]:
        """All that have these columns, in the order of their ids."""
        return [decode(kind, row) for row in self.connection.scalars(finding(kind, tuple(equal)), equal).all()]

    def any(self, kind: type[R], **equal: Value) -> bool:
        """Whether there is one with these columns."""
        return self.connection.scalar(asking(kind, tuple(equal)), equal) is not None

    def add(self, resource: R) -> R:
        """Inserts; returns it with its standard attributes filled in."""
        now = _now()
        new = structs.replace(resource, created_at=now, updated_at=now, revision_number=1)
        self.connection.execute(statements(type(new)).add, _row(new))
        self._note(new.id, new, type(new))
        return new

    def change(self, resource: R) -> R:
        """Writes over the row of the same id; returns it with time and revision counted up."""
        new = structs.replace(resource, updated_at=_now(), revision_number=resource.revision_number + 1)
        self.rewrite(new)
        self.touch(type(new), new.id)
        return new

    def rewrite(self, resource: Resource) -> None:
        """Writes over the row without a new revision and without telling the plugins: for what is derived."""
        self.connection.execute(statements(type(resource)).change, {ID: resource.id, **_row(resource)})
        self._known[type(resource), resource.id] = resource

    def remove(self, resource: Resource) -> None:
        """Deletes the row."""
        self.connection.execute(statements(type(resource)).remove, {ID: resource.id})
        self._note(resource.id, None, type(resource))

    def touch(self, kind: type[Resource], id: str) -> None:
        """Has the plugins look at an object whose own row did not change, but what it refers to did."""
        self.touched[Ref(kind.member, id)] = kind

    def _note(self, id: str, resource: Resource | None, kind: type[Resource]) -> None:
        self._known[kind, id] = resource
        self.touch(kind, id)


def not_found(kind: type[Resource], id: str) -> NotFound:
    word = kind.member.replace("_", " ").capitalize()
    return NotFound(kind.not_found, f"{word} {id} could not be found.")


def _row(resource: Resource) -> dict[str, Any]:
    return {**columns(resource), "document": encode(resource)}


def _now() -> str:
    """Neutron's form of a time: UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = ["Transaction", "not_found"]
