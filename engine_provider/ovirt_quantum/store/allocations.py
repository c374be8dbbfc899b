"""VLANs and addresses in use: what must never be given out twice."""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, func, insert, select

from .tables import ip_allocations as ip
from .tables import vlan_allocations as vlans

_THIS_VLAN = (vlans.c.physical_network == bindparam("wire"), vlans.c.vlan == bindparam("number"))
_VLAN_HOLDER = select(vlans.c.network_id).where(*_THIS_VLAN)
_USED_VLANS = select(vlans.c.vlan, vlans.c.network_id).where(vlans.c.physical_network == bindparam("wire"))
_TAKE_VLAN = insert(vlans)
_GIVE_VLAN_BACK = delete(vlans).where(vlans.c.network_id == bindparam("network"))
_UNRESERVE = delete(vlans).where(vlans.c.physical_network == bindparam("wire"), vlans.c.network_id.is_(None))

_BETWEEN = (ip.c.subnet_id == bindparam("subnet"), ip.c.address.between(bindparam("first"), bindparam("last")))
_HOLDER = select(ip.c.port_id).where(ip.c.subnet_id == bindparam("subnet"), ip.c.address == bindparam("number"))
_LAST = select(func.max(ip.c.address)).where(*_BETWEEN)
_USED = select(ip.c.address).where(*_BETWEEN).order_by(ip.c.address)
_TAKE = insert(ip)
_GIVE_BACK = delete(ip).where(ip.c.port_id == bindparam("port"))


def vlan_holder(connection: Connection, physical_network: str, vlan: int) -> tuple[bool, str | None]:
    """(in use, by which network); a reserved VLAN is in use by None."""
    row = connection.execute(_VLAN_HOLDER, {"wire": physical_network, "number": vlan}).first()
    return row is not None, row[0] if row else None


def used_vlans(connection: Connection, physical_network: str) -> dict[int, str | None]:
    """VLAN -> the network that has it, None where it is reserved."""
    return {row.vlan: row.network_id for row in connection.execute(_USED_VLANS, {"wire": physical_network})}


def take_vlan(connection: Connection, physical_network: str, vlan: int, network_id: str | None) -> None:
    row = {"physical_network": physical_network, "vlan": vlan, "network_id": network_id}
    connection.execute(_TAKE_VLAN, row)


def give_vlan_back(connection: Connection, network_id: str) -> None:
    connection.execute(_GIVE_VLAN_BACK, {"network": network_id})


def reserve_vlans(connection: Connection, physical_network: str, reserved: Iterable[int]) -> None:
    """Makes exactly these reserved, beside what networks hold."""
    connection.execute(_UNRESERVE, {"wire": physical_network})
    for vlan in reserved:
        take_vlan(connection, physical_network, vlan, None)


def address_holder(connection: Connection, subnet_id: str, address: int) -> str | None:
    """The port that has the address."""
    return connection.scalar(_HOLDER, {"subnet": subnet_id, "number": _text(address)})


def last_address(connection: Connection, subnet_id: str, first: int, last: int) -> int | None:
    """The highest address in use between two, both included. One look in the index at any size."""
    found = connection.scalar(_LAST, {"subnet": subnet_id, "first": _text(first), "last": _text(last)})
    return None if found is None else int(found, 16)


def used_addresses(connection: Connection, subnet_id: str, first: int, last: int) -> Iterable[int]:
    """Addresses in use between two, in order."""
    for address in connection.scalars(_USED, {"subnet": subnet_id, "first": _text(first), "last": _text(last)}):
        yield int(address, 16)


def take_address(connection: Connection, subnet_id: str, address: int, port_id: str) -> None:
    connection.execute(_TAKE, {"subnet_id": subnet_id, "address": _text(address), "port_id": port_id})


def give_addresses_back(connection: Connection, port_id: str) -> None:
    connection.execute(_GIVE_BACK, {"port": port_id})


def _text(address: int) -> str:
    return f"{address:032x}"
