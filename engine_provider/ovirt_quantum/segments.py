"""VLAN pools: pure rules."""

from collections.abc import Container, Iterable

from .model import NetworkSegmentRange


def first_free(ranges: Iterable[NetworkSegmentRange], used: Container[int]) -> int | None:
    """The lowest VLAN of the first pool that has one left."""
    for pool in ranges:
        for vlan in range(pool.minimum, pool.maximum + 1):
            if vlan not in used:
                return vlan
    return None


def open_to(project: str, ranges: Iterable[NetworkSegmentRange]) -> list[NetworkSegmentRange]:
    """The pools that a project may draw from, its own before everybody's."""
    usable = [pool for pool in ranges if pool.shared or pool.project_id == project]
    return sorted(usable, key=lambda pool: (pool.shared, pool.physical_network, pool.minimum))


def overlap(one: NetworkSegmentRange, other: NetworkSegmentRange) -> bool:
    """Whether two pools share a VLAN of the same physical network."""
    apart = one.maximum < other.minimum or other.maximum < one.minimum
    return one.physical_network == other.physical_network and not apart
