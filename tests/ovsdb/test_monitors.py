"""Monitors: what was there, what changes, and after an outage what changed meanwhile."""

import json
from pathlib import Path

import pytest
from ovirt_quantum_ovn.ovsdb import (
    Client,
    Condition,
    Mutation,
    Uuid,
    Watched,
    by_uuid,
    operations,
)

from tests.ovsdb.clients import SWITCHES, Ear, add_port, client, connected_client, new_id
from tests.ovsdb.server import SCHEMA, OvsdbServer, run, until


def add_switch(name: str, switch: str | None = None) -> operations.Operation:
    return operations.insert("Logical_Switch", {"name": name}, uuid=switch or new_id())


def test_contents_then_changes(own_server: OvsdbServer) -> None:
    """Rows with all watched columns, old and new; sets and maps as they are, not as they differ."""
    ear, switch, port = Ear(), new_id(), new_id()
    with connected_client(own_server.remote) as (database, _):
        database.transact([add_switch("a", switch)], 5)
        database.monitor(SWITCHES, ear)
        until(lambda: ear.rows, 5)
        assert ear.rows == {switch: {"name": "a", "ports": frozenset(), "other_config": {}}}
        database.transact(add_port(switch, port), 5)
        database.transact(
            [operations.update("Logical_Switch", by_uuid(switch), {"other_config": {"a": "1", "b": "2"}})], 5
        )
        change = [Mutation("other_config", "delete", {"a"}), Mutation("other_config", "insert", {"c": "3"})]
        database.transact([operations.mutate("Logical_Switch", by_uuid(switch), change)], 5)
        until(lambda: len(ear.batches) == 4, 5)
        assert ear.rows == {switch: {"name": "a", "ports": frozenset({port}), "other_config": {"b": "2", "c": "3"}}}
        database.transact([operations.delete("Logical_Switch", by_uuid(switch))], 5)
        until(lambda: not ear.rows, 5)


def test_an_empty_table(own_server: OvsdbServer) -> None:
    """The listener is told that there is nothing."""
    ear = Ear()
    with client(own_server.remote) as database:
        database.monitor(SWITCHES, ear)
        until(lambda: ear.batches, 5)
    assert ear.batches == [[]]


def test_a_condition(own_server: OvsdbServer) -> None:
    """Rows come and go as they begin and cease to meet it."""
    ear, switch = Ear(), new_id()
    with connected_client(own_server.remote) as (database, _):
        database.monitor({"Logical_Switch": Watched(["name"], [Condition("name", "==", "mine")])}, ear)
        database.transact([add_switch("mine", switch), add_switch("other")], 5)
        until(lambda: ear.rows == {switch: {"name": "mine"}}, 5)
        database.transact([operations.update("Logical_Switch", by_uuid(switch), {"name": "theirs"})], 5)
        until(lambda: not ear.rows, 5)


def test_an_optional_reference(own_server: OvsdbServer) -> None:
    """None, one, another, None."""
    ear, port, options = Ear(), new_id(), [new_id(), new_id()]
    column = "dhcpv4_options"
    with connected_client(own_server.remote) as (database, _):
        database.monitor({"Logical_Switch_Port": Watched([column])}, ear)
        rows = [operations.insert("DHCP_Options", {"cidr": "10.0.0.0/8"}, uuid=uuid) for uuid in options]
        switch = operations.insert("Logical_Switch", {"ports": [Uuid(port)]})
        database.transact([*rows, switch, operations.insert("Logical_Switch_Port", {}, uuid=port)], 5)
        for value in (options[0], options[1], None):
            written = Uuid(value) if value else None
            database.transact([operations.update("Logical_Switch_Port", by_uuid(port), {column: written})], 5)
        until(lambda: len(ear.changes) == 4, 5)
    assert [change.new[column] for change in ear.changes if change.new] == [None, *options, None]


