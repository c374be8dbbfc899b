"""Which addresses a port gets."""

from collections.abc import Sequence
from functools import partial

from msgspec import structs

from .. import addressing
from ..errors import BadInput, Conflict
from ..model import FLOATING_IP_OWNER, ROUTER_GATEWAY, FixedIp, Port, Subnet
from ..model.types import IpAddress
from ..store import allocations
from ..store.transaction import Transaction


def give_any(tx: Transaction, port: Port) -> list[FixedIp]:
    """What a port gets that asks for nothing: one address a family, and every address that its VM makes itself."""
    subnets = tx.find(Subnet, network_id=port.network_id)
    chosen = [_from_any(tx, port, family) for version in (4, 6) if (family := _managed(port, subnets, version))]
    return chosen + _auto(tx, port, subnets)


def give(tx: Transaction, port: Port, asked: Sequence[FixedIp]) -> list[FixedIp]:
    """What a port gets that asks: by address, by subnet or both, in the order asked; and, if for any, then also what
    its VM makes itself."""
    _check_different(asked)
    subnets: dict[str, Subnet] = {subnet.id: subnet for subnet in tx.find(Subnet, network_id=port.network_id)}
    given = [_given(tx, port, subnets, fixed) for fixed in asked]
    served = {fixed.subnet_id for fixed in given}
    rest = [subnet for subnet in subnets.values() if subnet.id not in served]
    return given + (_auto(tx, port, rest) if given else [])


def give_ipv4(tx: Transaction, port: Port) -> list[FixedIp]:
    """One IPv4 address, and nothing else. Raises Conflict where there is none left."""
    return [_from_any(tx, port, _managed(port, tx.find(Subnet, network_id=port.network_id), 4))]


def change(tx: Transaction, port: Port, asked: Sequence[FixedIp]) -> list[FixedIp]:
    """Keeps what is asked for again, gives the rest back, takes what is new."""
    allocations.give_addresses_back(tx.connection, port.id)
    return give(tx, port, asked)


def follow_mac(tx: Transaction, port: Port) -> list[FixedIp]:
    """The addresses of a port whose MAC has changed: its VM makes others of it."""
    subnets = tx.find(Subnet, network_id=port.network_id)
    auto = {subnet.id for subnet in subnets if addressing.is_auto_addressed(subnet)}
    asked = [FixedIp(fixed.subnet_id) if fixed.subnet_id in auto else fixed for fixed in port.fixed_ips]
    return change(tx, port, asked)


def give_everybody(tx: Transaction, subnet: Subnet) -> None:
    """Notes the addresses that the VMs of a network make themselves, now that it has this subnet."""
    for port in tx.find(Port, network_id=subnet.network_id):
        made = _auto(tx, port, [subnet])
        if made:
            tx.change(structs.replace(port, fixed_ips=[*port.fixed_ips, *made]))


def _check_different(asked: Sequence[FixedIp]) -> None:
    seen = set[IpAddress]()
    for ip in (fixed.ip_address for fixed in asked if fixed.ip_address is not None):
        if ip in seen:
            raise BadInput("HTTPBadRequest", f"Invalid input for fixed_ips. Reason: {ip} is asked for twice.")
        seen.add(ip)


def with_mac(tx: Transaction, port: Port) -> Port:
    """The port with a MAC that no other one of its network has."""
    while tx.any(Port, network_id=port.network_id, mac_address=(mac := addressing.make_mac())):
        pass
    return structs.replace(port, mac_address=mac)


def _managed(port: Port, subnets: Sequence[Subnet], version: int) -> list[Subnet]:
    """Those whose addresses are given out; to a gateway all are: it makes none of a prefix, but needs one."""
    given = [s for s in subnets if port.device_owner == ROUTER_GATEWAY or not addressing.is_auto_addressed(s)]
    return [subnet for subnet in given if subnet.ip_version == version]


def _from_any(tx: Transaction, port: Port, subnets: Sequence[Subnet]) -> FixedIp:
    for subnet in subnets:
        found = _free(tx, subnet)
        if found is not None:
            return _take_free(tx, port, subnet, found)
    raise Conflict("IpAddressGenerationFailure", f"No more IP addresses available on network {port.network_id}.")


