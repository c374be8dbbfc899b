"""The inventory that the database holds, in the words of a file."""

from collections import defaultdict

from ...model import Actor, Host, Link, NetworkSegmentRange, PhysicalNetwork
from ...store.transaction import Transaction
from ..access import check_role
from .declaration import DeclaredHost, DeclaredLink, DeclaredPhysicalNetwork, DeclaredRange, Inventory


def stored(tx: Transaction, actor: Actor) -> Inventory:
    """All of it, by name. Raises Forbidden."""
    check_role(actor, PhysicalNetwork)
    physical_networks = {physical.id: physical for physical in tx.find(PhysicalNetwork)}
    links: dict[str, list[DeclaredLink]] = defaultdict(list)
    for link in tx.find(Link):
        links[link.host_id].append(_link(link, physical_networks[link.physical_network_id].name))
    hosts = [_host(host, sorted(links[host.id], key=lambda link: link.device)) for host in tx.find(Host)]
    ranges = [_range(pool) for pool in tx.find(NetworkSegmentRange) if not pool.default]
    return Inventory(
        physical_networks=sorted(map(_physical_network, physical_networks.values()), key=lambda one: one.name),
        hosts=sorted(hosts, key=lambda host: host.name),
        network_segment_ranges=sorted(ranges, key=lambda pool: (pool.physical_network, pool.minimum)),
    )


def _physical_network(physical: PhysicalNetwork) -> DeclaredPhysicalNetwork:
    return DeclaredPhysicalNetwork(
        name=physical.name,
        description=physical.description,
        tags=physical.tags,
        mtu=physical.mtu,
        bridge=physical.bridge,
        vlan_ranges=physical.vlan_ranges,
        reserved_vlans=physical.reserved_vlans,
    )


def _host(host: Host, links: list[DeclaredLink]) -> DeclaredHost:
    return DeclaredHost(
        name=host.name,
        description=host.description,
        tags=host.tags,
        ovsdb=host.ovsdb,
        gateway_priority=host.gateway_priority,
        links=links,
    )


def _link(link: Link, physical_network: str) -> DeclaredLink:
    return DeclaredLink(
        device=link.device,
        physical_network=physical_network,
        description=link.description,
        tags=link.tags,
        speed_mbps=link.speed_mbps,
        redundant=link.redundant,
    )


def _range(pool: NetworkSegmentRange) -> DeclaredRange:
    return DeclaredRange(
        physical_network=pool.physical_network,
        minimum=pool.minimum,
        maximum=pool.maximum,
        project=pool.project_id,
        name=pool.name,
        description=pool.description,
        tags=pool.tags,
    )
