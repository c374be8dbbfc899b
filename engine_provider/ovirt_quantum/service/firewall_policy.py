"""Policies of firewalls: rules in their order."""

from collections.abc import Sequence

from msgspec import Struct, structs

from ..errors import BadInput, Conflict
from ..model import Actor, FirewallGroup, FirewallPolicy, FirewallRule
from ..model.types import Uuid
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, get_visible, project_for

MOST_RULES = 250
"""Of a policy: backends compare each with all others."""


class Insertion(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule, and beside which one it is to stand; beside none, it becomes the first. An empty id is none."""

    firewall_rule_id: str = ""
    insert_before: str | None = None
    insert_after: str | None = None


class Removal(Struct, frozen=True, forbid_unknown_fields=True):
    """Which rule is to leave."""

    firewall_rule_id: str = ""


def create_policy(tx: Transaction, actor: Actor, wish: Wish[FirewallPolicy]) -> FirewallPolicy:
    check_role(actor, FirewallPolicy)
    policy = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    _check_rules(tx, actor, policy, policy.firewall_rules)
    return tx.add(policy)


def update_policy(tx: Transaction, actor: Actor, wish: Wish[FirewallPolicy]) -> FirewallPolicy:
    """One that others use stays shared."""
    old, policy = get_own(tx, actor, FirewallPolicy, wish.wanted.id), wish.wanted
    _check_rules(tx, actor, policy, [id for id in policy.firewall_rules if id not in old.firewall_rules])
    if old.shared and not policy.shared and any(one.project_id != policy.project_id for one in _users(tx, policy)):
        raise _in_use(policy)
    return tx.change(policy)


def delete_policy(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while a group uses it. Its rules stay."""
    policy = get_own(tx, actor, FirewallPolicy, id)
    if _users(tx, policy):
        raise _in_use(policy)
    tx.remove(policy)


def insert_rule(tx: Transaction, actor: Actor, id: str, asked: Insertion) -> FirewallPolicy:
    """`insert_before` goes before `insert_after`, where both are given (Neutron)."""
    policy = get_own(tx, actor, FirewallPolicy, id)
    rule = _asked_rule(tx, actor, asked.firewall_rule_id)
    if rule.id in policy.firewall_rules:
        raise Conflict(
            "FirewallRuleAlreadyAssociated",
            f"Operation cannot be performed since firewall rule {rule.id} is already associated with firewall policy "
            f"{id}.",
        )
    _check_rules(tx, actor, policy, [rule.id])
    rules = list(policy.firewall_rules)
    if asked.insert_before:
        place = _place(policy, asked.insert_before)
    else:
        place = _place(policy, asked.insert_after) + 1 if asked.insert_after else 0
    rules.insert(place, rule.id)
    return tx.change(structs.replace(policy, firewall_rules=rules))


def remove_rule(tx: Transaction, actor: Actor, id: str, asked: Removal) -> FirewallPolicy:
    policy = get_own(tx, actor, FirewallPolicy, id)
    rule = _asked_rule(tx, actor, asked.firewall_rule_id)
    _place(policy, rule.id)
    rules = [one for one in policy.firewall_rules if one != rule.id]
    return tx.change(structs.replace(policy, firewall_rules=rules))


def _asked_rule(tx: Transaction, actor: Actor, id: str) -> FirewallRule:
    if not id:
        raise BadInput(
            "FirewallRuleInfoMissing", "Missing rule info argument for insert/remove rule operation: firewall_rule_id."
        )
    return get_visible(tx, actor, FirewallRule, id)


def _place(policy: FirewallPolicy, rule_id: str) -> int:
    if rule_id not in policy.firewall_rules:
        raise BadInput(
            "FirewallRuleNotAssociatedWithPolicy",
            f"Firewall rule {rule_id} is not associated with firewall policy {policy.id}.",
        )
    return policy.firewall_rules.index(Uuid(rule_id))


def _check_rules(tx: Transaction, actor: Actor, policy: FirewallPolicy, new: Sequence[Uuid]) -> None:
    """Raises BadInput, Conflict, NotFound. new: those that the actor must see; the others were there before."""
    if len(set(policy.firewall_rules)) < len(policy.firewall_rules):
        raise BadInput("InvalidInput", "Invalid input for firewall_rules: a rule occurs twice.")
    if len({*policy.firewall_rules, *new}) > MOST_RULES:
        raise BadInput("InvalidInput", f"Invalid input for firewall_rules: a policy has {MOST_RULES} at most.")
    for rule in [get_visible(tx, actor, FirewallRule, id) for id in new]:
        if not rule.shared and rule.project_id != policy.project_id:
            raise Conflict(
                "FirewallRuleConflict",
                f"Operation cannot be performed since firewall rule {rule.id} is not shared and belongs to another "
                f"project {rule.project_id}.",
            )
    for id in {*policy.firewall_rules, *new} if policy.shared else ():
        if not tx.get(FirewallRule, id).shared:
            raise Conflict(
                "FirewallPolicySharingConflict",
                f"Operation cannot be performed. Before sharing firewall policy {policy.id}, share associated "
                f"firewall rule {id}.",
            )


def _users(tx: Transaction, policy: FirewallPolicy) -> list[FirewallGroup]:
    return [
        *tx.find(FirewallGroup, ingress_firewall_policy_id=policy.id),
        *tx.find(FirewallGroup, egress_firewall_policy_id=policy.id),
    ]


def _in_use(policy: FirewallPolicy) -> Conflict:
    return Conflict("FirewallPolicyInUse", f"Firewall policy {policy.id} is being used.")
