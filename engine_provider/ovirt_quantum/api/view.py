"""What an actor is shown of a stored document."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from ..model import Actor, Resource, Role, fields
from ..service.features import shortfall
from .engine_view import engine_view

Document = dict[str, Any]


def view(
    kind: type[Resource], document: Document, actor: Actor, features: frozenset[str], only: Sequence[str] = ()
) -> Document:
    """The attributes that the role may see, or of them those asked for (`fields`)."""
    shown = {name: document[name] for name in _visible(kind, actor.role) if name in document}
    if "status_reason" in shown:
        lack = shortfall(kind, document, features)
        shown["status_reason"] = "; ".join(filter(None, (shown["status_reason"], lack)))
    shown["tenant_id"] = document["project_id"]
    if actor.is_engine:
        shown = engine_view(kind, document, shown)
    return {name: shown[name] for name in only if name in shown} if only else shown


@cache
def _visible(kind: type[Resource], role: Role) -> tuple[str, ...]:
    return tuple(field.wire for field in fields(kind).values() if role >= field.rule.seen_by)
