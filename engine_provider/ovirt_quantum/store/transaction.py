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
    """One request's writes: `touched` has all of them in order, `changed` those of more than name and description.

    features: what the loaded plugins can do; verbs check only what somebody realises.
    """

    def __init__(self, connection: Connection, features: frozenset[str] = frozenset()) -> None:
        self.connection = connection
        self.features = features
        self.touched: dict[Ref, type[Resource]] = {}
        self.changed: list[Resource] = []
        self._known: dict[tuple[type[Resource], str], Resource | None] = {}
        self._found: dict[tuple[type[Resource], tuple[tuple[str, Value], ...]], list[Any]] = {}

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
        """All that have these columns, in the order of their ids. Costs nothing again until the next write."""
        asked = (kind, tuple(equal.items()))
        if asked not in self._found:
            rows = self.connection.scalars(finding(kind, tuple(equal)), equal).all()
            self._found[asked] = [decode(kind, row) for row in rows]
            self._known.update({(kind, one.id): one for one in self._found[asked]})
        return list(self._found[asked])

    def any(self, kind: type[R], **equal: Value) -> bool:
        """Whether there is one with these columns."""
        return self.connection.scalar(asking(kind, tuple(equal)), equal) is not None

    def add(self, resource: R) -> R:
        """Inserts; returns it with its standard attributes filled in."""
        now = _now()
        new = structs.replace(resource, created_at=now, updated_at=now, revision_number=1)
        self.connection.execute(statements(type(new)).add, _row(new))
        self._note(new, there=True)
        return new

    def change(self, resource: R) -> R:
        """Writes over the row of the same id; returns it with time and revision counted up."""
        old = self.get(type(resource), resource.id)
        new = structs.replace(resource, updated_at=_now(), revision_number=resource.revision_number + 1)
        self.connection.execute(statements(type(new)).change, {ID: new.id, **_row(new)})
        self._note(new, there=True, relabelled=_unnamed(new) == _unnamed(old))
        return new

    def rewrite(self, resource: Resource) -> None:
        """Writes over the row without a new revision and without telling the plugins: for what is derived."""
        self.connection.execute(statements(type(resource)).change, {ID: resource.id, **_row(resource)})
        self._keep(resource, there=True)

    def remove(self, resource: Resource) -> None:
        """Deletes the row."""
        self.connection.execute(statements(type(resource)).remove, {ID: resource.id})
        self._note(resource, there=False)

    def touch(self, resource: Resource) -> None:
        """Has the plugins told of it though its own row stays: what it is handed over with has left it."""
        self.touched[Ref(resource.member, resource.id)] = type(resource)

    def _note(self, resource: Resource, there: bool, relabelled: bool = False) -> None:
        self._keep(resource, there)
        self.touched[Ref(resource.member, resource.id)] = type(resource)
        if not relabelled:
            self.changed.append(resource)

    def _keep(self, resource: Resource, there: bool) -> None:
        self._known[type(resource), resource.id] = resource if there else None
        self._found.clear()


def not_found(kind: type[Resource], id: str) -> NotFound:
    word = kind.member.replace("_", " ").capitalize()
    return NotFound(kind.not_found, f"{word} {id} could not be found.")


def _row(resource: Resource) -> dict[str, Any]:
    return {**columns(resource), "document": encode(resource)}


def _unnamed(resource: Resource) -> Resource:
    return structs.replace(resource, name="", description="", updated_at="", revision_number=0)


def _now() -> str:
    """Neutron's form of a time: UTC, whole seconds."""
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


__all__ = ["Transaction", "not_found"]
