"""All that the oVirt engine alone needs: the whole of its dialect.

Facts from the engine's source (BaseNetworkProviderProxy and the openstack-java-sdk's models that parse answers).
"""

from collections.abc import Mapping
from typing import Any

from ..model import Network, Port, Resource, Subnet

Document = dict[str, Any]


def engine_view(kind: type[Resource], document: Document) -> None:
    """Changes the stored document where the engine is shown something else.

    A network's segment only where the engine chose it: with `provider:physical_network` it attaches the network to
    clusters of switch type OVS alone. No host routes: it parses them as strings, one object breaks every list.
    No profile: it parses it as a map of strings.
    """
    if kind is Network and not document["provider_given"]:
        for name in ("provider:network_type", "provider:physical_network", "provider:segmentation_id"):
            del document[name]
    elif kind is Subnet:
        document["host_routes"] = []
    elif kind is Port:
        document["binding:profile"] = {}


def engine_meaning(kind: type[Resource], given: Mapping[str, Any]) -> Mapping[str, Any]:
    """What the engine means where it says less: a subnet without `gateway_ip`, or with an empty one, has none.

    Its user left the field blank; a gateway that nobody has would take a VM's default route on its second NIC.
    """
    if kind is Subnet and given.get("gateway_ip", "") == "":
        return {**given, "gateway_ip": None}
    return given
