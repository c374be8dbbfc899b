"""Subnets."""

import ipaddress

from msgspec import structs

from .. import addressing
from ..errors import BadInput, Conflict
from ..model import ROUTER_INTERFACE, Actor, FixedIp, Network, Port, Subnet
from ..model.wish import Wish
from ..store import allocations
from ..store.transaction import Transaction
from . import addresses
from .access import get_own, project_for
from .infrastructure import OWNERS

MOST_NAMESERVERS, MOST_ROUTES = 5, 20
"""Neutron's defaults for max_dns_nameservers and max_subnet_host_routes."""


def create_subnet(tx: Transaction, actor: Actor, wish: Wish[Subnet]) -> Subnet:
    """A subnet whose gateway and pools, left out, are the first address and all the others."""
    subnet = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    network = get_own(tx, actor, Network, subnet.network_id)
    _check_version(subnet, "ip_version" in wish.given)
    addressing.check_block(subnet.cidr)
    _check_overlap(tx, subnet)
    if "gateway_ip" not in wish.given:
        subnet = structs.replace(subnet, gateway_ip=addressing.default_gateway(subnet.cidr))
    if "allocation_pools" not in wish.given:
        pools = addressing.default_pools(subnet.cidr, subnet.gateway_ip)
        subnet = structs.replace(subnet, allocation_pools=pools)
    _check(subnet)
    subnet = tx.add(subnet)
    tx.rewrite(structs.replace(network, subnets=[*network.subnets, subnet.id]))
    if addressing.is_auto_addressed(subnet):
        addresses.give_everybody(tx, subnet)
    return subnet


def update_subnet(tx: Transaction, actor: Actor, wish: Wish[Subnet]) -> Subnet:
    """Addresses in use stay, also outside of new pools."""
    old = get_own(tx, actor, Subnet, wish.wanted.id)
    subnet = wish.wanted
    _check(subnet)
    if subnet.gateway_ip != old.gateway_ip:
        _check_gateway_free(tx, old, subnet)
    return tx.change(subnet)


def delete_subnet(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while ports have addresses of it, but for those that VMs make themselves (SLAAC)."""
    subnet = get_own(tx, actor, Subnet, id)
    holders = [port for port in tx.find(Port, network_id=subnet.network_id) if _has_address(port, id)]
    stays = [port for port in holders if port.device_owner in OWNERS or not addressing.is_auto_addressed(subnet)]
    if stays:
        raise Conflict(
            "SubnetInUse",
            f"Unable to complete operation on subnet {id}: One or more ports have an IP allocation from this subnet.",
        )
    for port in holders:
        kept = [fixed for fixed in port.fixed_ips if fixed.subnet_id != id]
        allocations.give_addresses_back(tx.connection, port.id)
        for fixed in kept:
            _take(tx, port.id, fixed)
        tx.change(structs.replace(port, fixed_ips=kept))
    network = tx.get(Network, subnet.network_id)
    tx.rewrite(structs.replace(network, subnets=[other for other in network.subnets if other != id]))
    tx.remove(subnet)


def _take(tx: Transaction, port_id: str, fixed: FixedIp) -> None:
    if fixed.subnet_id is not None and fixed.ip_address is not None:
        allocations.take_address(tx.connection, fixed.subnet_id, addressing.number(fixed.ip_address), port_id)


def _check_gateway_free(tx: Transaction, old: Subnet, new: Subnet) -> None:
    """The old one must not be a router's, under its VMs' feet, and nobody may have the new one but a router."""
    held, taken = _holder(tx, old), _holder(tx, new)
    if held is not None and held.device_owner == ROUTER_INTERFACE:
        raise _gateway_in_use(old, held)
    if taken is not None and taken.device_owner != ROUTER_INTERFACE:
        raise _gateway_in_use(new, taken)


def _gateway_in_use(subnet: Subnet, port: Port) -> Conflict:
    return Conflict("GatewayIpInUse", f"Invalid input for gateway_ip: {subnet.gateway_ip} is in use by port {port.id}.")


def _holder(tx: Transaction, subnet: Subnet) -> Port | None:
    """The port that has the gateway's address."""
    if subnet.gateway_ip is None:
        return None
    id = allocations.address_holder(tx.connection, subnet.id, addressing.number(subnet.gateway_ip))
    return None if id is None else tx.look(Port, id)


def _has_address(port: Port, subnet_id: str) -> bool:
    return any(fixed.subnet_id == subnet_id for fixed in port.fixed_ips)


def _check_version(subnet: Subnet, given: bool) -> None:
    version = ipaddress.ip_network(subnet.cidr).version
    if given and version != subnet.ip_version:
        raise BadInput("InvalidInput", f"Invalid input for cidr: {subnet.cidr} is not an IPv{subnet.ip_version} block.")
    if not given and version != 4:
        raise BadInput("InvalidInput", f"Invalid input for ip_version: it must be 6 for the cidr {subnet.cidr}.")
    if version == 4 and (subnet.ipv6_address_mode or subnet.ipv6_ra_mode):
        raise BadInput("InvalidInput", "Invalid input for ipv6_address_mode, ipv6_ra_mode: the subnet is IPv4.")
    modes = {subnet.ipv6_address_mode, subnet.ipv6_ra_mode} - {None}
    if len(modes) > 1:
        raise BadInput("InvalidInput", "Invalid input for ipv6_ra_mode: it must be ipv6_address_mode, if both are set.")
    if addressing.is_auto_addressed(subnet) and not subnet.cidr.endswith("/64"):
        mode = subnet.ipv6_address_mode or subnet.ipv6_ra_mode
        raise BadInput("InvalidInput", f"Invalid input for cidr: {mode} takes a /64 (RFC 4862).")


def _check_overlap(tx: Transaction, subnet: Subnet) -> None:
    for other in tx.find(Subnet, network_id=subnet.network_id):
        if other.ip_version == subnet.ip_version and addressing.overlaps(other.cidr, subnet.cidr):
            raise BadInput(
                "InvalidInput",
                f"Invalid input for cidr: {subnet.cidr} overlaps with subnet {other.id} ({other.cidr}) of the network.",
            )


def _check(subnet: Subnet) -> None:
    if subnet.gateway_ip is not None:
        addressing.check_gateway(subnet.cidr, subnet.gateway_ip)
    addressing.check_pools(subnet.cidr, subnet.allocation_pools, subnet.gateway_ip)
    if len(subnet.dns_nameservers) > MOST_NAMESERVERS:
        raise BadInput("DNSNameServersExhausted", f"A subnet takes at most {MOST_NAMESERVERS} dns_nameservers.")
    if len(subnet.host_routes) > MOST_ROUTES:
        raise BadInput("HostRoutesExhausted", f"A subnet takes at most {MOST_ROUTES} host_routes.")
    if len(set(subnet.dns_nameservers)) < len(subnet.dns_nameservers):
        raise BadInput("InvalidInput", "Invalid input for dns_nameservers: an address occurs twice.")
    for route in subnet.host_routes:
        if (":" in route.destination) != (":" in route.nexthop) or (":" in route.nexthop) != (subnet.ip_version == 6):
            raise BadInput("InvalidInput", f"Invalid input for host_routes: {route.destination} is of another family.")
