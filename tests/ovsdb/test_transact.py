"""Transactions: all or nothing, each result checked, each failure told apart."""

import threading
import time

import pytest
from ovirt_quantum_ovn.ovsdb import (
    Client,
    Condition,
    ConstraintViolated,
    DuplicateUuid,
    Mutation,
    NamedUuid,
    Operation,
    OutcomeUnknown,
    TransactionFailed,
    Uuid,
    WaitFailed,
    by_uuid,
    operations,
)

from tests.ovsdb.clients import add_port, client, new_id
from tests.ovsdb.server import OvsdbServer


@pytest.fixture
def switch(database: Client) -> str:
    """A switch's id."""
    chosen = new_id()
    [made] = database.transact([operations.insert("Logical_Switch", {"name": chosen}, uuid=chosen)], 5)
    assert made.uuid == chosen
    return chosen


def test_every_kind_of_operation(database: Client, switch: str) -> None:
    """One transaction of them all."""
    port = new_id()
    is_switch = by_uuid(switch)
    results = database.transact(
        [
            operations.wait("Logical_Switch", is_switch, [{"name": switch}]),
            *add_port(switch, port),
            operations.insert("Logical_Switch", {"name": "other"}, name="other"),
            operations.update("Logical_Switch", is_switch, {"other_config": {"a": "b"}}),
            operations.mutate("Logical_Switch", is_switch, [Mutation("other_config", "insert", {"c": "d"})]),
            operations.mutate("Logical_Switch", is_switch, [Mutation("other_config", "delete", {"a"})]),
            operations.select("Logical_Switch", is_switch, ["ports", "other_config"]),
            operations.delete("Logical_Switch", [Condition("name", "==", "other")]),
            operations.comment("a test"),
        ],
        5,
    )
    assert [result.count for result in results] == [0, 1, 1, 1, 1, 1, 1, 1, 1, 0]
    assert results[1].uuid == port
    assert results[7].rows == [{"ports": frozenset({port}), "other_config": {"c": "d"}}]


def test_a_row_of_the_same_transaction(database: Client) -> None:
    """By its name."""
    name = new_id()
    database.transact(
        [
            operations.insert("Logical_Switch_Port", {"name": name}, name="port"),
            operations.insert("Logical_Switch", {"name": name, "ports": [NamedUuid("port")]}),
        ],
        5,
    )
    [found] = database.transact([operations.select("Logical_Switch_Port", [Condition("name", "==", name)])], 5)
    assert found.count == 1


def test_a_chosen_uuid_that_is_there(database: Client, switch: str) -> None:
    """The second insert is told apart from all other failures: it may be the first one again."""
    with pytest.raises(DuplicateUuid, match=r"operation 1 \(insert into Logical_Switch\): duplicate uuid") as caught:
        database.transact([operations.comment("x"), operations.insert("Logical_Switch", {}, uuid=switch)], 5)
    assert caught.value.index == 1


def test_a_chosen_uuid_that_is_deleted(database: Client, switch: str) -> None:
    """Not within the transaction that deletes it; in the next one."""
    again = operations.insert("Logical_Switch", {}, uuid=switch)
    with pytest.raises(DuplicateUuid):
        database.transact([operations.delete("Logical_Switch", by_uuid(switch)), again], 5)
    database.transact([operations.delete("Logical_Switch", by_uuid(switch))], 5)
    database.transact([again], 5)


@pytest.mark.parametrize(
    ("operation", "kind", "error"),
    [
        (operations.insert("Nope", {}), TransactionFailed, "syntax error"),
        (operations.insert("Logical_Switch", {"nope": 1}), TransactionFailed, "unknown column"),
        (operations.insert("Logical_Switch", {"name": 1}), TransactionFailed, "syntax error"),
        (operations.insert("Logical_Switch_Port", {"tag": 4096}), ConstraintViolated, "constraint violation"),
        (operations.assert_lock("mine"), TransactionFailed, "not owner"),
        (operations.wait("Logical_Switch", [], [], equal=True), WaitFailed, "timed out"),
        (operations.wait("Logical_Router", [], [], equal=False), WaitFailed, "timed out"),
        (Operation({"op": "abort"}), TransactionFailed, "aborted"),
        (Operation({"op": "frob"}), TransactionFailed, "syntax error"),
    ],
)
def test_one_operation_fails(
    database: Client, switch: str, operation: Operation, kind: type[TransactionFailed], error: str
) -> None:
    """The error says which and why, and none of the others is done."""
    before = operations.update("Logical_Switch", by_uuid(switch), {"name": "changed"})
    with pytest.raises(kind) as caught:
        database.transact([before, operation, before], 5)
    assert type(caught.value) is kind
    assert (caught.value.index, caught.value.error) == (1, error)
    assert "operation 1" in str(caught.value)
    [found] = database.transact([operations.select("Logical_Switch", by_uuid(switch), ["name"])], 5)
    assert found.rows == [{"name": switch}]


