"""IPAM and MAC addresses: pure rules, IPv4 and IPv6 alike."""

import ipaddress
import secrets
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import Literal

from .errors import BadInput, Conflict
from .model import AllocationPool, Subnet
from .model.types import Cidr, IpAddress, MacAddress

Span = tuple[int, int]
"""Addresses as numbers, both ends included."""


def number(address: IpAddress) -> int:
    return int(ipaddress.ip_address(address))


def address(value: int, version: Literal[4, 6]) -> IpAddress:
    kind = ipaddress.IPv4Address if version == 4 else ipaddress.IPv6Address
    return IpAddress(kind(value))


def usable(cidr: Cidr) -> Span:
    """What may be given to ports: not the network's own and IPv4's broadcast address (RFC 3021: /31 has none)."""
    network = ipaddress.ip_network(cidr)
    first, last = int(network.network_address), int(network.broadcast_address)
    if network.num_addresses <= 2:
        return first, last
    return first + 1, last - 1 if network.version == 4 else last


def contains(cidr: Cidr, ip: IpAddress) -> bool:
    """Whether the address lies in the block."""
    one = ipaddress.ip_address(ip)
    network = ipaddress.ip_network(cidr)
    return one.version == network.version and one in network


def overlaps(one: Cidr, other: Cidr) -> bool:
    return ipaddress.ip_network(one).overlaps(ipaddress.ip_network(other))


def check_block(cidr: Cidr) -> None:
    """Raises BadInput for a block whose addresses no two VMs could reach each other by."""
    network = ipaddress.ip_network(cidr)
    local = network.version == 6 and network.is_link_local
    if network.prefixlen == 0 or network.is_multicast or network.is_loopback or local:
        raise BadInput("InvalidInput", f"Invalid input for cidr: {cidr} is not a block of addresses for hosts.")


def default_gateway(cidr: Cidr) -> IpAddress:
    """The first usable address, as Neutron chooses."""
    return address(usable(cidr)[0], ipaddress.ip_network(cidr).version)


def default_pools(cidr: Cidr, gateway: IpAddress | None) -> list[AllocationPool]:
    """All usable addresses but the gateway."""
    first, last = usable(cidr)
    spans = [(first, last)]
    if gateway is not None and contains(cidr, gateway):
        middle = number(gateway)
        spans = [(first, min(middle - 1, last)), (max(middle + 1, first), last)]
    version = ipaddress.ip_network(cidr).version
    return [AllocationPool(address(low, version), address(high, version)) for low, high in spans if low <= high]


def check_gateway(cidr: Cidr, gateway: IpAddress) -> None:
    """Raises BadInput for a gateway that no VM on the subnet could reach."""
    if ipaddress.ip_address(gateway).is_link_local and ":" in gateway and ":" in cidr:
        return
    first, last = usable(cidr)
    if not contains(cidr, gateway) or not first <= number(gateway) <= last:
        raise BadInput("InvalidInput", f"Invalid input for gateway_ip: {gateway} is not a usable address of {cidr}.")


def check_pools(cidr: Cidr, pools: Sequence[AllocationPool], gateway: IpAddress | None) -> None:
    """Raises BadInput for pools that are not well-formed or outside, Conflict for overlapping ones."""
    spans = sorted((_span(cidr, pool), pool) for pool in pools)
    for (one, pool), (other, next_pool) in pairwise(spans):
        if other[0] <= one[1]:
            raise Conflict(
                "OverlappingAllocationPools",
                f"Invalid input for allocation_pools: {_words(pool)} and {_words(next_pool)} of subnet {cidr} overlap.",
            )
    for (first, last), pool in spans:
        if gateway is not None and first <= number(gateway) <= last:
            raise Conflict(
                "GatewayConflictWithAllocationPools",
                f"Invalid input for allocation_pools: {_words(pool)} has the gateway_ip {gateway} in it.",
            )


def _span(cidr: Cidr, pool: AllocationPool) -> Span:
    first, last = number(pool.start), number(pool.end)
    if (":" in pool.start) != (":" in pool.end) or last < first:
        raise BadInput(
            "InvalidAllocationPool", f"Invalid input for allocation_pools: {_words(pool)} is not a valid one."
        )
    low, high = usable(cidr)
    if not (contains(cidr, pool.start) and contains(cidr, pool.end) and low <= first and last <= high):
        raise BadInput(
            "OutOfBoundsAllocationPool",
            f"Invalid input for allocation_pools: {_words(pool)} spans beyond the subnet cidr {cidr}.",
        )
    return first, last


def _words(pool: AllocationPool) -> str:
    return f"{pool.start}-{pool.end}"


def spans(pools: Sequence[AllocationPool]) -> list[Span]:
    return [(number(pool.start), number(pool.end)) for pool in pools]


def next_free(
    pools: Iterable[Span],
    highest: Callable[[int, int], int | None],
    used: Callable[[int, int], Iterable[int]],
) -> int | None:
    """A free address: the one after the highest in use, one look at any size; once a pool's end is reached, its
    lowest gap. An address that was just given back is thus not handed out again at once.

    highest, used: the highest and all addresses in use between two, the latter in order.
    """
    for first, last in pools:
        top = highest(first, last)
        if top is None:
            return first
        if top < last:
            return top + 1
        gap = _gap(first, used(first, last))
        if gap <= last:
            return gap
    return None


def _gap(first: int, used: Iterable[int]) -> int:
    expected = first
    for taken in used:
        if taken > expected:
            break
        expected = taken + 1
    return expected


def is_auto_addressed(subnet: Subnet) -> bool:
    """Whether VMs make their address themselves from prefix and MAC (SLAAC; RFC 4862). As Neutron has it, one of the
    modes says enough: with ipv6_ra_mode alone its own router announces the prefix, with ipv6_address_mode another."""
    return not {"slaac", "dhcpv6-stateless"}.isdisjoint((subnet.ipv6_address_mode, subnet.ipv6_ra_mode))


def eui64(cidr: Cidr, mac: MacAddress) -> int:
    """The address that a VM with this MAC makes for itself (RFC 4291, appendix A)."""
    pairs = bytes.fromhex(mac.replace(":", ""))
    interface = bytes([pairs[0] ^ 2, *pairs[1:3], 0xFF, 0xFE, *pairs[3:]])
    return int(ipaddress.ip_network(cidr).network_address) + int.from_bytes(interface, "big")


def make_mac() -> MacAddress:
    """A random one under fa:16:3e, the prefix that OpenStack uses for its VMs."""
    tail = secrets.token_bytes(3)
    return MacAddress("fa:16:3e:" + tail.hex(":"))
