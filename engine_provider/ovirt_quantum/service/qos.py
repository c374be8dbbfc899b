"""QoS policies and their bandwidth rules."""

from collections.abc import Sequence

from msgspec import structs

from ..errors import BadInput, Conflict, NotFound
from ..model import Actor, BandwidthLimitRule, Network, Port, QosPolicy
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import by_whom, check_role, get_own, get_visible, project_for


def create_policy(tx: Transaction, actor: Actor, wish: Wish[QosPolicy]) -> QosPolicy:
    check_role(actor, QosPolicy)
    return tx.add(structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id)))


def update_policy(tx: Transaction, actor: Actor, wish: Wish[QosPolicy]) -> QosPolicy:
    get_own(tx, actor, QosPolicy, wish.wanted.id)
    return tx.change(wish.wanted)


def delete_policy(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while a port or network uses it."""
    policy = get_own(tx, actor, QosPolicy, id)
    for kind in (Port, Network):
        users = tx.find(kind, qos_policy_id=id)
        if users:
            raise Conflict("QosPolicyInUse", f"QoS Policy {id} is in use{by_whom(tx, actor, users[0])}.")
    tx.remove(policy)


def create_rule(tx: Transaction, actor: Actor, policy_id: str, rule: BandwidthLimitRule) -> BandwidthLimitRule:
    """One limit a direction."""
    policy = get_own(tx, actor, QosPolicy, policy_id)
    return _set_rules(tx, policy, [*policy.rules, rule], rule)


def update_rule(tx: Transaction, actor: Actor, policy_id: str, rule: BandwidthLimitRule) -> BandwidthLimitRule:
    policy = get_own(tx, actor, QosPolicy, policy_id)
    others = [other for other in policy.rules if other.id != rule.id]
    return _set_rules(tx, policy, [*others, rule], rule)


def delete_rule(tx: Transaction, actor: Actor, policy_id: str, id: str) -> None:
    rule = get_rule(tx, actor, policy_id, id)
    policy = get_own(tx, actor, QosPolicy, policy_id)
    _set_rules(tx, policy, [other for other in policy.rules if other.id != rule.id], rule)


def get_rule(tx: Transaction, actor: Actor, policy_id: str, id: str) -> BandwidthLimitRule:
    """Raises NotFound for an unknown policy or rule."""
    for rule in get_visible(tx, actor, QosPolicy, policy_id).rules:
        if rule.id == id:
            return rule
    raise NotFound("QosRuleNotFound", f"QoS rule {id} for policy {policy_id} could not be found.")


def _set_rules(
    tx: Transaction, policy: QosPolicy, rules: Sequence[BandwidthLimitRule], changed: BandwidthLimitRule
) -> BandwidthLimitRule:
    if changed.max_kbps == 0:
        raise BadInput("InvalidInput", "Invalid input for max_kbps: 0 would stop everything; give at least 1.")
    if len({rule.direction for rule in rules}) < len(rules):
        raise Conflict(
            "QoSRulesConflict",
            f"Policy {policy.id} has a {changed.direction} bandwidth limit already: update that one.",
        )
    tx.change(structs.replace(policy, rules=list(rules)))
    return changed
