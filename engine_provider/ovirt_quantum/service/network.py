"""Networks, and the VLANs that they take."""

from collections.abc import Sequence

from msgspec import structs

from .. import segments
from ..errors import BadInput, Conflict
from ..model import (
    FLOATING_IP_OWNER,
    ROUTER_GATEWAY,
    Actor,
    FloatingIp,
    Network,
    NetworkSegmentRange,
    PhysicalNetwork,
    Port,
    QosPolicy,
    Subnet,
)
from ..model.wish import Wish
from ..store import allocations
from ..store.transaction import Transaction
from . import floating_ip
from .access import by_whom, check_role, get_own, get_visible, project_for
from .infrastructure import OWNERS
from .port import delete_port


def create_network(tx: Transaction, actor: Actor, wish: Wish[Network]) -> Network:
    """A network on the segment asked for; without one, on a free VLAN of the first pool that has any.

    An overlay has no segment on a wire: the backend numbers its tunnels itself.
    """
    check_role(actor, Network)
    network = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    _check_policy(tx, actor, network)
    if network.network_type == "geneve":
        return tx.add(_overlay(network))
    chosen = _chose_segment(network)
    network = _predefined(tx, actor, network) if chosen else _from_pool(tx, network)
    network = structs.replace(network, provider_given=chosen and actor.is_engine)
    if "mtu" not in wish.given:
        network = structs.replace(network, mtu=_physical(tx, network).mtu)
    _check_mtu(tx, network)
    if network.segmentation_id is not None and network.physical_network is not None:
        allocations.take_vlan(tx.connection, network.physical_network, network.segmentation_id, network.id)
    return tx.add(network)


def update_network(tx: Transaction, actor: Actor, wish: Wish[Network]) -> Network:
    """Everything but the segment can change."""
    old = get_own(tx, actor, Network, wish.wanted.id)
    _check_policy(tx, actor, wish.wanted)
    _check_mtu(tx, wish.wanted)
    if old.shared and not wish.wanted.shared:
        _check_unshared(old, tx.find(Port, network_id=old.id))
    if old.external and not wish.wanted.external:
        _check_no_way_out(tx, old)
    return tx.change(wish.wanted)


def delete_network(tx: Transaction, actor: Actor, id: str) -> None:
    """With its subnets and the floating IPs that nobody uses. Refused while ports are on it; gives the VLAN back."""
    network = get_own(tx, actor, Network, id)
    for unused in tx.find(FloatingIp, floating_network_id=network.id):
        if unused.router_id is None:
            floating_ip.drop(tx, unused)
    ports = tx.find(Port, network_id=id)
    in_use = [port.id for port in ports if not _goes_along(port)]
    if in_use:
        raise Conflict(
            "NetworkInUse",
            f"Unable to complete operation on network {id}. There are one or more ports still in use on the network, "
            f"id for these ports is: {','.join(in_use[:10])}.",
        )
    for port in ports:
        delete_port(tx, actor, port.id)
    for subnet in tx.find(Subnet, network_id=id):
        tx.remove(subnet)
    allocations.give_vlan_back(tx.connection, id)
    tx.remove(network)


def _goes_along(port: Port) -> bool:
    """Infrastructure of the network itself, unlike a router's."""
    return port.device_owner.startswith("network:") and port.device_owner not in OWNERS


def _check_no_way_out(tx: Transaction, network: Network) -> None:
    owners = {port.device_owner for port in tx.find(Port, network_id=network.id)}
    if owners & {ROUTER_GATEWAY, FLOATING_IP_OWNER}:
        raise Conflict(
            "ExternalNetworkInUse",
            f"External network {network.id} cannot be updated to be made non-external, since it has existing gateway "
            "ports or floating IPs.",
        )


def _chose_segment(network: Network) -> bool:
    return (network.network_type, network.physical_network, network.segmentation_id) != (None, None, None)


