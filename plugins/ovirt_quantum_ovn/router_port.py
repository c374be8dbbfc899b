"""A router's port: its two ends, the router's and the switch's (ovn-nb(5), Logical_Router_Port)."""

from collections.abc import Iterator
from ipaddress import ip_address

from ovirt_quantum.model import ROUTER_GATEWAY, ROUTER_INTERFACE, Port
from ovirt_quantum.plugin import RouterPort

from .ovsdb import Uuid, Writable
from .rows import Place, Row, derived

OWNERS = (ROUTER_INTERFACE, ROUTER_GATEWAY)
"""The device_owner of such ports. That of a floating IP has one of its own, and is no port of anything."""


def is_routers(port: Port) -> bool:
    """Whether a port is a router's."""
    return port.device_owner in OWNERS


def first_ipv4(port: Port) -> str | None:
    """The first IPv4 address of a port."""
    addresses = (fixed.ip_address for fixed in port.fixed_ips)
    return next((str(each) for each in addresses if each is not None and ip_address(each).version == 4), None)


def port_of(port_id: str) -> Place:
    """Not the port's own id: that is the id of its other end, on the switch."""
    return Place("Logical_Router_Port", derived(port_id, "router"))


def port_name(port_id: str) -> str:
    """What the switch's end calls it."""
    return f"lrp-{port_id}"


def row(each: RouterPort, group: Place | None, table: str | None) -> Row:
    """group: the hosts of which one has it; None: it is on all hosts at once.  table: of routes; None: the only one.

    On all hosts are ports to networks whose VMs OVN plugs; on any other wire it would answer from every host.
    """
    port = each.port
    columns: dict[str, Writable] = {
        "name": port_name(port.id),
        "mac": str(port.mac_address),
        "networks": frozenset(_networks(each)),
        "enabled": port.admin_state_up,
        "ha_chassis_group": Uuid(group.uuid) if group else None,
        "options": _options(each, table),
        "ipv6_ra_configs": _advertisements(each),
    }
    return Row(port_of(port.id), columns)


def _options(each: RouterPort, table: str | None) -> dict[str, str]:
    options = {"route_table": table} if table is not None else {}
    if each.port.device_owner == ROUTER_GATEWAY:
        options["gateway_mtu"] = str(each.network.mtu)
    return options


def _networks(each: RouterPort) -> Iterator[str]:
    lengths = {subnet.id: subnet.cidr.partition("/")[2] for subnet in each.subnets}
    for fixed in each.port.fixed_ips:
        if fixed.subnet_id is not None:
            yield f"{fixed.ip_address}/{lengths[fixed.subnet_id]}"


_MODES = {"slaac": "slaac", "dhcpv6-stateful": "dhcpv6_stateful", "dhcpv6-stateless": "dhcpv6_stateless"}


def _advertisements(each: RouterPort) -> dict[str, str]:
    """Router advertisements (RFC 4861), as the first subnet that has such says."""
    for subnet in each.subnets:
        if subnet.ipv6_ra_mode is not None:
            told = {"address_mode": _MODES[subnet.ipv6_ra_mode], "send_periodic": "true", "mtu": str(each.network.mtu)}
            servers = [server for server in subnet.dns_nameservers if ":" in server]
            return told | ({"rdnss": servers[0]} if servers else {})
    return {}
