"""From JSON to a typed wish. What is ill-typed is refused here, with the attribute's name."""

from collections.abc import Mapping
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from ..errors import BadInput, Forbidden
from ..model import Actor, Field, Refusal, Resource, fields
from ..model.types import decode_text
from ..model.wish import Wish

R = TypeVar("R", bound=Resource)
Body = Mapping[str, Any]
LONGEST_WORDS = 200
"""Of a wrong value in a refusal: what is wrong with it comes after."""


def members(kind: type[Resource], body: Body) -> tuple[list[Body], bool]:
    """The one or the many of a create request: (`{"network": {}}`, False) or (`{"networks": [{}]}`, True).

    Each of many may have its own root key once more, as in Neutron.
    """
    if set(body) == {kind.collection} and isinstance(body[kind.collection], list) and body[kind.collection]:
        return [_object(kind, one) for one in body[kind.collection]], True
    return [member(kind.member, body)], False


def member(root: str, body: Body) -> Body:
    """The object under the root key. Raises BadInput."""
    found = only(root, body)
    if not isinstance(found, dict):
        raise BadInput("HTTPBadRequest", f"Invalid input for {root}: it must be an object.")
    return dict(found)


def only(root: str, body: Body) -> object:
    """What is under the only root key. Raises BadInput."""
    if set(body) != {root}:
        raise BadInput("HTTPBadRequest", f"Unable to find '{root}' in request body: it must be the only root key.")
    return body[root]


def creation(kind: type[R], actor: Actor, given: Body) -> Wish[R]:
    """What a POST asks for. Raises BadInput, Forbidden."""
    named = _checked(kind, actor, given, creating=True)
    _check_required(kind, named)
    values = {name: _value(field, given_value) for name, (field, given_value) in named.items()}
    return Wish(kind(**values), frozenset(values))


def change(old: R, actor: Actor, given: Body) -> Wish[R]:
    """What a PUT asks for: the old one with some attributes replaced. Raises BadInput, Forbidden."""
    named = _checked(type(old), actor, given, creating=False)
    values = {name: _value(field, given_value) for name, (field, given_value) in named.items()}
    return Wish(structs.replace(old, **values), frozenset(values))


def typed(kind: type[Any], value: object, where: str, refusal: Refusal | None = None) -> Any:
    """The value as the type. Raises BadInput, or what the refusal says, that names the attribute."""
    try:
        return msgspec.convert(value, kind, strict=False, dec_hook=decode_text)
    except msgspec.ValidationError as error:
        reason = f"Invalid input for {_place(where, str(error))}"
        if refusal is not None:
            raise refusal.error(refusal.kind, f"{refusal.words.format(value)[:LONGEST_WORDS]} {reason}") from None
        raise BadInput("HTTPBadRequest", reason) from None


def _checked(kind: type[Resource], actor: Actor, given: Body, creating: bool) -> dict[str, tuple[Field, Any]]:
    declared = fields(kind)
    named = {("project_id" if name == "tenant_id" else name): value for name, value in given.items()}
    unknown = sorted(name for name in named if name not in declared)
    if unknown:
        raise BadInput("HTTPBadRequest", f"Unrecognized attribute(s) '{', '.join(unknown)}'")
    for name in named:
        _check_rule(declared[name], actor, creating)
    if "tenant_id" in given and given.get("project_id", given["tenant_id"]) != given["tenant_id"]:
        raise BadInput("HTTPBadRequest", "Invalid input for tenant_id: it differs from project_id.")
    return {declared[name].name: (declared[name], value) for name, value in named.items()}


def _check_rule(field: Field, actor: Actor, creating: bool) -> None:
    if field.rule.given == "never" or (field.rule.given == "create" and not creating):
        verb = "POST" if creating else "PUT"
        raise BadInput("HTTPBadRequest", f"Attribute '{field.wire}' not allowed in {verb}")
    if actor.role < field.rule.set_by:
        least = field.rule.set_by.name.lower()
        raise Forbidden("PolicyNotAuthorized", f"Attribute '{field.wire}' may be set only by role {least}.")


def _check_required(kind: type[Resource], named: Mapping[str, object]) -> None:
    for field in structs.fields(kind):
        if field.required and field.name not in named:
            raise BadInput(
                "HTTPBadRequest", f"Failed to parse request. Required attribute '{field.encode_name}' not specified"
            )


def _value(field: Field, given: object) -> Any:
    return typed(field.type, given, field.wire, field.rule.refusal)


def _object(kind: type[Resource], one: object) -> Body:
    if not isinstance(one, dict):
        raise BadInput("HTTPBadRequest", f"Invalid input for {kind.collection}: each must be an object.")
    return member(kind.member, one) if set(one) == {kind.member} else one


def _place(where: str, words: str) -> str:
    """msgspec's `... - at `$[0].start`` -> `allocation_pools[0].start. Reason: ...`."""
    reason, _, path = words.partition(" - at `$")
    return f"{where}{path.rstrip('`')}. Reason: {reason}."
