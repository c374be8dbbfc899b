"""A subnet: what DHCP tells the VMs of it, one row of DHCP_Options (ovn-nb(5))."""

from collections.abc import Sequence

from ovirt_quantum.model import Network, Subnet
from ovirt_quantum.plugin import SUBNET, DesiredSubnet, Ref

from .rows import Extent, Place, Row, Wanted, mac_of, marked

LEASE_S = 43200
"""Twelve hours: a VM that cannot reach the host's ovn-controller keeps its address for long."""
NO_GATEWAY = "169.254.0.1"
"""Who a DHCP server says it is where the subnet has no gateway: an address that no VM of the subnet can have."""


def options_of(subnet_id: str) -> Place:
    return Place("DHCP_Options", subnet_id)


def extent(id: str) -> Extent:
    return Extent((options_of(id),))


def wanted(desired: DesiredSubnet, deployment: str) -> Wanted:
    if not is_served(desired.subnet):
        return Wanted()
    return Wanted((row(desired.subnet, desired.network, deployment),))


def row(subnet: Subnet, network: Network, deployment: str) -> Row:
    """The row of a subnet that is served."""
    marks = marked(deployment, Ref(SUBNET, subnet.id), subnet.name)
    return Row(options_of(subnet.id), {"cidr": subnet.cidr, "options": options(subnet, network), "external_ids": marks})


def is_served(subnet: Subnet) -> bool:
    """Whether VMs ask DHCP at all: with SLAAC, they do not."""
    return subnet.enable_dhcp and (subnet.ip_version == 4 or subnet.ipv6_address_mode in _DHCPV6_MODES)


_DHCPV6_MODES = ("dhcpv6-stateful", "dhcpv6-stateless")


def options(subnet: Subnet, network: Network) -> dict[str, str]:
    """OVN's names of DHCP options; values as ovn-nb(5) writes them."""
    return _options_v4(subnet, network) if subnet.ip_version == 4 else _options_v6(subnet)


def _options_v4(subnet: Subnet, network: Network) -> dict[str, str]:
    options = {
        "server_id": str(subnet.gateway_ip or NO_GATEWAY),
        "server_mac": mac_of(subnet.id),
        "lease_time": str(LEASE_S),
        "mtu": str(network.mtu),
    }
    if subnet.gateway_ip is not None:
        options["router"] = str(subnet.gateway_ip)
    if subnet.dns_nameservers:
        options["dns_server"] = _set(subnet.dns_nameservers)
    if network.dns_domain:
        options["domain_name"] = f'"{network.dns_domain.removesuffix(".")}"'
    if subnet.host_routes:
        options["classless_static_route"] = _routes(subnet)
    return options


def _options_v6(subnet: Subnet) -> dict[str, str]:
    options = {"server_id": mac_of(subnet.id)}
    if subnet.dns_nameservers:
        options["dns_server"] = _set(subnet.dns_nameservers)
    if subnet.ipv6_address_mode == "dhcpv6-stateless":
        options["dhcpv6_stateless"] = "true"
    return options


def _routes(subnet: Subnet) -> str:
    """A client that is given this option ignores `router` (RFC 3442), so that the default route is said here, too."""
    routes = [f"{route.destination},{route.nexthop}" for route in subnet.host_routes]
    if subnet.gateway_ip is not None:
        routes.append(f"0.0.0.0/0,{subnet.gateway_ip}")
    return "{" + ", ".join(routes) + "}"


def _set(addresses: Sequence[str]) -> str:
    return "{" + ", ".join(addresses) + "}"
