"""Port forwardings of a router: one load balancer a protocol, each outer port with one inner one (ovn-nb(5))."""

from collections.abc import Iterator

from ovirt_quantum.model import PortForwarding
from ovirt_quantum.plugin import DesiredFloatingIp, DesiredRouter

from .ovsdb import Writable
from .rows import Place, Row, derived

PROTOCOLS = ("tcp", "udp", "sctp")


def balancers_of(router_id: str) -> tuple[Place, ...]:
    """All that there may be."""
    return tuple(_balancer(router_id, protocol) for protocol in PROTOCOLS)


def rows(desired: DesiredRouter) -> list[Row]:
    """Those that have anything to forward."""
    vips = {protocol: dict(_all_vips(desired, protocol)) for protocol in PROTOCOLS}
    return [_row(desired.router.id, protocol, found) for protocol, found in vips.items() if found]


def _row(router_id: str, protocol: str, vips: dict[str, str]) -> Row:
    columns: dict[str, Writable] = {"name": f"{router_id}-{protocol}", "protocol": protocol, "vips": vips}
    return Row(_balancer(router_id, protocol), columns)


def _balancer(router_id: str, protocol: str) -> Place:
    return Place("Load_Balancer", derived(router_id, f"forwarding {protocol}"))


def _all_vips(desired: DesiredRouter, protocol: str) -> Iterator[tuple[str, str]]:
    for each in desired.floating_ips:
        yield from _vips(each, protocol)


def _vips(each: DesiredFloatingIp, protocol: str) -> Iterator[tuple[str, str]]:
    for forwarding in each.forwardings:
        if forwarding.protocol == protocol:
            for outer, inner in zip(_outer(forwarding), _inner(forwarding), strict=False):
                yield f"{each.floating_ip.floating_ip_address}:{outer}", f"{forwarding.internal_ip_address}:{inner}"


def _outer(forwarding: PortForwarding) -> range:
    return _ports(forwarding.external_port, forwarding.external_port_range)


def _inner(forwarding: PortForwarding) -> range:
    return _ports(forwarding.internal_port, forwarding.internal_port_range)


def _ports(one: int | None, several: str | None) -> range:
    if several is None:
        return range(one or 0, (one or 0) + 1)
    first, _, last = several.partition(":")
    return range(int(first), int(last or first) + 1)
