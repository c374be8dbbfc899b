"""A process to be killed: writes ports and networks as fast as it can, and says of each what has been answered.

python -m tests.store.writing URL NETWORK-ID: prints `made ID` and `removed ID`, a line each.
"""

import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from ovirt_quantum.model import Actor
from ovirt_quantum.model.types import Uuid
from ovirt_quantum.service.network import delete_network
from ovirt_quantum.service.port import delete_port
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.transaction import Transaction

from tests.store.cloud import ADMIN, Cloud, new_network, new_port


def write(cloud: Cloud, network_id: Uuid) -> None:
    """Two ports and a network made, one port removed, for ever."""
    while True:
        kept, given_up = cloud.write(new_port(network_id)), cloud.write(new_port(network_id))
        say("made", kept.id)
        say("made", given_up.id)
        cloud.write(partial(remove, delete_port, given_up.id))
        say("removed", given_up.id)
        network = cloud.write(new_network)
        say("made", network.id)
        cloud.write(partial(remove, delete_network, network.id))
        say("removed", network.id)


def remove(delete: Callable[[Transaction, Actor, str], None], id: str, tx: Transaction) -> None:
    delete(tx, ADMIN, id)


def say(what: str, id: str) -> None:
    print(f"{what} {id}\n", end="", flush=True)


if __name__ == "__main__":
    started = Cloud(Database(sys.argv[1]))
    with ThreadPoolExecutor(4) as threads:
        for ended in [threads.submit(write, started, Uuid(sys.argv[2])) for _ in range(4)]:
            ended.result()
