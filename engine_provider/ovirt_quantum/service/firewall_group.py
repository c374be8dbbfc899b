"""Firewall groups: which interfaces of routers are guarded."""

from msgspec import structs

from ..errors import BadInput, Conflict, NotFound
from ..model import ROUTER_INTERFACE, Actor, FirewallGroup, FirewallPolicy, Port
from ..model.types import Uuid
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, get_visible, project_for


def create_group(tx: Transaction, actor: Actor, wish: Wish[FirewallGroup]) -> FirewallGroup:
    check_role(actor, FirewallGroup)
    group = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    _check(tx, actor, wish, group)
    group = tx.add(_with_status(group))
    _tell(tx, group.ports)
    return group


def update_group(tx: Transaction, actor: Actor, wish: Wish[FirewallGroup]) -> FirewallGroup:
    old, group = get_own(tx, actor, FirewallGroup, wish.wanted.id), wish.wanted
    _check(tx, actor, wish, group)
    group = tx.change(_with_status(group))
    _tell(tx, [*old.ports, *group.ports])
    return group


def delete_group(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while it has ports: what it guards would be open of a sudden. Its policies stay."""
    group = get_own(tx, actor, FirewallGroup, id)
    if group.ports:
        raise Conflict("FirewallGroupInUse", f"Firewall group {id} is still active: take its ports out of it first.")
    tx.remove(group)


def leave_group(tx: Transaction, port: Port) -> None:
    """To be called before the port is removed."""
    for group in _groups_of(tx, port):
        kept = [id for id in group.ports if id != port.id]
        tx.change(_with_status(structs.replace(group, ports=kept)))


def _groups_of(tx: Transaction, port: Port) -> list[FirewallGroup]:
    """A port is in groups of its own project alone."""
    return [group for group in tx.find(FirewallGroup, project_id=port.project_id) if port.id in group.ports]


def _check(tx: Transaction, actor: Actor, wish: Wish[FirewallGroup], group: FirewallGroup) -> None:
    for name in ("ingress_firewall_policy_id", "egress_firewall_policy_id"):
        if name in wish.given:
            _check_policy(tx, actor, group, getattr(group, name))
    if "ports" in wish.given:
        if len(set(group.ports)) < len(group.ports):
            raise BadInput("InvalidInput", "Invalid input for ports: a port occurs twice.")
        for id in group.ports:
            _check_port(tx, group, get_visible(tx, actor, Port, id))


def _check_policy(tx: Transaction, actor: Actor, group: FirewallGroup, id: Uuid | None) -> None:
    if id is None:
        return
    policy = get_visible(tx, actor, FirewallPolicy, id)
    if not policy.shared and policy.project_id != group.project_id:
        raise NotFound(
            "FirewallPolicyConflict",
            f"Operation cannot be performed since firewall policy {id} for your project could not be found. Please "
            "confirm if the firewall policy exists and is shared.",
        )


def _check_port(tx: Transaction, group: FirewallGroup, port: Port) -> None:
    if port.device_owner != ROUTER_INTERFACE:
        raise Conflict(
            "FirewallGroupPortInvalid",
            f"Port {port.id} of firewall group is invalid: it is no router's interface. Security groups guard VMs.",
        )
    if port.project_id != group.project_id:
        raise Conflict(
            "FirewallGroupPortInvalidProject",
            f"Operation cannot be performed as port {port.id} is in an invalid project {port.project_id}.",
        )
    if any(other.id != group.id for other in _groups_of(tx, port)):
        raise Conflict(
            "FirewallGroupPortInUse",
            f"Port(s) {port.id} provided already associated with other firewall group(s).",
        )


def _with_status(group: FirewallGroup) -> FirewallGroup:
    status = "ACTIVE" if group.ports else "INACTIVE"
    return structs.replace(group, status=status if group.admin_state_up else "DOWN")


def _tell(tx: Transaction, ports: list[Uuid]) -> None:
    """A port is handed over with its group; its router is not."""
    for id in ports:
        tx.touch(tx.get(Port, id))
