"""Servers that die, stand still, or were never there: nobody waits longer than he says, and all goes on after."""

import os
import threading
import time
from pathlib import Path

import pytest
from ovirt_quantum_ovn.ovsdb import (
    Client,
    DuplicateUuid,
    NotConnected,
    OutcomeUnknown,
    OvsdbError,
    operations,
    remotes,
)

from tests.ovsdb.clients import SWITCHES, Ear, client, connected_client, new_id
from tests.ovsdb.server import OvsdbServer, free_port, until

PROBE = 0.3


def test_no_server(tmp_path: Path) -> None:
    """The reason, server by server; an outage costs all callers together one timeout."""
    remote = f"unix:{tmp_path}/none,tcp:127.0.0.1:{free_port()}"
    with client(remote) as database:
        began = time.monotonic()
        with pytest.raises(NotConnected, match=r"none: .*No such file.*tcp:127\.0\.0\.1:.*refused"):
            database.transact([], 1)
        assert 0.9 < time.monotonic() - began < 1.9
        began = time.monotonic()
        with pytest.raises(NotConnected):
            database.transact([], 1)
        assert time.monotonic() - began < 0.5


def test_a_later_server(own_server: OvsdbServer) -> None:
    """A call that came too early is done when the server is there."""
    own_server.kill()
    later = threading.Timer(0.5, own_server.start)
    later.start()
    with client(own_server.remote) as database:
        assert database.transact([operations.comment("x")], 10)
    later.join()


def test_no_such_database(own_server: OvsdbServer) -> None:
    """A server of something else."""
    own_server.appctl("ovsdb-server/remove-db", "OVN_Northbound")
    with client(own_server.remote) as database, pytest.raises(NotConnected, match="it has no database OVN_Northbound"):
        database.transact([], 0.5)


def test_a_database_taken_away_and_put_back(own_server: OvsdbServer) -> None:
    """While it is served."""
    with connected_client(own_server.remote) as (database, state):
        database.monitor(SWITCHES, Ear())
        database.transact([], 5)
        own_server.appctl("ovsdb-server/remove-db", "OVN_Northbound")
        until(lambda: not state.connected, 5)
        own_server.appctl("ovsdb-server/add-db", f"{own_server.folder}/nb.db")
        until(lambda: state.connected, 5)


def test_killed_under_writes(own_server: OvsdbServer) -> None:
    """Again and again. Each row is there once in the end: whoever does not know repeats, and is told if it was done."""
    ear, written = Ear(), []
    with connected_client(own_server.remote) as (database, _):
        database.monitor(SWITCHES, ear)
        stop = threading.Event()

        def write() -> None:
            while not stop.is_set():
                switch = new_id()
                insert = operations.insert("Logical_Switch", {"name": switch}, uuid=switch)
                while True:
                    try:
                        database.transact([insert], 5)
                    except (OutcomeUnknown, NotConnected):
                        continue
                    except DuplicateUuid:
                        pass
                    break
                written.append(switch)

        writers = [threading.Thread(target=write) for _ in range(2)]
        for writer in writers:
            writer.start()
        for _ in range(4):
            time.sleep(0.3)
            own_server.kill()
            own_server.start()
        stop.set()
        for writer in writers:
            writer.join(20)
        until(lambda: len(ear.rows) == len(written), 5)
        [found] = database.transact([operations.select("Logical_Switch", [], ["name"])], 5)
    assert sorted(str(row["name"]) for row in found.rows) == sorted(written)
    assert sorted(change.uuid for change in ear.changes) == sorted(written)


def test_a_server_that_stands_still(own_server: OvsdbServer) -> None:
    """The call ends in time; the connection is given up; all goes on when the server does."""
    with connected_client(own_server.remote, probe_interval=PROBE) as (database, state):
        with own_server.frozen():
            began = time.monotonic()
            with pytest.raises(OutcomeUnknown):
                database.transact([operations.comment("x")], 0.4)
            assert time.monotonic() - began < 2
            until(lambda: not state.connected, 5)
            assert state.told("the server was silent for 0.6 s")
            with pytest.raises(NotConnected):
                database.transact([], 0.4)
        until(lambda: state.connected, 10)
        assert database.transact([operations.comment("x")], 5)


def test_a_quiet_server(own_server: OvsdbServer) -> None:
    """Silence alone is no fault: the probe is answered, and the server's own too."""
    with connected_client(own_server.remote, probe_interval=0.3) as (_, state):
        time.sleep(1.5)
        assert state.heard.count((True, "")) == 1
        assert state.connected


def test_close(own_server: OvsdbServer) -> None:
    """At any time, more than once, with calls under way; nothing is left of it."""
    files = len(os.listdir("/proc/self/fd"))
    threads = threading.active_count()
    errors: list[OvsdbError] = []
    with connected_client(own_server.remote) as (database, _):
        with own_server.frozen():

            def call() -> None:
                try:
                    database.transact([operations.comment("x")], 20)
                except OvsdbError as error:
                    errors.append(error)

            caller = threading.Thread(target=call)
            caller.start()
            time.sleep(0.1)
            database.close()
            caller.join(1)
            assert not caller.is_alive()
        database.close()
        with pytest.raises(NotConnected, match="is closed"):
            database.transact([], 5)
    assert isinstance(errors[0], OutcomeUnknown)
    assert threading.active_count() <= threads
    assert len(os.listdir("/proc/self/fd")) <= files


def test_dialling_leaves_nothing_behind(tmp_path: Path) -> None:
    """However often it fails."""
    with client(f"unix:{tmp_path}/none,tcp:127.0.0.1:{free_port()}") as database:
        with pytest.raises(NotConnected):
            database.transact([], 0.3)
        files = len(os.listdir("/proc/self/fd"))
        time.sleep(1)
        assert len(os.listdir("/proc/self/fd")) <= files + 1


def test_a_client_that_was_never_started(own_server: OvsdbServer) -> None:
    """Leaves nothing behind either."""
    files = len(os.listdir("/proc/self/fd"))
    Client("OVN_Northbound", remotes.parse(own_server.remote)).close()
    assert len(os.listdir("/proc/self/fd")) <= files


def test_a_state_listener_that_fails(own_server: OvsdbServer, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged, and the client goes on."""

    def fail(connected: bool, reason: str) -> None:
        raise KeyError("mine")

    with client(own_server.remote, listener=fail) as database:
        assert database.transact([operations.comment("x")], 5)
    assert "the listener of the state of database OVN_Northbound failed" in caplog.text
