"""What plugins see: of a port it becomes the status; what drifted becomes due."""

from collections.abc import Sequence

from msgspec import structs

from ..model import RESOURCES, Network, Port, Resource
from ..plugin import Observed, Plugin, Ref
from . import sync
from .transaction import Transaction


def note(transaction: Transaction, plugin: Plugin, seen: Sequence[Observed], now: float) -> bool:
    """Writes down what was seen; what drifted becomes due at once. Of a port's status only that plugin is believed
    which plugs ports of its network.

    Returns whether something was unknown that is there all the same: a port on a host, an object that came.
    """
    known = [(observed, resource) for observed in seen if (resource := _look(transaction, observed.ref)) is not None]
    for observed, resource in known:
        if isinstance(resource, Port) and _plugs(transaction, plugin, resource):
            _note_status(transaction, resource, observed)
    drifted = [observed.ref for observed, _ in known if observed.drifted]
    sync.mark(transaction.connection, plugin.name, drifted, sync.generation(transaction.connection), now)
    found = {observed.ref for observed, _ in known}
    return any((observed.hosts or observed.drifted) and observed.ref not in found for observed in seen)


def _plugs(transaction: Transaction, plugin: Plugin, port: Port) -> bool:
    return transaction.get(Network, port.network_id).network_type in plugin.network_types


def _note_status(transaction: Transaction, port: Port, observed: Observed) -> None:
    status, hosts = "ACTIVE" if observed.up else "DOWN", list(observed.hosts)
    if (port.status, port.observed_hosts) != (status, hosts):
        transaction.rewrite(structs.replace(port, status=status, observed_hosts=hosts))


_KINDS = {kind.member: kind for kind in RESOURCES}


def _look(transaction: Transaction, ref: Ref) -> Resource | None:
    return transaction.look(_KINDS[ref.kind], ref.id)
