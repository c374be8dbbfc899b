"""What OVN is made to have for each kind of object: the whole plugin in one table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from ovirt_quantum.plugin import (
    ADDRESS_GROUP,
    FIREWALL_GROUP,
    NETWORK,
    PORT,
    ROUTER,
    SECURITY_GROUP,
    SUBNET,
    TAP_MIRROR,
)

from . import address_group, firewall, network, port, router, security_group, subnet, tap_mirror
from .rows import Extent, Wanted


@dataclass(frozen=True)
class Kind:
    """extent: where an object's rows may be, by its id.  wanted: the rows, from the desired state and our mark."""

    extent: Callable[[str], Extent]
    wanted: Callable[[Any, str], Wanted]


KINDS: Mapping[str, Kind] = {
    NETWORK: Kind(network.extent, network.wanted),
    SUBNET: Kind(subnet.extent, subnet.wanted),
    ADDRESS_GROUP: Kind(address_group.extent, address_group.wanted),
    SECURITY_GROUP: Kind(security_group.extent, security_group.wanted),
    TAP_MIRROR: Kind(tap_mirror.extent, tap_mirror.wanted),
    FIREWALL_GROUP: Kind(firewall.extent, firewall.wanted),
}
"""In the order in which they refer to each other; ports and routers, which need to know the hosts, come last."""
EXTENTS: Mapping[str, Callable[[str], Extent]] = {kind: each.extent for kind, each in KINDS.items()} | {
    PORT: port.extent,
    ROUTER: router.extent,
}
ORDER = tuple(EXTENTS)