def _auto(tx: Transaction, port: Port, subnets: Sequence[Subnet]) -> list[FixedIp]:
    if _makes_none(port):
        return []
    auto = [subnet for subnet in subnets if addressing.is_auto_addressed(subnet)]
    return [_take(tx, port, subnet, addressing.eui64(subnet.cidr, port.mac_address)) for subnet in auto]


def _makes_none(port: Port) -> bool:
    """A router announces the prefix and makes no address of it; behind a floating IP's port there is nobody."""
    return port.device_owner.startswith(("network:router", FLOATING_IP_OWNER))


def _may_be_gateway(port: Port) -> bool:
    """Whether the port may have its subnet's gateway address."""
    return port.device_owner.startswith("network:") and port.device_owner not in (ROUTER_GATEWAY, FLOATING_IP_OWNER)


def _free(tx: Transaction, subnet: Subnet) -> int | None:
    return addressing.next_free(
        addressing.spans(subnet.allocation_pools),
        partial(allocations.last_address, tx.connection, subnet.id),
        partial(allocations.used_addresses, tx.connection, subnet.id),
    )


def _given(tx: Transaction, port: Port, subnets: dict[str, Subnet], fixed: FixedIp) -> FixedIp:
    subnet = _subnet(port, subnets, fixed)
    if fixed.ip_address is not None:
        _check(subnet, port, fixed.ip_address)
        return _take(tx, port, subnet, addressing.number(fixed.ip_address))
    if addressing.is_auto_addressed(subnet) and port.device_owner != ROUTER_GATEWAY:
        return _take(tx, port, subnet, addressing.eui64(subnet.cidr, port.mac_address))
    return _from_any(tx, port, [subnet])


def _subnet(port: Port, subnets: dict[str, Subnet], fixed: FixedIp) -> Subnet:
    if fixed.subnet_id is not None:
        if fixed.subnet_id not in subnets:
            raise BadInput(
                "InvalidInput",
                f"Invalid input for fixed_ips: subnet {fixed.subnet_id} is not one of network {port.network_id}.",
            )
        return subnets[fixed.subnet_id]
    if fixed.ip_address is None:
        raise BadInput("InvalidInput", "Invalid input for fixed_ips: IP allocation requires subnet_id or ip_address.")
    for subnet in subnets.values():
        if addressing.contains(subnet.cidr, fixed.ip_address):
            return subnet
    raise BadInput(
        "InvalidIpForNetwork",
        f"Invalid input for fixed_ips: {fixed.ip_address} is not a valid IP for any of the subnets on the network.",
    )


def _check(subnet: Subnet, port: Port, ip: IpAddress) -> None:
    first, last = addressing.usable(subnet.cidr)
    if not addressing.contains(subnet.cidr, ip) or not first <= addressing.number(ip) <= last:
        raise BadInput(
            "InvalidIpForSubnet", f"Invalid input for fixed_ips: {ip} is not a valid IP for subnet {subnet.id}."
        )
    if ip == subnet.gateway_ip and not _may_be_gateway(port):
        raise Conflict(
            "IpAddressAlreadyAllocated", f"Invalid input for fixed_ips: {ip} is the gateway of subnet {subnet.id}."
        )
    makes_it = addressing.is_auto_addressed(subnet) and not _makes_none(port)
    if makes_it and addressing.number(ip) != addressing.eui64(subnet.cidr, port.mac_address):
        raise BadInput(
            "AllocationOnAutoAddressSubnet",
            f"Invalid input for fixed_ips: {ip} is not the address that a VM makes of the port's MAC.",
        )


def _take(tx: Transaction, port: Port, subnet: Subnet, number: int) -> FixedIp:
    if allocations.address_holder(tx.connection, subnet.id, number) is not None:
        ip = addressing.address(number, subnet.ip_version)
        raise Conflict(
            "IpAddressAlreadyAllocated",
            f"Invalid input for fixed_ips: {ip} is already allocated in subnet {subnet.id}.",
        )
    return _take_free(tx, port, subnet, number)


def _take_free(tx: Transaction, port: Port, subnet: Subnet, number: int) -> FixedIp:
    allocations.take_address(tx.connection, subnet.id, number, port.id)
    return FixedIp(subnet.id, addressing.address(number, subnet.ip_version))
