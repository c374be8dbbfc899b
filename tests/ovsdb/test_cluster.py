"""A cluster of three: the client speaks to the leader, and to the next one when it is gone."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ovirt_quantum_ovn.ovsdb import Client, DuplicateUuid, NotConnected, OutcomeUnknown, operations

from tests.ovsdb.clients import SWITCHES, Ear, client, connected_client, new_id
from tests.ovsdb.cluster import Cluster
from tests.ovsdb.server import until

FAILOVER = 8.0
"""Seconds: an election takes one to two by RAFT's default timer, and may have to be repeated."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    with Cluster(tmp_path) as running:
        yield running


class Writer:
    """Writes one switch after the other; repeats what it does not know the outcome of."""

    def __init__(self, database: Client) -> None:
        self.acknowledged: list[str] = []
        self.longest = 0.0
        self._database = database
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._write)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(20)

    def _write(self) -> None:
        while not self._stop.is_set():
            switch, began = new_id(), time.monotonic()
            while not self._is_written(switch):
                assert time.monotonic() - began < 20
            self.acknowledged.append(switch)
            self.longest = max(self.longest, time.monotonic() - began)

    def _is_written(self, switch: str) -> bool:
        try:
            self._database.transact([operations.insert("Logical_Switch", {"name": switch}, uuid=switch)], 2)
        except (NotConnected, OutcomeUnknown):
            return False
        except DuplicateUuid:
            pass
        return True


def test_killed_leaders(cluster: Cluster) -> None:
    """Under writes, twice: no acknowledged write is lost, none done twice, and writing goes on soon.

    A monitor hears each change once.
    """
    ear = Ear()
    with connected_client(cluster.remote) as (database, _):
        database.monitor(SWITCHES, ear)
        writer = Writer(database)
        for _ in range(2):
            time.sleep(0.5)
            leader = cluster.leader()
            written = len(writer.acknowledged)
            leader.kill()
            until(lambda written=written: len(writer.acknowledged) > written + 10, FAILOVER)
            leader.start()
        writer.stop()
        [found] = database.transact([operations.select("Logical_Switch", [], ["name"])], 5)
        until(lambda: len(ear.rows) == found.count, 5)
    assert sorted(str(row["name"]) for row in found.rows) == sorted(writer.acknowledged)
    assert sorted(change.uuid for change in ear.changes) == sorted(writer.acknowledged)
    assert writer.longest < FAILOVER


def test_a_leader_that_stands_still(cluster: Cluster) -> None:
    """As with a machine that hangs: found out by probes, and the others elect another one."""
    with connected_client(cluster.remote, probe_interval=0.5) as (database, _):
        leader = cluster.leader()
        with leader.frozen():
            writer = Writer(database)
            until(lambda: len(writer.acknowledged) > 10, FAILOVER)
            writer.stop()
        [found] = database.transact([operations.select("Logical_Switch", [], ["name"])], 5)
    assert sorted(str(row["name"]) for row in found.rows) == sorted(writer.acknowledged)


def test_followers_alone(cluster: Cluster) -> None:
    """A list of servers that lacks the leader is said to lack it; when one of them is the leader, it is served."""
    followers = cluster.followers()
    with client(",".join(server.remote for server in followers)) as database:
        with pytest.raises(NotConnected, match=r"it is not its cluster's leader: .* all servers of the cluster"):
            database.transact([], 0.5)
        cluster.leader().kill()
        writer = Writer(database)
        until(lambda: writer.acknowledged, FAILOVER)
        writer.stop()


def test_a_lost_majority(cluster: Cluster) -> None:
    """One server of three: writes are refused in time, never half done; with another one all goes on."""
    with connected_client(cluster.remote) as (database, state):
        followers = cluster.followers()
        for server in followers:
            server.kill()
        began = time.monotonic()
        insert = operations.insert("Logical_Switch", {"name": "x"}, uuid=new_id())
        with pytest.raises((OutcomeUnknown, NotConnected)):
            database.transact([insert], 0.5)
        assert time.monotonic() - began < 3
        until(lambda: not state.connected, FAILOVER)
        followers[0].start()
        writer = Writer(database)
        until(lambda: writer.acknowledged, FAILOVER)
        writer.stop()
