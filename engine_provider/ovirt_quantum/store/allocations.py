"""VLANs and addresses in use: what must never be given out twice."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, func, insert, select

from .tables import ip_allocations as ip
from .tables import vlan_allocations as vlans


def vlan_holder(connection: Connection, physical_network: str, vlan: int) -> tuple[bool, str | None]:
    """(in use, by which network); a reserved VLAN is in use by None."""
    query = select(vlans.c.network_id).where(vlans.c.physical_network == physical_network, vlans.c.vlan == vlan)
    row = connection.execute(query).first()
    return row is not None, row[0] if row else None


def used_vlans(connection: Connection, physical_network: str) -> dict[int, str | None]:
    """VLAN -> the network that has it, None where it is reserved."""
    query = select(vlans.c.vlan, vlans.c.network_id).where(vlans.c.physical_network == physical_network)
    return {row.vlan: row.network_id for row in connection.execute(query)}


def take_vlan(connection: Connection, physical_network: str, vlan: int, network_id: str | None) -> None:
    connection.execute(insert(vlans).values(physical_network=physical_network, vlan=vlan, network_id=network_id))


def give_vlan_back(connection: Connection, network_id: str) -> None:
    connection.execute(delete(vlans).where(vlans.c.network_id == network_id))


def reserve_vlans(connection: Connection, physical_network: str, reserved: Iterable[int]) -> None:
    """Makes exactly these reserved, beside what networks hold."""
    mine = (vlans.c.physical_network == physical_network) & vlans.c.network_id.is_(None)
    connection.execute(delete(vlans).where(mine))
    rows = [{"physical_network": physical_network, "vlan": vlan, "network_id": None} for vlan in reserved]
    if rows:
        connection.execute(insert(vlans), rows)


def address_holder(connection: Connection, subnet_id: str, address: int) -> str | None:
    """The port that has the address."""
    query = select(ip.c.port_id).where(ip.c.subnet_id == subnet_id, ip.c.address == _text(address))
    return connection.scalar(query)


def last_address(connection: Connection, subnet_id: str, first: int, last: int) -> int | None:
    """The highest address in use between two, both included. One look in the index at any size."""
    query = select(func.max(ip.c.address)).where(
        ip.c.subnet_id == subnet_id, ip.c.address.between(_text(first), _text(last))
    )
    found = connection.scalar(query)
    return None if found is None else int(found, 16)


def used_addresses(connection: Connection, subnet_id: str, first: int, last: int) -> Iterable[int]:
    """Addresses in use between two, in order."""
    query = select(ip.c.address).where(ip.c.subnet_id == subnet_id, ip.c.address.between(_text(first), _text(last)))
    for address in connection.scalars(query.order_by(ip.c.address)):
        yield int(address, 16)


def take_address(connection: Connection, subnet_id: str, address: int, port_id: str) -> None:
    connection.execute(insert(ip).values(subnet_id=subnet_id, address=_text(address), port_id=port_id))


def give_addresses_back(connection: Connection, port_id: str) -> None:
    connection.execute(delete(ip).where(ip.c.port_id == port_id))


def _text(address: int) -> str:
    return f"{address:032x}"
