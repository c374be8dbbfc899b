"""What an actor is shown of a stored document."""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from ..model import Actor, FloatingIp, PortForwarding, Resource, Role, SecurityGroup, SecurityGroupRule, fields
from ..service.features import shortfall
from .engine_view import engine_view

Document = dict[str, Any]
INSIDE: Mapping[type[Resource], type[Resource]] = {SecurityGroup: SecurityGroupRule, FloatingIp: PortForwarding}
"""Resources that show others inside, by the word for many of these."""


def view(
    kind: type[Resource], document: Document, actor: Actor, features: frozenset[str], only: Sequence[str] = ()
) -> Document:
    """The attributes that the role may see, or of them those asked for (`fields`).

    Takes the document over and changes it: lists of thousands are not copied.
    """
    lack = shortfall(kind, document, features)
    if lack:
        document["status_reason"] = "; ".join(filter(None, (document["status_reason"], lack)))
    document["tenant_id"] = document["project_id"]
    if kind in INSIDE:
        part, inside = INSIDE[kind], document[INSIDE[kind].collection]
        document[part.collection] = [view(part, one, actor, features) for one in inside]
    if actor.is_engine:
        engine_view(kind, document)
    for name in _hidden(kind, actor.role):
        document.pop(name, None)
    return {name: document[name] for name in only if name in document} if only else document


@cache
def _hidden(kind: type[Resource], role: Role) -> tuple[str, ...]:
    return tuple(field.wire for field in fields(kind).values() if role < field.rule.seen_by)
