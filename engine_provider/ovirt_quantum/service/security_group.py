"""Security groups, the default one of each project included."""

from msgspec import structs

from ..errors import Conflict
from ..model import Actor, SecurityGroup, SecurityGroupRule
from ..model.types import EtherType
from ..model.wish import Wish
from ..store import memberships
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for

DEFAULT = "default"
FAMILIES = (EtherType("IPv4"), EtherType("IPv6"))


def create_group(tx: Transaction, actor: Actor, wish: Wish[SecurityGroup]) -> SecurityGroup:
    """A group that lets everything out and nothing in."""
    check_role(actor, SecurityGroup)
    _check_name(wish.wanted)
    group = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    default_group(tx, group.project_id)
    group = tx.add(group)
    _let_out(tx, group)
    return group


def update_group(tx: Transaction, actor: Actor, wish: Wish[SecurityGroup]) -> SecurityGroup:
    """The default group keeps its name; a group that ports are in stays stateful or stateless."""
    old, group = get_own(tx, actor, SecurityGroup, wish.wanted.id), wish.wanted
    if group.name != old.name:
        if old.default_of is not None:
            raise Conflict("SecurityGroupCannotUpdateDefault", "Updating default security group not allowed.")
        _check_name(group)
    if group.stateful != old.stateful:
        _check_unused(tx, group)
    return tx.change(group)


def delete_group(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while ports are in it. Its rules go with it, and those of other groups that name it."""
    group = get_own(tx, actor, SecurityGroup, id)
    if group.default_of is not None and not actor.sees_all_projects:
        raise Conflict("SecurityGroupCannotRemoveDefault", "Insufficient rights for removing default security group.")
    _check_unused(tx, group)
    for rule in tx.find(SecurityGroupRule, remote_group_id=group.id):
        if rule.security_group_id != group.id:
            tx.remove(rule)
            tx.change(tx.get(SecurityGroup, rule.security_group_id))
    for rule in tx.find(SecurityGroupRule, security_group_id=group.id):
        tx.remove(rule)
    tx.remove(group)


def default_group(tx: Transaction, project_id: str) -> SecurityGroup:
    """The project's default group. Made where it is missing, with Neutron's rules: out all, in what its ports send."""
    for group in tx.find(SecurityGroup, default_of=project_id):
        return group
    made = SecurityGroup(
        name=DEFAULT, description="Default security group", project_id=project_id, default_of=project_id
    )
    group = tx.add(made)
    _let_out(tx, group)
    for family in FAMILIES:
        tx.add(structs.replace(_rule(group, family), direction="ingress", remote_group_id=group.id))
    return group


def has_default_group(tx: Transaction, project_id: str) -> bool:
    return tx.any(SecurityGroup, default_of=project_id)


def with_rules(tx: Transaction, group: SecurityGroup) -> SecurityGroup:
    """Filled in with its rules."""
    return structs.replace(group, security_group_rules=tx.find(SecurityGroupRule, security_group_id=group.id))


def _let_out(tx: Transaction, group: SecurityGroup) -> None:
    for family in FAMILIES:
        tx.add(_rule(group, family))


def _rule(group: SecurityGroup, family: EtherType) -> SecurityGroupRule:
    return SecurityGroupRule(
        security_group_id=group.id,
        direction="egress",
        ethertype=family,
        project_id=group.project_id,
        belongs_to_default_sg=group.default_of is not None,
    )


def _check_name(group: SecurityGroup) -> None:
    if group.name.lower() == DEFAULT:
        raise Conflict("SecurityGroupDefaultAlreadyExists", "Default security group already exists.")


def _check_unused(tx: Transaction, group: SecurityGroup) -> None:
    if memberships.has_ports(tx.connection, group.id):
        raise Conflict("SecurityGroupInUse", f"Security Group {group.id} in use.")