def _predefined(tx: Transaction, actor: Actor, network: Network) -> Network:
    if (network.network_type, network.physical_network, network.segmentation_id) == ("vlan", None, None):
        return _from_pool(tx, network)
    physical = _physical(tx, network)
    kind = network.network_type or ("vlan" if network.segmentation_id else "flat")
    if kind == "flat":
        return structs.replace(_flat(tx, network, physical), network_type="flat")
    if network.segmentation_id is None:
        return _from_pool(tx, network)
    taken, holder = allocations.vlan_holder(tx.connection, physical.name, network.segmentation_id)
    if taken and holder is not None:
        raise Conflict(
            "VlanIdInUse",
            f"Invalid input for provider:segmentation_id: VLAN {network.segmentation_id} on physical network "
            f"{physical.name} is in use{by_whom(tx, actor, tx.get(Network, holder))}.",
        )
    if taken:
        raise Conflict(
            "VlanIdInUse",
            f"Invalid input for provider:segmentation_id: VLAN {network.segmentation_id} on physical network "
            f"{physical.name} is reserved for something outside the cloud; the administrator may take it off "
            "reserved_vlans first.",
        )
    return structs.replace(network, network_type="vlan")


def _overlay(network: Network) -> Network:
    for attribute, value in (
        ("provider:physical_network", network.physical_network),
        ("provider:segmentation_id", network.segmentation_id),
    ):
        if value is not None:
            raise BadInput("InvalidInput", f"Invalid input for {attribute}: a geneve network has none.")
    return network


def _flat(tx: Transaction, network: Network, physical: PhysicalNetwork) -> Network:
    if network.segmentation_id is not None:
        raise BadInput("InvalidInput", "Invalid input for provider:segmentation_id: a flat network has none.")
    if any(other.network_type == "flat" for other in tx.find(Network, physical_network=physical.name)):
        raise Conflict("FlatNetworkInUse", f"Physical network {physical.name} has its one flat network already.")
    return network


def _physical(tx: Transaction, network: Network) -> PhysicalNetwork:
    if network.physical_network is None:
        raise BadInput("InvalidInput", "Invalid input for provider:physical_network: say on which one the segment is.")
    found = tx.find(PhysicalNetwork, name=network.physical_network)
    if not found:
        raise BadInput(
            "InvalidInput",
            f"Invalid input for provider:physical_network: unknown physical network {network.physical_network}.",
        )
    return found[0]


def _from_pool(tx: Transaction, network: Network) -> Network:
    asked = {"physical_network": network.physical_network} if network.physical_network else {}
    pools = segments.open_to(network.project_id, tx.find(NetworkSegmentRange, **asked))
    for pool in pools:
        vlan = segments.first_free([pool], allocations.used_vlans(tx.connection, pool.physical_network))
        if vlan is not None:
            where = {"physical_network": pool.physical_network, "segmentation_id": vlan}
            return structs.replace(network, network_type="vlan", **where)
    names = ", ".join(f"{pool.physical_network} {pool.minimum}-{pool.maximum}" for pool in pools)
    why = f"all VLANs are taken in: {names}" if pools else "no VLAN pool is declared"
    raise Conflict("NoNetworkAvailable", f"Unable to create the network: {why}. Widen a pool or name a VLAN.")


def _check_mtu(tx: Transaction, network: Network) -> None:
    if network.network_type == "geneve":
        return  # known to `features`: no physical network says it
    physical = _physical(tx, network)
    if network.mtu > physical.mtu:
        raise BadInput(
            "InvalidInput",
            f"Invalid input for mtu: {network.mtu} is more than {physical.mtu}, what {physical.name} carries.",
        )


def _check_unshared(network: Network, ports: Sequence[Port]) -> None:
    for port in ports:
        if port.project_id != network.project_id:
            raise Conflict(
                "InvalidSharedSetting",
                f"Unable to reconfigure sharing settings for network {network.id}: port {port.id} of another project "
                "is on it.",
            )


def _check_policy(tx: Transaction, actor: Actor, network: Network) -> None:
    if network.qos_policy_id is not None:
        get_visible(tx, actor, QosPolicy, network.qos_policy_id)
