"""The inventory: physical networks, hosts and links, as the administrator declares them."""

import re

from .. import segments
from ..errors import BadInput, Conflict
from ..model import Actor, Host, Link, Network, NetworkSegmentRange, PhysicalNetwork, VlanRange
from ..model.wish import Wish
from ..store import allocations
from ..store.transaction import Transaction
from .access import check_role, get_own

OVSDB = re.compile(
    r"unix:/[^\s\0]+|(?:ssl:(?:[A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])|tcp:(?:127\.0\.0\.1|\[::1\])):[0-9]{1,5}"
)
"""Where a host's Open vSwitch may be dialled (ovsdb(7), Active connection methods)."""


def create_physical_network(tx: Transaction, actor: Actor, wish: Wish[PhysicalNetwork]) -> PhysicalNetwork:
    """Its `vlan_ranges` become pools for everybody."""
    check_role(actor, PhysicalNetwork)
    physical = wish.wanted
    if tx.any(PhysicalNetwork, name=physical.name):
        raise Conflict("PhysicalNetworkExists", f"There is a physical network {physical.name} already.")
    _check_bridge(tx, physical)
    added = tx.add(physical)
    _declare_vlans(tx, added)
    return added


def update_physical_network(tx: Transaction, actor: Actor, wish: Wish[PhysicalNetwork]) -> PhysicalNetwork:
    """Networks that use it keep their VLANs, also where a pool no longer has them."""
    old = get_own(tx, actor, PhysicalNetwork, wish.wanted.id)
    if wish.wanted.bridge != old.bridge and tx.any(Network, physical_network=old.name):
        raise Conflict("PhysicalNetworkInUse", f"Networks use {old.name}: its bridge can't change under running VMs.")
    _check_bridge(tx, wish.wanted)
    _check_mtu(tx, wish.wanted)
    changed = tx.change(wish.wanted)
    _declare_vlans(tx, changed)
    return changed


def delete_physical_network(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while a network or link uses it."""
    physical = get_own(tx, actor, PhysicalNetwork, id)
    for network in tx.find(Network, physical_network=physical.name):
        raise Conflict("PhysicalNetworkInUse", f"Physical network {physical.name} is used by network {network.id}.")
    for link in tx.find(Link, physical_network_id=id):
        raise Conflict("PhysicalNetworkInUse", f"Physical network {physical.name} is used by link {link.id}.")
    for pool in tx.find(NetworkSegmentRange, physical_network=physical.name):
        tx.remove(pool)
    allocations.reserve_vlans(tx.connection, physical.name, [])
    tx.remove(physical)


def create_host(tx: Transaction, actor: Actor, wish: Wish[Host]) -> Host:
    check_role(actor, Host)
    if tx.any(Host, name=wish.wanted.name):
        raise Conflict("HostExists", f"There is a host {wish.wanted.name} already.")
    _check_ovsdb(wish.wanted)
    return tx.add(wish.wanted)


def update_host(tx: Transaction, actor: Actor, wish: Wish[Host]) -> Host:
    get_own(tx, actor, Host, wish.wanted.id)
    _check_ovsdb(wish.wanted)
    return tx.change(wish.wanted)


def delete_host(tx: Transaction, actor: Actor, id: str) -> None:
    """With its links."""
    host = get_own(tx, actor, Host, id)
    for link in tx.find(Link, host_id=id):
        tx.remove(link)
    tx.remove(host)


def create_link(tx: Transaction, actor: Actor, wish: Wish[Link]) -> Link:
    check_role(actor, Link)
    tx.get(Host, wish.wanted.host_id)
    tx.get(PhysicalNetwork, wish.wanted.physical_network_id)
    if tx.any(Link, host_id=wish.wanted.host_id, device=wish.wanted.device):
        raise Conflict("LinkExists", f"Device {wish.wanted.device} of that host has a link already.")
    return tx.add(wish.wanted)


def update_link(tx: Transaction, actor: Actor, wish: Wish[Link]) -> Link:
    get_own(tx, actor, Link, wish.wanted.id)
    return tx.change(wish.wanted)


def delete_link(tx: Transaction, actor: Actor, id: str) -> None:
    tx.remove(get_own(tx, actor, Link, id))


def _check_bridge(tx: Transaction, physical: PhysicalNetwork) -> None:
    for other in tx.find(PhysicalNetwork, bridge=physical.bridge):
        if other.id != physical.id:
            raise Conflict(
                "BridgeInUse",
                f"Bridge {physical.bridge} carries {other.name}; VLANs of two physical networks would mix on it. "
                "Give this one a bridge of its own.",
            )


def _check_mtu(tx: Transaction, physical: PhysicalNetwork) -> None:
    for network in tx.find(Network, physical_network=physical.name):
        if network.mtu > physical.mtu:
            raise Conflict(
                "PhysicalNetworkInUse",
                f"Invalid input for mtu: {physical.mtu} is less than {network.mtu}, that of network {network.id}.",
            )


def _check_ovsdb(host: Host) -> None:
    if host.ovsdb and not OVSDB.fullmatch(host.ovsdb):
        raise BadInput(
            "InvalidInput",
            f"Invalid input for ovsdb: '{host.ovsdb}' is neither ssl:HOST:PORT nor unix:PATH (tcp on loopback alone).",
        )


def _declare_vlans(tx: Transaction, physical: PhysicalNetwork) -> None:
    wanted = {(vlans.minimum, vlans.maximum): vlans for vlans in physical.vlan_ranges}
    for pool in tx.find(NetworkSegmentRange, physical_network=physical.name):
        if pool.default and wanted.pop((pool.minimum, pool.maximum), None) is None:
            tx.remove(pool)
    for vlans in wanted.values():
        tx.add(_default_pool(tx, physical, vlans))
    held = allocations.used_vlans(tx.connection, physical.name)
    for vlan in physical.reserved_vlans:
        if held.get(vlan) is not None:
            raise Conflict("VlanIdInUse", f"VLAN {vlan} can't be reserved: network {held[vlan]} uses it.")
    allocations.reserve_vlans(tx.connection, physical.name, sorted(set(physical.reserved_vlans)))


def _default_pool(tx: Transaction, physical: PhysicalNetwork, vlans: VlanRange) -> NetworkSegmentRange:
    if vlans.minimum > vlans.maximum:
        raise BadInput("InvalidInput", f"Invalid input for vlan_ranges: {vlans.minimum} is above {vlans.maximum}.")
    pool = NetworkSegmentRange(
        physical_network=physical.name,
        minimum=vlans.minimum,
        maximum=vlans.maximum,
        name=f"{physical.name} {vlans.minimum}-{vlans.maximum}",
        default=True,
    )
    check_overlap(tx, pool)
    return pool


def check_overlap(tx: Transaction, pool: NetworkSegmentRange) -> None:
    """Raises Conflict where another pool has some of the VLANs."""
    for other in tx.find(NetworkSegmentRange, physical_network=pool.physical_network):
        if other.id != pool.id and segments.overlap(other, pool):
            raise Conflict(
                "NetworkSegmentRangeOverlaps",
                f"VLANs {pool.minimum}-{pool.maximum} overlap with pool {other.id} ({other.minimum}-{other.maximum}).",
            )
