"""What plugins see of a port becomes its status."""

from collections.abc import Sequence

from msgspec import structs

from ..model import Port
from ..plugin import PORT, Observed
from . import sync
from .transaction import Transaction


def note(transaction: Transaction, plugin: str, seen: Sequence[Observed], now: float) -> bool:
    """Writes down what was seen; what drifted becomes due at once. Returns whether a port was unknown."""
    ports = [(observed, _port(transaction, observed)) for observed in seen]
    known = [(observed, port) for observed, port in ports if port is not None]
    for observed, port in known:
        status = "ACTIVE" if observed.up else "DOWN"
        if (port.status, port.observed_hosts) != (status, list(observed.hosts)):
            transaction.rewrite(structs.replace(port, status=status, observed_hosts=list(observed.hosts)))
    drifted = [observed.ref for observed, _ in known if observed.drifted]
    sync.mark(transaction.connection, plugin, drifted, sync.generation(transaction.connection), now)
    return any(port is None and bool(observed.hosts) for observed, port in ports)


def _port(transaction: Transaction, observed: Observed) -> Port | None:
    return transaction.look(Port, observed.ref.id) if observed.ref.kind == PORT else None
