"""All that the oVirt engine alone needs: the whole of its dialect.

Facts from the engine's source (BaseNetworkProviderProxy and the openstack-java-sdk's models that parse answers).
"""

from typing import Any

from msgspec import structs

from ..model import Network, Port, Resource, Subnet
from ..model.wish import R, Wish

Document = dict[str, Any]


def engine_view(kind: type[Resource], document: Document) -> None:
    """Changes the stored document where the engine is shown something else.

    A network's segment only where somebody chose it: with `provider:physical_network` the engine attaches it to
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


def engine_wish(wish: Wish[R]) -> Wish[R]:
    """What the engine means where it says less: a subnet without `gateway_ip` has none.

    Its user left the field blank; a gateway that nobody has would take a VM's default route on its second NIC.
    """
    if isinstance(wish.wanted, Subnet) and "gateway_ip" not in wish.given:
        return Wish(structs.replace(wish.wanted, gateway_ip=None), wish.given | {"gateway_ip"})
    return wish
