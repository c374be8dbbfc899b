"""Ports to be realised in tests: number n is on VLAN 100 + n unless said otherwise."""

from uuid import UUID

from ovirt_quantum.model import BandwidthLimitRule, Network, PhysicalNetwork, Port, QosPolicy
from ovirt_quantum.model.types import MacAddress, Uuid
from ovirt_quantum.plugin import NETWORK, Change, DesiredNetwork, DesiredPort, Ref

BLUE = PhysicalNetwork(name="blue", bridge="br-int")


def port_id(number: int) -> str:
    return str(UUID(int=0xABC0_0000 + number, version=4))


def desired_port(
    number: int,
    *,
    vlan: int | None = None,
    flat: bool = False,
    egress_kbps: int = 0,
    ingress_kbps: int = 0,
    **attributes: object,
) -> DesiredPort:
    """attributes: of the Port itself."""
    network = _network(number, None if flat else vlan or 100 + number)
    attributes = {
        "port_security_enabled": False,
        "mac_address": MacAddress(f"02:00:00:00:00:{number:02x}"),
    } | attributes
    port = Port(id=Uuid(port_id(number)), network_id=network.id, **attributes)  # type: ignore[arg-type]
    return DesiredPort(port, network, BLUE, _policy(egress_kbps, ingress_kbps))


def unrealisable() -> Change:
    """A VLAN network of a physical network that is not there."""
    network = _network(99, 100)
    return Change(Ref(NETWORK, network.id), DesiredNetwork(network, None))


def _network(number: int, vlan: int | None) -> Network:
    return Network(
        id=Uuid(str(UUID(int=0xDEF0_0000 + number, version=4))),
        physical_network="blue",
        network_type="flat" if vlan is None else "vlan",
        segmentation_id=vlan,
    )


def _policy(egress_kbps: int, ingress_kbps: int) -> QosPolicy | None:
    rules = [
        BandwidthLimitRule(max_kbps=kbps, direction=direction)  # type: ignore[arg-type]
        for kbps, direction in ((egress_kbps, "egress"), (ingress_kbps, "ingress"))
        if kbps
    ]
    return QosPolicy(rules=rules) if rules else None
