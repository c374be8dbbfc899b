"""The state that plugins are handed: an object together with what it takes to realise it."""

from ..model import Network, PhysicalNetwork, Port, QosPolicy
from ..plugin import NETWORK, PORT, Desired, DesiredNetwork, DesiredPort, Ref
from .transaction import Transaction


def desired(transaction: Transaction, ref: Ref) -> Desired | None:
    """What should be, read now; None where the object must not exist."""
    if ref.kind == PORT:
        port = transaction.look(Port, ref.id)
        return None if port is None else _port(transaction, port)
    if ref.kind == NETWORK:
        network = transaction.look(Network, ref.id)
        return None if network is None else DesiredNetwork(network, _physical(transaction, network))
    raise ValueError(f"no plugin realises objects of kind {ref.kind}")


def _port(transaction: Transaction, port: Port) -> DesiredPort:
    network = transaction.get(Network, port.network_id)
    policy = port.qos_policy_id or network.qos_policy_id
    qos = transaction.look(QosPolicy, policy) if policy else None
    return DesiredPort(port, network, _physical(transaction, network), qos)


def _physical(transaction: Transaction, network: Network) -> PhysicalNetwork | None:
    if network.physical_network is None:
        return None
    return next(iter(transaction.find(PhysicalNetwork, name=network.physical_network)), None)
