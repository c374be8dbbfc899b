"""Which router leads from a subnet to an external network."""

from ..errors import NotFound
from ..model import ROUTER_GATEWAY, ROUTER_INTERFACE, Port, Router, Subnet
from ..model.types import Uuid
from ..store.transaction import Transaction
from .infrastructure import on_subnet, ports_of


def find_router(tx: Transaction, subnet: Subnet, external_network_id: Uuid, port: Port) -> Router:
    """The one that is the subnet's gateway, else any. Raises NotFound, with Neutron's words, that names the port."""
    interfaces = [
        (fixed.ip_address != subnet.gateway_ip, interface.device_id)
        for interface in tx.find(Port, device_owner=ROUTER_INTERFACE, network_id=subnet.network_id)
        if (fixed := on_subnet(interface, subnet.id)) is not None
    ]
    for _, router_id in sorted(interfaces):
        if any(one.network_id == external_network_id for one in ports_of(tx, Uuid(router_id), ROUTER_GATEWAY)):
            return tx.get(Router, router_id)
    raise NotFound(
        "ExternalGatewayForFloatingIPNotFound",
        f"External network {external_network_id} is not reachable from subnet {subnet.id}. Therefore, cannot "
        f"associate Port {port.id} with a Floating IP.",
    )