def test_a_restarted_server(own_server: OvsdbServer, tmp_path: Path) -> None:
    """It knows nothing of before; the listener hears what changed while we were away, and that alone."""
    ear, kept, gone, changed, new = Ear(), new_id(), new_id(), new_id(), new_id()
    side_door = f"unix:{tmp_path}/side"
    with connected_client(own_server.remote) as (database, state):
        database.monitor(SWITCHES, ear)
        database.transact([add_switch("kept", kept), add_switch("gone", gone), add_switch("x", changed)], 5)
        until(lambda: len(ear.rows) == 3, 5)
        own_server.appctl("ovsdb-server/add-remote", f"p{side_door}")
        own_server.appctl("ovsdb-server/remove-remote", f"p{own_server.remote}")
        until(lambda: not state.connected, 5)
        with client(side_door) as other:
            rename = operations.update("Logical_Switch", by_uuid(changed), {"name": "y"})
            delete = operations.delete("Logical_Switch", by_uuid(gone))
            other.transact([delete, rename, add_switch("new", new)], 5)
        own_server.kill()
        own_server.start()
        until(lambda: len(ear.changes) >= 6 and state.connected, 10)
    missed = {change.uuid: change.new and change.new["name"] for change in ear.changes[3:]}
    assert missed == {gone: None, changed: "y", new: "new"}
    assert len(ear.changes) == 6
    assert ear.rows[kept]["name"] == "kept"


def test_nothing_changed_meanwhile(own_server: OvsdbServer) -> None:
    """Then the listener is not called."""
    ear = Ear()
    with connected_client(own_server.remote) as (database, state):
        database.monitor(SWITCHES, ear)
        database.transact([add_switch("a")], 5)
        until(lambda: ear.rows, 5)
        heard = len(ear.batches)
        own_server.kill()
        until(lambda: not state.connected, 5)
        own_server.start()
        until(lambda: state.connected, 10)
    assert len(ear.batches) == heard


def test_a_converted_database(own_server: OvsdbServer, tmp_path: Path) -> None:
    """To a newer OVN's schema, while it is served: the listener goes on hearing, the new column can be written."""
    ear, switch = Ear(), new_id()
    newer = json.loads(Path(SCHEMA).read_text())
    newer["version"] = "99.0.0"
    newer["tables"]["Logical_Switch"]["columns"]["mood"] = {"type": "string"}
    (tmp_path / "newer").write_text(json.dumps(newer))
    with connected_client(own_server.remote) as (database, state):
        database.monitor(SWITCHES, ear)
        database.transact([add_switch("a", switch)], 5)
        until(lambda: ear.rows, 5)
        run("ovsdb-client", "--timeout=10", "convert", own_server.remote, f"{tmp_path}/newer")
        until(lambda: (False in dict(state.heard)) and state.connected, 10)
        database.transact([operations.update("Logical_Switch", by_uuid(switch), {"name": "b", "mood": "good"})], 5)
        until(lambda: ear.rows[switch]["name"] == "b", 5)
        [found] = database.transact([operations.select("Logical_Switch", [], ["mood"])], 5)
    assert found.rows == [{"mood": "good"}]
    assert len(ear.changes) == 2


@pytest.mark.parametrize("table", ["Nope", "Logical_Switch"])
def test_what_the_schema_has_not(own_server: OvsdbServer, table: str) -> None:
    """A column that an older OVN lacks: said, with its name."""
    heard: list[str] = []
    with client(own_server.remote, listener=lambda connected, reason: heard.append(reason)) as database:
        database.monitor({table: Watched(["nope"])}, Ear())
        until(lambda: any(f"no column 'nope' of a table '{table}'" in reason for reason in heard), 5)


def test_a_listener_that_fails(own_server: OvsdbServer, database: Client, caplog: pytest.LogCaptureFixture) -> None:
    """It is logged; the other listeners and calls go on."""

    def fail(changes: object) -> None:
        raise KeyError("mine")

    ear = Ear()
    with connected_client(own_server.remote) as (watching, _):
        watching.monitor(SWITCHES, fail)
        watching.monitor(SWITCHES, ear)
        watching.transact([add_switch("a")], 5)
        until(lambda: ear.rows, 5)
    assert "the listener of monitor" in caplog.text


def test_a_listener_that_calls(own_server: OvsdbServer) -> None:
    """It would wait for itself: refused at once."""
    errors: list[Exception] = []
    with client(own_server.remote) as database:

        def call(changes: object) -> None:
            try:
                database.transact([], 5)
            except RuntimeError as error:
                errors.append(error)

        database.monitor(SWITCHES, call)
        until(lambda: errors, 5)
    assert "can't wait for the thread that calls it" in str(errors[0])
