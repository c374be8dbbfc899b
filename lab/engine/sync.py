"""What one synchronisation changes in a data centre (SyncNetworkProviderCommand)."""

from __future__ import annotations

from lab.engine.errors import Refused
from lab.engine.inventory import Cluster, EngineDataCentre, LogicalNetwork


def synchronise(data_centre: EngineDataCentre, provided: list[LogicalNetwork]) -> list[str]:
    """Make the data centre's external networks those that the provider lists; what failed, one sentence each.

    Nothing happens to a data centre without a cluster that has the provider as its default.
    """
    clusters = [cluster for cluster in data_centre.clusters if cluster.has_default_provider]
    if not clusters:
        return []
    known = {network.external_id: network for network in data_centre.networks if network.external_id}
    _remove_vanished(data_centre, known, {network.external_id for network in provided})
    failures = []
    for network in provided:
        link_to_physical(data_centre, network)
        try:
            ours = _bring_up_to_date(data_centre, known.get(network.external_id or ""), network)
        except Refused as refusal:
            failures.append(str(refusal))
        else:
            ours.clusters |= {cluster.name for cluster in _eligible(network, clusters)}
    return failures


def add_network(data_centre: EngineDataCentre, network: LogicalNetwork) -> None:
    """Raises Refused if the name is taken: names are unique in a data centre."""
    if data_centre.named(network.name):
        raise Refused(f"data centre {data_centre.name} has a network {network.name!r} already")
    data_centre.networks.append(network)


def link_to_physical(data_centre: EngineDataCentre, network: LogicalNetwork) -> None:
    """Link a flat or VLAN network to the data centre's network that it names, if their VLANs are the same."""
    physical = data_centre.named(network.custom_physical_network)
    if network.network_type in ("flat", "vlan") and physical and physical.vlan == network.external_vlan:
        network.physical_network = physical


def _remove_vanished(
    data_centre: EngineDataCentre, known: dict[str, LogicalNetwork], provided: set[str | None]
) -> None:
    """A network that the provider does not list is removed, after unplugging every vNIC on it."""
    for network in [network for external_id, network in known.items() if external_id not in provided]:
        for vnic in data_centre.vnics:
            if vnic.network is network:
                vnic.network, vnic.plugged = None, False
        data_centre.networks.remove(network)


def _bring_up_to_date(
    data_centre: EngineDataCentre, ours: LogicalNetwork | None, provided: LogicalNetwork
) -> LogicalNetwork:
    """Import an unknown network; of a known one compare name, MTU and physical link alone."""
    if ours is None:
        add_network(data_centre, provided)
        return provided
    if data_centre.named(provided.name) not in (None, ours):
        raise Refused(f"network {ours.name!r} cannot be renamed to {provided.name!r}: the name is taken")
    ours.name, ours.mtu, ours.physical_network = provided.name, provided.mtu, provided.physical_network
    return ours


def _eligible(network: LogicalNetwork, clusters: list[Cluster]) -> list[Cluster]:
    """A network that names a physical network goes to clusters of switch type OVS only."""
    if not network.is_linked_to_physical:
        return clusters
    return [cluster for cluster in clusters if cluster.switch_type == "OVS"]
