"""IPAM's rules, against the plainest possible model: a set of numbers."""

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ovirt_quantum import addressing
from ovirt_quantum.errors import BadInput, Conflict
from ovirt_quantum.model import AllocationPool
from ovirt_quantum.model.types import Cidr, IpAddress, MacAddress

SPANS = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)).map(sorted).map(tuple), min_size=1, max_size=4)


def pool(start: str, end: str) -> AllocationPool:
    return AllocationPool(IpAddress(start), IpAddress(end))


@given(SPANS, st.sets(st.integers(0, 40)))
def test_a_free_address_is_found_wherever_there_is_one(spans: list[tuple[int, int]], used: set[int]) -> None:
    """Never one in use, never one outside, and None only where all are taken."""
    found = addressing.next_free(
        spans,
        highest=lambda first, last: max((n for n in used if first <= n <= last), default=None),
        used=lambda first, last: sorted(n for n in used if first <= n <= last),
    )
    free = {n for first, last in spans for n in range(first, last + 1)} - used
    assert (found in free) if free else found is None


def test_an_address_just_given_back_is_not_the_next_one() -> None:
    """.1 to .4 taken, .2 given back: .5 comes first."""
    used = {1, 3, 4}
    found = addressing.next_free([(1, 9)], lambda first, last: max(used), lambda first, last: sorted(used))
    assert found == 5


@pytest.mark.parametrize(
    ("cidr", "first", "last"),
    [
        ("10.0.0.0/24", "10.0.0.1", "10.0.0.254"),
        ("10.0.0.0/31", "10.0.0.0", "10.0.0.1"),
        ("10.0.0.7/32", "10.0.0.7", "10.0.0.7"),
        ("fd00::/64", "fd00::1", "fd00::ffff:ffff:ffff:ffff"),
        ("fd00::/127", "fd00::", "fd00::1"),
        ("fd00::5/128", "fd00::5", "fd00::5"),
    ],
)
def test_usable_addresses_leave_out_what_is_not_a_hosts(cidr: str, first: str, last: str) -> None:
    """The network's address and IPv4's broadcast."""
    low, high = addressing.usable(Cidr(cidr))
    assert (low, high) == (int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last)))


@given(st.integers(8, 30), st.integers(0, 2**32 - 1))
def test_default_pools_are_all_usable_addresses_but_the_gateway(length: int, base: int) -> None:
    """Whatever the block."""
    block = ipaddress.ip_network((base, length), strict=False)
    cidr = Cidr(str(block))
    gateway = addressing.default_gateway(cidr)
    spans = addressing.spans(addressing.default_pools(cidr, gateway))
    low, high = addressing.usable(cidr)
    assert sum(last - first + 1 for first, last in spans) == high - low
    assert all(not first <= addressing.number(gateway) <= last for first, last in spans)


def test_a_gateway_in_the_middle_splits_the_pool() -> None:
    """10.0.0.10 of a /24."""
    pools = addressing.default_pools(Cidr("10.0.0.0/24"), IpAddress("10.0.0.10"))
    assert pools == [pool("10.0.0.1", "10.0.0.9"), pool("10.0.0.11", "10.0.0.254")]


@pytest.mark.parametrize(
    ("pools", "error", "kind"),
    [
        ([pool("10.0.0.9", "10.0.0.5")], BadInput, "InvalidAllocationPool"),
        ([pool("10.0.0.5", "fd00::1")], BadInput, "InvalidAllocationPool"),
        ([pool("10.0.0.5", "10.0.1.5")], BadInput, "OutOfBoundsAllocationPool"),
        ([pool("10.0.0.0", "10.0.0.5")], BadInput, "OutOfBoundsAllocationPool"),
        ([pool("10.0.0.5", "10.0.0.9"), pool("10.0.0.9", "10.0.0.12")], Conflict, "OverlappingAllocationPools"),
        ([pool("10.0.0.1", "10.0.0.9")], Conflict, "GatewayConflictWithAllocationPools"),
    ],
)
def test_bad_pools_are_refused(pools: list[AllocationPool], error: type[Exception], kind: str) -> None:
    """With Neutron's error types."""
    with pytest.raises(error) as raised:
        addressing.check_pools(Cidr("10.0.0.0/24"), pools, IpAddress("10.0.0.1"))
    assert raised.value.kind == kind  # type: ignore[attr-defined]


@pytest.mark.parametrize("gateway", ["10.0.1.1", "10.0.0.0", "10.0.0.255", "fd00::1"])
def test_a_gateway_that_no_vm_reaches_is_refused(gateway: str) -> None:
    """Outside, or not a host's address."""
    with pytest.raises(BadInput):
        addressing.check_gateway(Cidr("10.0.0.0/24"), IpAddress(gateway))


def test_an_ipv6_gateway_may_be_link_local() -> None:
    """As routers announce themselves (RFC 4861)."""
    addressing.check_gateway(Cidr("fd00::/64"), IpAddress("fe80::1"))


def test_slaac_addresses_follow_from_the_mac() -> None:
    """RFC 4291, appendix A: 34-56-78-9A-BC-DE becomes 3656:78ff:fe9a:bcde."""
    number = addressing.eui64(Cidr("2001:db8::/64"), MacAddress("34:56:78:9a:bc:de"))
    assert str(ipaddress.IPv6Address(number)) == "2001:db8::3656:78ff:fe9a:bcde"


def test_made_macs_are_unicast() -> None:
    """And well-formed."""
    for _ in range(100):
        mac = addressing.make_mac()
        assert MacAddress.parse(mac) == mac
