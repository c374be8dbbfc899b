"""A port's names: a row of its own among its switch's DNS records (ovn-nb(5), DNS).

A host answers the VMs' questions itself, to whatever server they are sent; what it has no record of goes on its way. A
row a port, and not one a network, so that a name that changes needs nobody to know what the port was called before.
"""

from ipaddress import ip_address

from ovirt_quantum.plugin import PORT, DesiredPort, Ref

from .rows import Place, Row, Table, derived, marked

RECORDS: tuple[Table, str] = ("Logical_Switch", "dns_records")
"""The set that DNS rows stand in."""


def records_of(port_id: str) -> Place:
    return Place("DNS", derived(port_id, "dns"))


def rows(desired: DesiredPort, deployment: str) -> tuple[Row, ...]:
    """None where the port has no name, or no address."""
    port = desired.port
    records = _records(desired)
    if not records:
        return ()
    marks = marked(deployment, Ref(PORT, port.id), port.name)
    return (Row(records_of(port.id), {"records": records, "external_ids": marks}),)


def _records(desired: DesiredPort) -> dict[str, str]:
    """Its name alone and in full, and its addresses in reverse (RFC 1035, 3.5)."""
    port = desired.port
    assigned = port.names(desired.network.dns_domain)
    forward = " ".join(each.ip_address for each in assigned)
    names = dict.fromkeys([port.dns_name, *(each.fqdn.removesuffix(".") for each in assigned)], forward)
    reverse = {ip_address(each.ip_address).reverse_pointer: each.fqdn.removesuffix(".") for each in assigned}
    return names | reverse if assigned else {}
