"""QoS policies and their rules."""

from msgspec import structs

from ..errors import BadInput, Conflict, NotFound
from ..model import (
    QOS_RULES,
    Actor,
    AnyQosRule,
    BandwidthLimitRule,
    MinimumBandwidthRule,
    Network,
    Port,
    QosPolicy,
    QosRule,
    rule_type,
)
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


def supported(features: frozenset[str]) -> list[type[AnyQosRule]]:
    """The types of rules that somebody realises."""
    return [kind for kind in QOS_RULES if not kind.feature or kind.feature in features]


def create_rule(tx: Transaction, actor: Actor, policy_id: str, rule: AnyQosRule) -> AnyQosRule:
    """One of a type and direction. Raises Conflict for a type that no loaded plugin realises."""
    policy = get_own(tx, actor, QosPolicy, policy_id)
    if type(rule) not in supported(tx.features):
        raise Conflict("QosRuleNotSupported", f"Rule {rule_type(type(rule))} is not supported by the loaded plugins.")
    return _set_rules(tx, policy, rule)


def update_rule(tx: Transaction, actor: Actor, policy_id: str, rule: AnyQosRule) -> AnyQosRule:
    return _set_rules(tx, get_own(tx, actor, QosPolicy, policy_id), rule)


def delete_rule(tx: Transaction, actor: Actor, policy_id: str, kind: type[AnyQosRule], id: str) -> None:
    rule = get_rule(tx, actor, policy_id, kind, id)
    policy = get_own(tx, actor, QosPolicy, policy_id)
    tx.change(structs.replace(policy, rules=[other for other in policy.rules if other.id != rule.id]))


def get_rule(tx: Transaction, actor: Actor, policy_id: str, kind: type[AnyQosRule], id: str) -> AnyQosRule:
    """Raises NotFound for an unknown policy, or a rule that there is not among those of its type."""
    for rule in get_visible(tx, actor, QosPolicy, policy_id).rules:
        if rule.id == id and isinstance(rule, kind):
            return rule
    raise NotFound("QosRuleNotFound", f"QoS rule {id} for policy {policy_id} could not be found.")


def _set_rules(tx: Transaction, policy: QosPolicy, rule: AnyQosRule) -> AnyQosRule:
    """The policy with the rule in it, new or changed."""
    others = [other for other in policy.rules if other.id != rule.id]
    _check_amount(rule)
    for other in others:
        _check_together(policy, rule, other)
    tx.change(structs.replace(policy, rules=[*others, rule]))
    return rule


def _check_amount(rule: AnyQosRule) -> None:
    if isinstance(rule, BandwidthLimitRule) and rule.max_kbps == 0:
        raise BadInput("InvalidInput", "Invalid input for max_kbps: 0 would stop everything; give at least 1.")
    if isinstance(rule, MinimumBandwidthRule) and rule.min_kbps == 0:
        raise BadInput("InvalidInput", "Invalid input for min_kbps: 0 promises nothing; give at least 1.")


def _check_together(policy: QosPolicy, rule: AnyQosRule, other: AnyQosRule) -> None:
    if _direction(rule) != _direction(other):
        return
    if type(rule) is type(other):
        raise Conflict(
            "QoSRulesConflict",
            f"Rule {rule_type(type(rule))} conflicts with rule {other.id} which already exists in QoS Policy "
            f"{policy.id}, for {_direction(rule)}: update that one.",
        )
    most = next((one.max_kbps for one in (rule, other) if isinstance(one, BandwidthLimitRule)), None)
    least = next((one.min_kbps for one in (rule, other) if isinstance(one, MinimumBandwidthRule)), None)
    if most is not None and least is not None and least > most:
        raise Conflict(
            "QoSRuleParameterConflict",
            f"Unable to have a minimum of {least} kbps in policy {policy.id}, whose limit for {_direction(rule)} is "
            f"{most} kbps.",
        )


def _direction(rule: QosRule) -> str:
    """Marks are set on what leaves the VM."""
    return str(getattr(rule, "direction", "egress"))
