"""VLAN pools that an administrator adds to those of the physical networks' own declaration."""

from collections.abc import Mapping

from msgspec import structs

from ..errors import BadInput, Conflict
from ..model import Actor, Network, NetworkSegmentRange, PhysicalNetwork
from ..model.wish import Wish
from ..store import allocations
from ..store.transaction import Transaction
from .access import check_role, get_own
from .physical import check_overlap


def create_segment_range(tx: Transaction, actor: Actor, wish: Wish[NetworkSegmentRange]) -> NetworkSegmentRange:
    check_role(actor, NetworkSegmentRange)
    pool = wish.wanted
    if not tx.any(PhysicalNetwork, name=pool.physical_network):
        raise BadInput("InvalidInput", f"Invalid input for physical_network: {pool.physical_network} is not known.")
    if not pool.shared and not pool.project_id:
        raise BadInput("InvalidInput", "Invalid input for project_id: a pool that is not shared needs one.")
    _check(tx, pool)
    return tx.add(structs.replace(pool, project_id="" if pool.shared else pool.project_id))


def update_segment_range(tx: Transaction, actor: Actor, wish: Wish[NetworkSegmentRange]) -> NetworkSegmentRange:
    """At once, without a restart. VLANs in use must stay inside."""
    old = get_own(tx, actor, NetworkSegmentRange, wish.wanted.id)
    _check_not_default(old)
    _check(tx, wish.wanted)
    kept = range(wish.wanted.minimum, wish.wanted.maximum + 1)
    lost = {vlan: network for vlan, network in _in_use(tx, old).items() if vlan not in kept}
    if lost:
        _refuse_in_use(old, lost)
    return tx.change(wish.wanted)


def delete_segment_range(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while networks have VLANs of it."""
    pool = get_own(tx, actor, NetworkSegmentRange, id)
    _check_not_default(pool)
    in_use = _in_use(tx, pool)
    if in_use:
        _refuse_in_use(pool, in_use)
    tx.remove(pool)


def with_usage(tx: Transaction, pool: NetworkSegmentRange) -> NetworkSegmentRange:
    """Filled in with what is used, by which project, and what is left, as of now."""
    taken = allocations.used_vlans(tx.connection, pool.physical_network)
    free = [vlan for vlan in range(pool.minimum, pool.maximum + 1) if vlan not in taken]
    used = {str(vlan): tx.get(Network, network).project_id for vlan, network in _in_use(tx, pool).items()}
    return structs.replace(pool, used=used, available=free)


def _check_not_default(pool: NetworkSegmentRange) -> None:
    """A pool that a physical network declares is what that says, or there would be two truths."""
    if pool.default:
        raise BadInput(
            "NetworkSegmentRangeDefaultReadOnly",
            f"Network Segment Range {pool.id} is a default segment range which could not be updated or deleted: "
            f"change vlan_ranges of physical network {pool.physical_network}.",
        )


def _check(tx: Transaction, pool: NetworkSegmentRange) -> None:
    if pool.minimum > pool.maximum:
        raise BadInput("InvalidInput", f"Invalid input for minimum: {pool.minimum} is above maximum {pool.maximum}.")
    check_overlap(tx, pool)


def _in_use(tx: Transaction, pool: NetworkSegmentRange) -> dict[int, str]:
    taken = allocations.used_vlans(tx.connection, pool.physical_network)
    return {v: network for v, network in taken.items() if network and pool.minimum <= v <= pool.maximum}


def _refuse_in_use(pool: NetworkSegmentRange, in_use: Mapping[int, str]) -> None:
    vlan, network = next(iter(in_use.items()))
    raise Conflict(
        "NetworkSegmentRangeReferencedByNetwork", f"VLAN {vlan} of pool {pool.id} is in use by network {network}."
    )
