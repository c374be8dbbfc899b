"""Address translation of a router: what goes out under its own address, and floating IPs (ovn-nb(5), NAT).

Both happen on the host that has the gateway.
"""

from collections.abc import Iterator

from ovirt_quantum.plugin import DesiredFloatingIp, DesiredRouter

from . import router_port
from .ovsdb import Uuid, Writable
from .rows import Place, Row, derived


def rows(desired: DesiredRouter) -> Iterator[Row]:
    """Nothing without a gateway."""
    if desired.gateway is None:
        return
    outer: dict[str, Writable] = {"gateway_port": Uuid(router_port.port_of(desired.gateway.port.id).uuid)}
    for row in (*_outgoing(desired), *(row for each in desired.floating_ips for row in _floating(each))):
        yield Row(row.place, {**outer, **row.columns})


def _outgoing(desired: DesiredRouter) -> Iterator[Row]:
    info, gateway = desired.router.external_gateway_info, desired.gateway
    address = router_port.first_ipv4(gateway.port) if gateway is not None else None
    if info is None or not info.enable_snat or address is None:
        return
    for interface in desired.interfaces:
        for subnet in interface.subnets:
            if subnet.ip_version == 4:
                place = Place("NAT", derived(desired.router.id, f"snat {subnet.id}"))
                yield Row(place, {"type": "snat", "external_ip": address, "logical_ip": str(subnet.cidr)})


def _floating(each: DesiredFloatingIp) -> Iterator[Row]:
    floating = each.floating_ip
    if each.port is not None:
        place = Place("NAT", derived(floating.id, "nat"))
        inside = {"external_ip": str(floating.floating_ip_address), "logical_ip": str(floating.fixed_ip_address)}
        yield Row(place, {"type": "dnat_and_snat", **inside})