def test_constraints_checked_at_the_end(database: Client, switch: str) -> None:
    """All operations succeeded, and the transaction did not: a reference to no row, an index, a row in use."""
    port = new_id()
    database.transact(add_port(switch, port), 5)
    nowhere = [Mutation("ports", "insert", Uuid(new_id()))]
    for failing in (
        [operations.mutate("Logical_Switch", by_uuid(switch), nowhere)],
        [*add_port(switch, new_id()), operations.update("Logical_Switch_Port", [], {"name": "same"})],
        [operations.delete("Logical_Switch_Port", by_uuid(port))],
    ):
        with pytest.raises(ConstraintViolated, match="the whole transaction: ") as caught:
            database.transact(failing, 5)
        assert caught.value.index is None


def test_a_batch_of_5000_rows(database: Client, switch: str) -> None:
    """One transaction, a result each."""
    ports = [new_id() for _ in range(5000)]
    inserts = [operations.insert("Logical_Switch_Port", {"name": port}, uuid=port) for port in ports]
    keep = operations.mutate("Logical_Switch", by_uuid(switch), [Mutation("ports", "insert", [*map(Uuid, ports)])])
    results = database.transact([*inserts, keep], 20)
    assert [result.uuid for result in results[:-1]] == ports
    [found] = database.transact([operations.select("Logical_Switch_Port", [], ["_uuid"])], 20)
    assert {row["_uuid"] for row in found.rows} >= set(ports)
    database.transact([operations.delete("Logical_Switch", by_uuid(switch))], 20)


def test_a_wait_that_comes_true(server: OvsdbServer, database: Client, switch: str) -> None:
    """By another client's write, while others go on."""
    awaited = operations.wait("Logical_Switch", by_uuid(switch), [{"name": "ready"}], timeout_ms=5000)
    waiter = threading.Thread(target=database.transact, args=([awaited], 10))
    waiter.start()
    database.transact([operations.comment("nobody waits for the waiting one")], 5)
    assert waiter.is_alive()
    with client(server.remote) as other:
        other.transact([operations.update("Logical_Switch", by_uuid(switch), {"name": "ready"})], 5)
    waiter.join(2)
    assert not waiter.is_alive()


def test_the_bound_is_kept(database: Client, switch: str) -> None:
    """A server that takes longer; the request is taken back, the connection goes on."""
    never = operations.wait("Logical_Switch", by_uuid(switch), [{"name": "never"}], timeout_ms=60000)
    renamed = operations.update("Logical_Switch", by_uuid(switch), {"other_config": {"done": "yes"}})
    began = time.monotonic()
    with pytest.raises(OutcomeUnknown, match=r"did not answer within 0\.3 s"):
        database.transact([never, renamed], 0.3)
    assert time.monotonic() - began < 3
    database.transact([operations.update("Logical_Switch", by_uuid(switch), {"name": "never"})], 5)
    [found] = database.transact([operations.select("Logical_Switch", by_uuid(switch), ["other_config"])], 5)
    assert found.rows == [{"other_config": {}}]


def test_many_threads(database: Client, switch: str) -> None:
    """Each gets its own answers."""
    lost = []

    def write() -> None:
        for _ in range(50):
            port = new_id()
            if database.transact(add_port(switch, port), 10)[0].uuid != port:
                lost.append(port)

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    [found] = database.transact([operations.select("Logical_Switch", by_uuid(switch), ["ports"])], 5)
    assert not lost
    assert len(found.rows[0]["ports"]) == 400  # type: ignore[arg-type]


def test_no_operations(database: Client) -> None:
    """No results."""
    assert database.transact([], 5) == []
