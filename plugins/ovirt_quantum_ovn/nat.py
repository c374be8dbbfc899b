"""Address translation of a router: what goes out under its own address, and floating IPs (ovn-nb(5), NAT).

Both happen on the host that has the gateway. A distributed floating IP is translated on the VM's own host: shorter,
and no gateway's death is felt, but every host needs a way to the outer network.
"""

from collections.abc import Iterator

from ovirt_quantum.plugin import DesiredFloatingIp, DesiredRouter

from . import router_port
from .ovsdb import Uuid, Writable
from .rows import Place, Row, derived, mac_of


def rows(desired: DesiredRouter, distributed: bool) -> Iterator[Row]:
    """Nothing without a gateway."""
    if desired.gateway is None:
        return
    outer: dict[str, Writable] = {
        "gateway_port": Uuid(router_port.port_of(desired.gateway.port.id).uuid),
        "external_mac": None,
        "logical_port": None,
    }
    for row in (*_outgoing(desired), *(row for each in desired.floating_ips for row in _floating(each, distributed))):
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


def _floating(each: DesiredFloatingIp, distributed: bool) -> Iterator[Row]:
    floating = each.floating_ip
    if each.port is not None:
        columns: dict[str, Writable] = {
            "type": "dnat_and_snat",
            "external_ip": str(floating.floating_ip_address),
            "logical_ip": str(floating.fixed_ip_address),
            "external_mac": mac_of(floating.id) if distributed else None,
            "logical_port": str(each.port.id) if distributed else None,
        }
        yield Row(Place("NAT", derived(floating.id, "nat")), columns)
