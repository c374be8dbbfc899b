"""A network: a logical switch; on a physical network a localnet port joins it to the wire (ovn-nb(5))."""

from ovirt_quantum.errors import Refused
from ovirt_quantum.model import Network, PhysicalNetwork
from ovirt_quantum.plugin import NETWORK, DesiredNetwork, Ref

from .ovsdb.values import Writable
from .rows import Extent, Holder, Place, Row, Table, Wanted, derived, marked

PORTS: tuple[Table, str] = ("Logical_Switch", "ports")
"""The set that logical switch ports stand in."""


def switch(network_id: str) -> Place:
    return Place("Logical_Switch", network_id)


def extent(id: str) -> Extent:
    return Extent((switch(id), _localnet(id)), {_localnet(id): (PORTS,)})


def wanted(desired: DesiredNetwork, deployment: str) -> Wanted:
    """Raises Refused where the network's segment is not one that OVN can realise."""
    network, physical = desired.network, desired.physical
    check(network, physical)
    row = switch_row(network, deployment)
    if physical is None:
        return Wanted((row,))
    wire = _localnet_row(network, physical, deployment)
    return Wanted((row, wire), held={wire.place: frozenset({Holder(row.place, "ports")})})


def switch_row(network: Network, deployment: str) -> Row:
    marks = marked(deployment, Ref(NETWORK, network.id), network.name)
    return Row(switch(network.id), {"name": network.id, "external_ids": marks})


def check(network: Network, physical: PhysicalNetwork | None) -> None:
    """Raises Refused as `wanted` does."""
    on_a_wire = network.network_type in ("vlan", "flat")
    if on_a_wire and physical is None:
        raise Refused(f"network {network.id} is {network.network_type}, but its physical network is not declared")
    if not on_a_wire and network.network_type != "geneve":
        raise Refused(f"network {network.id} has no segment that OVN realises: geneve, vlan or flat")


def _localnet(network_id: str) -> Place:
    return Place("Logical_Switch_Port", derived(network_id, "localnet"))


def _localnet_row(network: Network, physical: PhysicalNetwork, deployment: str) -> Row:
    """`network_name` is a key of the hosts' ovn-bridge-mappings; the tag is the one on the wire."""
    columns: dict[str, Writable] = {
        "name": f"{network.id}-localnet",
        "type": "localnet",
        "addresses": frozenset({"unknown"}),
        "options": {"network_name": physical.name},
        "tag": network.segmentation_id,
        "external_ids": marked(deployment, Ref(NETWORK, network.id), network.name),
    }
    return Row(_localnet(network.id), columns)
