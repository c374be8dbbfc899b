"""Many at once."""

import msgspec
from ovirt_quantum.model import Network, Port
from ovirt_quantum.plugin import Outcome, Ref
from ovirt_quantum.service.reading import index, show
from ovirt_quantum.store import lists, sync

from .cloud import ADMIN, Cloud


def test_documents_are_chosen_by_columns(cloud: Cloud) -> None:
    """By id; any of the values of a column, all of the columns; other than text is the caller's matter."""
    blue, red = cloud.network(), cloud.network()
    ports = [cloud.port(network) for network in (blue, blue, red)]
    with cloud.database.reading() as connection:

        def ids(**columns: list[str]) -> list[str]:
            return [msgspec.json.decode(document)["id"] for document in lists.documents(connection, Port, columns)]

        assert ids() == sorted(port.id for port in ports)
        assert ids(network_id=[red.id]) == [ports[2].id]
        assert ids(network_id=[red.id, blue.id]) == ids()
        assert ids(network_id=[blue.id], mac_address=[ports[1].mac_address]) == [ports[1].id]
        assert ids(network_id=[]) == []
        assert len(lists.documents(connection, Network, {"segmentation_id": ["7"]})) == 2


def test_a_port_that_fails_is_shown_so(cloud: Cloud) -> None:
    """Status and reason come from the sync table, in lists and one by one."""
    port = cloud.port(cloud.network())
    ref = Ref("port", port.id)
    failed = [(Outcome(ref, error="host1 is down"), 1, False)]
    cloud.write(lambda tx: sync.settle(tx.connection, "memory", failed, 0.0))
    for document in (*index(cloud.database, ADMIN, Port, {}), show(cloud.database, ADMIN, Port, port.id)):
        assert (document["status"], document["status_reason"]) == ("BUILD", "memory: host1 is down")
