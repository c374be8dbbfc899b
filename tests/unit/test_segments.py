"""VLAN pools' rules."""

from hypothesis import given
from hypothesis import strategies as st
from ovirt_quantum import segments
from ovirt_quantum.model import NetworkSegmentRange


def make(minimum: int, maximum: int, project: str = "", physical: str = "p") -> NetworkSegmentRange:
    return NetworkSegmentRange(
        physical_network=physical, minimum=minimum, maximum=maximum, project_id=project, shared=not project
    )


RANGES = st.lists(st.tuples(st.integers(1, 30), st.integers(1, 30)).map(sorted), min_size=1, max_size=3)


@given(RANGES, st.sets(st.integers(1, 30)))
def test_a_free_vlan_is_found_wherever_there_is_one(ranges: list[list[int]], used: set[int]) -> None:
    """The lowest of the first pool that has any."""
    pools = [make(low, high) for low, high in ranges]
    free = [vlan for low, high in ranges for vlan in range(low, high + 1) if vlan not in used]
    assert segments.first_free(pools, used) == (free[0] if free else None)


def test_a_project_draws_from_its_own_pool_first() -> None:
    """And never from another project's."""
    shared, own, other = make(100, 199), make(200, 299, "mine"), make(300, 399, "theirs")
    assert segments.open_to("mine", [shared, other, own]) == [own, shared]


def test_pools_overlap_only_on_one_physical_network() -> None:
    """VLANs of two physical networks have nothing to do with each other."""
    assert segments.overlap(make(1, 10), make(10, 20))
    assert not segments.overlap(make(1, 10), make(11, 20))
    assert not segments.overlap(make(1, 10), make(1, 10, physical="q"))
