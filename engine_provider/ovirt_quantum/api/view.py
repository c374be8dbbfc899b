"""What an actor is shown of a stored document."""

from collections.abc import Sequence
from functools import cache
from typing import Any

from ..model import Actor, Resource, Role, SecurityGroup, SecurityGroupRule, fields
from ..service.features import shortfall
from .engine_view import engine_view

Document = dict[str, Any]


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
    if kind is SecurityGroup:
        rules = document["security_group_rules"]
        document["security_group_rules"] = [view(SecurityGroupRule, rule, actor, features) for rule in rules]
    if actor.is_engine:
        engine_view(kind, document)
    for name in _hidden(kind, actor.role):
        document.pop(name, None)
    return {name: document[name] for name in only if name in document} if only else document


@cache
def _hidden(kind: type[Resource], role: Role) -> tuple[str, ...]:
    return tuple(field.wire for field in fields(kind).values() if role < field.rule.seen_by)
