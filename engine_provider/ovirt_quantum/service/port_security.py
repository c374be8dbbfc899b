"""What guards a port: its security groups, and the addresses that it may send from.

What the loaded plugins can't do is not looked at: the engine's wish is then kept as it came (`features.py`).
"""

from collections.abc import Set

from msgspec import structs

from ..errors import BadInput, Conflict, Forbidden
from ..model import Actor, AddressPair, Network, Port, SecurityGroup
from ..model.types import Uuid
from ..store import memberships
from ..store.transaction import Transaction
from .access import get_visible
from .security_group import default_group

OWNERS = frozenset({"port_security_enabled", "allowed_address_pairs"})
"""What the network's owner decides (neutron/conf/policies/port.py)."""
GUARDS = OWNERS | {"security_groups"}
"""What a request must name to be checked: a port kept from a time when no plugin guarded it still gets its host."""
MOST_PAIRS = 10
"""Neutron's default for max_allowed_address_pair."""


def guard(tx: Transaction, actor: Actor, port: Port, given: Set[str]) -> Port:
    """The port with groups and pairs as they are to be stored. `given`: what the client named itself.

    Raises BadInput, Conflict, NotFound, with Neutron's error types.
    """
    if port.device_owner.startswith("network:"):
        return structs.replace(port, port_security_enabled=False, security_groups=[], allowed_address_pairs=[])
    if OWNERS & given:
        _check_owner(actor, tx.get(Network, port.network_id))
    if "allowed_address_pairs" in given:
        port = structs.replace(port, allowed_address_pairs=_pairs(port))
    if GUARDS & given and not _is_guarded(tx, port):
        _check_unguarded(port, given)
    if port.security_groups is None or "security_groups" in given:
        port = structs.replace(port, security_groups=_groups(tx, actor, port))
    return port


def note_groups(tx: Transaction, port: Port) -> None:
    """Writes down which groups the stored port is in."""
    if "security-groups" in tx.features and port.security_groups:
        memberships.join(tx.connection, port.id, port.security_groups)


def note_changed_groups(tx: Transaction, port: Port, old: Port) -> None:
    if port.security_groups != old.security_groups:
        memberships.leave(tx.connection, port.id)
        note_groups(tx, port)


def _groups(tx: Transaction, actor: Actor, port: Port) -> list[Uuid]:
    asked = port.security_groups
    if "security-groups" not in tx.features:
        return asked or []
    if asked is None:
        return [default_group(tx, port.project_id).id] if _is_guarded(tx, port) else []
    if len(set(asked)) < len(asked):
        raise BadInput("HTTPBadRequest", "Invalid input for security_groups. Reason: Duplicate items in the list.")
    groups = [get_visible(tx, actor, SecurityGroup, id) for id in asked]
    if len({group.stateful for group in groups}) > 1:
        raise Conflict(
            "SecurityGroupConflict",
            "Error Cannot apply both stateful and stateless security groups on the same port at the same time "
            "while attempting the operation.",
        )
    return [group.id for group in groups]


def _check_owner(actor: Actor, network: Network) -> None:
    """On a network of others a tenant does not say which addresses it sends from."""
    if not actor.sees_all_projects and network.project_id != actor.project_id:
        raise Forbidden(
            "PolicyNotAuthorized",
            f"Attributes {' and '.join(sorted(OWNERS))} may be set only by the owner of network {network.id}.",
        )


def _is_guarded(tx: Transaction, port: Port) -> bool:
    """Port security can be off only where a plugin has it."""
    return port.port_security_enabled or "port-security" not in tx.features


def _check_unguarded(port: Port, given: Set[str]) -> None:
    if port.allowed_address_pairs:
        raise Conflict(
            "AddressPairAndPortSecurityRequired",
            "Port Security must be enabled in order to have allowed address pairs on a port.",
        )
    if port.security_groups and "security_groups" in given:
        raise BadInput(
            "PortSecurityAndIPRequiredForSecurityGroups",
            "Port security must be enabled and port must have an IP address in order to use security groups.",
        )
    if port.security_groups:
        raise Conflict(
            "PortSecurityPortHasSecurityGroup",
            "Port has security group associated. Cannot disable port security or IP address until security group "
            "is removed.",
        )


def _pairs(port: Port) -> list[AddressPair]:
    pairs = port.allowed_address_pairs
    if len(pairs) > MOST_PAIRS:
        raise BadInput(
            "AllowedAddressPairExhausted", f"The number of allowed address pair exceeds the maximum {MOST_PAIRS}."
        )
    whole = [structs.replace(pair, mac_address=pair.mac_address or port.mac_address) for pair in pairs]
    for place, pair in enumerate(whole):
        if pair in whole[:place]:
            raise BadInput(
                "DuplicateAddressPairInRequest",
                f"Request contains duplicate address pair: mac_address {pair.mac_address} "
                f"ip_address {pair.ip_address}.",
            )
    return whole
