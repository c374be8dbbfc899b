"""Rules of firewalls."""

from msgspec import structs

from ..errors import BadInput, Conflict
from ..model import Actor, FirewallPolicy, FirewallRule
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for


def create_rule(tx: Transaction, actor: Actor, wish: Wish[FirewallRule]) -> FirewallRule:
    check_role(actor, FirewallRule)
    rule = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    _check(rule)
    return tx.add(rule)


def update_rule(tx: Transaction, actor: Actor, wish: Wish[FirewallRule]) -> FirewallRule:
    """One that others use stays shared."""
    old, rule = get_own(tx, actor, FirewallRule, wish.wanted.id), wish.wanted
    _check(rule)
    if old.shared and not rule.shared:
        for policy in policies_with(tx, rule):
            if policy.shared or policy.project_id != rule.project_id:
                raise _in_use(rule)
    return tx.change(rule)


def delete_rule(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while a policy has it."""
    rule = get_own(tx, actor, FirewallRule, id)
    if policies_with(tx, rule):
        raise _in_use(rule)
    tx.remove(rule)


def policies_with(tx: Transaction, rule: FirewallRule) -> list[FirewallPolicy]:
    """Of all projects."""
    return [policy for policy in tx.find(FirewallPolicy) if rule.id in policy.firewall_rules]


def _check(rule: FirewallRule) -> None:
    ports = rule.source_port is not None or rule.destination_port is not None
    if ports and rule.protocol is None:
        raise BadInput("FirewallRuleWithPortWithoutProtocolInvalid", "Source/destination port requires a protocol.")
    if ports and rule.protocol == "icmp":
        raise BadInput(
            "FirewallRuleInvalidICMPParameter",
            "Source, destination port are not allowed when protocol is set to ICMP.",
        )
    for address in (rule.source_ip_address, rule.destination_ip_address):
        if address is not None and (":" in address) != (rule.ip_version == 6):
            raise BadInput(
                "FirewallIpAddressConflict",
                f"Invalid input - IP addresses do not agree with IP Version: {address} is not of version "
                f"{rule.ip_version}.",
            )


def _in_use(rule: FirewallRule) -> Conflict:
    return Conflict("FirewallRuleInUse", f"Firewall rule {rule.id} is being used.")
