"""Which project may see and change what."""

from typing import TypeVar

from ..errors import Forbidden
from ..model import Actor, FirewallPolicy, FirewallRule, Network, QosPolicy, Resource, Subnet
from ..model.types import Uuid
from ..store.transaction import Transaction, not_found

R = TypeVar("R", bound=Resource)


def may_see(actor: Actor, resource: Resource, network: Network | None = None) -> bool:
    """Whether the actor is shown it. A subnet or port is seen also by who owns its `network`."""
    if actor.sees_all_projects or resource.public or resource.project_id == actor.project_id:
        return True
    if isinstance(resource, Network):
        return resource.shared or resource.external
    if isinstance(resource, QosPolicy | FirewallRule | FirewallPolicy):
        return resource.shared
    if network is not None:
        return network.project_id == actor.project_id or (isinstance(resource, Subnet) and network.shared)
    return False


def get_visible(tx: Transaction, actor: Actor, kind: type[R], id: str) -> R:
    """Raises NotFound also where it exists but is none of the actor's business."""
    try:
        found = tx.get(kind, Uuid.parse(id))  # PostgreSQL fails on text that has a NUL in it
    except ValueError:
        raise not_found(kind, id) from None
    if not may_see(actor, found, _network_of(tx, found)):
        raise not_found(kind, id)
    return found


def get_own(tx: Transaction, actor: Actor, kind: type[R], id: str) -> R:
    """To be changed: raises NotFound for what is not seen, Forbidden for what is only seen."""
    found = get_visible(tx, actor, kind, id)
    check_role(actor, kind)
    if not actor.sees_all_projects and found.project_id != actor.project_id:
        raise Forbidden("PolicyNotAuthorized", f"{kind.member} {id} belongs to another project.")
    return found


def check_role(actor: Actor, kind: type[Resource]) -> None:
    """Raises Forbidden where the role may not write resources of the kind at all."""
    if actor.role < kind.written_by:
        raise Forbidden(
            "PolicyNotAuthorized",
            f"Role {actor.role.name.lower()} may not write {kind.collection}: {kind.written_by.name.lower()} may.",
        )


def by_whom(tx: Transaction, actor: Actor, holder: Resource) -> str:
    """` by port 1234`, for an error's words; nothing of what the actor must not know of."""
    return f" by {holder.member} {holder.id}" if may_see(actor, holder, _network_of(tx, holder)) else ""


def project_for(actor: Actor, asked: str) -> str:
    """The project of a new resource. Raises Forbidden where a tenant names another's."""
    project = asked or actor.project_id
    if project != actor.project_id and not actor.sees_all_projects:
        raise Forbidden("PolicyNotAuthorized", "Attribute project_id: only an administrator may name another project.")
    return project


def _network_of(tx: Transaction, resource: Resource) -> Network | None:
    network_id = getattr(resource, "network_id", None)
    return tx.look(Network, network_id) if network_id else None
