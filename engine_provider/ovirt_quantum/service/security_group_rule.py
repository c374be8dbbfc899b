"""Rules of security groups. Each change of them is a change of their group, as in Neutron."""

from msgspec import structs

from .. import filtering
from ..errors import Conflict
from ..model import Actor, AddressGroup, SecurityGroup, SecurityGroupRule
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, get_visible, project_for


def create_rule(tx: Transaction, actor: Actor, wish: Wish[SecurityGroupRule]) -> SecurityGroupRule:
    """A rule belongs to its group's project, whoever makes it."""
    check_role(actor, SecurityGroupRule)
    rule = filtering.canonical(wish.wanted)
    group = get_own(tx, actor, SecurityGroup, rule.security_group_id)
    project_for(actor, rule.project_id)
    if rule.remote_group_id is not None:
        get_visible(tx, actor, SecurityGroup, rule.remote_group_id)
    if rule.remote_address_group_id is not None:
        get_visible(tx, actor, AddressGroup, rule.remote_address_group_id)
    _check_new(tx, rule)
    is_default = group.default_of is not None
    rule = tx.add(structs.replace(rule, project_id=group.project_id, belongs_to_default_sg=is_default))
    tx.change(group)
    return rule


def update_rule(tx: Transaction, actor: Actor, wish: Wish[SecurityGroupRule]) -> SecurityGroupRule:
    """Its description and tags: nothing that a backend knows."""
    get_own(tx, actor, SecurityGroupRule, wish.wanted.id)
    return tx.change(wish.wanted)


def delete_rule(tx: Transaction, actor: Actor, id: str) -> None:
    rule = get_own(tx, actor, SecurityGroupRule, id)
    tx.remove(rule)
    tx.change(tx.get(SecurityGroup, rule.security_group_id))


def _check_new(tx: Transaction, rule: SecurityGroupRule) -> None:
    meant = filtering.meaning(rule)
    for other in tx.find(SecurityGroupRule, security_group_id=rule.security_group_id):
        if filtering.meaning(other) == meant:
            raise Conflict("SecurityGroupRuleExists", f"Security group rule already exists. Rule id is {other.id}.")
