"""The writer: one commit for many, each for himself."""

import threading
from concurrent.futures import Future

import pytest
from ovirt_quantum.errors import Conflict, QuantumError, Refused, Unavailable
from ovirt_quantum.model import Host, Network, Port
from ovirt_quantum.plugin import NETWORK, PORT, Change, Ref
from ovirt_quantum.store.transaction import Transaction
from ovirt_quantum.store.writer import Work, Written
from sqlalchemy import text

from tests.contract.memory_plugin import MemoryPlugin

from .cloud import PATIENCE_S, Cloud, all_of, check_invariants, count, memory_plugin, new_network, new_port


class Held:
    """Holds the writer in a write of its own, so that what is submitted meanwhile waits and is taken together."""

    def __init__(self, cloud: Cloud) -> None:
        self._cloud = cloud
        self._held, self._go = threading.Event(), threading.Event()

    def __enter__(self) -> None:
        self._first = self._cloud.writer.submit(self._wait)
        assert self._held.wait(PATIENCE_S)

    def _wait(self, tx: Transaction) -> None:
        self._held.set()
        assert self._go.wait(PATIENCE_S)

    def __exit__(self, *_: object) -> None:
        self._go.set()
        self._first.result(PATIENCE_S)


def add_host(name: str) -> Work[Host]:
    return lambda tx: tx.add(Host(name=name))


def refuse(tx: Transaction) -> None:
    tx.add(Host(name="refused"))
    raise Conflict("HostExists", "no")


def break_down(tx: Transaction) -> None:
    tx.add(Host(name="broken"))
    raise ZeroDivisionError


def names(cloud: Cloud) -> list[str]:
    return sorted(host.name for host in all_of(cloud.database, Host))


def test_many_writes_share_few_commits(cloud: Cloud) -> None:
    """200 requests that wait take four batches, and none is lost."""
    before = cloud.generation()
    with Held(cloud):
        answers = [cloud.writer.submit(add_host(f"host{number}")) for number in range(200)]
    versions = {answer.result(PATIENCE_S).batch.version for answer in answers}
    assert len(versions) == 4
    assert cloud.generation() == before + 1 + 4
    assert count(cloud.database, Host) == 200


def test_a_refused_write_rolls_back_alone(cloud: Cloud) -> None:
    """Its neighbours in the batch are written, whatever was wrong with it."""
    with Held(cloud):
        works: list[Work[object]] = [add_host("a"), refuse, add_host("a"), break_down, add_host("b")]
        answers: list[Future[Written[object]]] = [cloud.writer.submit(work) for work in works]
    errors = [answer.exception(PATIENCE_S) for answer in answers]
    assert [type(error) for error in errors] == [type(None), Conflict, Conflict, Unavailable, type(None)]
    assert names(cloud) == ["a", "b"]
    assert len({answer.result().batch.version for answer in (answers[0], answers[4])}) == 1
    touched = cloud.batches[-1].touched
    assert touched == {Ref("host", host.id) for host in all_of(cloud.database, Host)}


def test_a_broken_constraint_is_a_conflict(cloud: Cloud) -> None:
    """Not a fault of the service: 409, with what to do."""
    cloud.write(add_host("a"))
    with pytest.raises(Conflict, match="Another request has just taken or removed what this one needs"):
        cloud.write(add_host("a"))


def test_listeners_hear_in_order_and_only_what_is_committed(cloud: Cloud) -> None:
    """Another connection sees a batch's resources by the time that the listener hears of it."""
    seen: list[tuple[int, bool]] = []

    def listen(batch: object) -> None:
        newest = cloud.batches[-1]
        known = {host.id for host in all_of(cloud.database, Host)}
        seen.append((newest.version, {ref.id for ref in newest.touched} <= known))

    cloud.listeners.append(listen)
    answers = [cloud.writer.submit(add_host(f"host{number}")) for number in range(100)]
    for answer in answers:
        answer.result(PATIENCE_S)
    assert seen == sorted(seen)
    assert all(committed for _, committed in seen)
    assert len(seen) == len({version for version, _ in seen})


def test_nothing_is_heard_of_a_batch_that_failed(cloud: Cloud) -> None:
    """Nor of one in which all was refused."""
    heard = len(cloud.batches)
    with pytest.raises(Conflict):
        cloud.write(refuse)
    assert len(cloud.batches) == heard


def test_a_statement_that_the_database_breaks_on_fails_the_batch(cloud: Cloud) -> None:
    """Nobody in the batch is told that it is written; the writer goes on."""
    with Held(cloud):
        good = cloud.writer.submit(add_host("a"))
        bad = cloud.writer.submit(lambda tx: tx.connection.execute(text("SELECT * FROM nowhere")))
    for answer in (good, bad):
        assert isinstance(answer.exception(PATIENCE_S), Unavailable)
    assert names(cloud) == []
    cloud.write(add_host("b"))
    assert names(cloud) == ["b"]


class Veto(MemoryPlugin):
    """Refuses ports."""

    def check(self, change: Change) -> None:
        if change.ref.kind == PORT:
            raise Refused("no ports today")


def test_a_plugins_veto_writes_nothing(cloud: Cloud) -> None:
    """The address is free again, no plugin hears of it, the network stays."""
    network = cloud.network()
    subnet = cloud.subnet(network)
    cloud.close()
    strict = Cloud(cloud.database, (cloud.plugins[0], Veto(memory_plugin(cloud.memory)._context)))
    with pytest.raises(Refused, match="no ports today"):
        strict.write(new_port(network.id))
    strict.close()
    check_invariants(cloud.database)
    assert count(cloud.database, Port) == 0
    assert all_of(cloud.database, Network)[0].subnets == [subnet.id]
    assert strict.batches == []


def test_a_batch_carries_what_plugins_need(cloud: Cloud) -> None:
    """The desired state goes from memory; it is done when the plugin has tried, at once where none is concerned."""
    network = cloud.network()
    written = cloud.writer.submit(new_port(network.id)).result(PATIENCE_S)
    assert written.batch.desired.keys() == {Ref(PORT, written.value.id)}
    assert not written.batch.applied.done()
    written.batch.tried("memory")
    assert written.batch.applied.done()
    assert cloud.writer.submit(add_host("a")).result(PATIENCE_S).batch.applied.done()
    removed = cloud.writer.submit(lambda tx: tx.remove(tx.get(Port, written.value.id))).result(PATIENCE_S)
    assert removed.batch.desired == {Ref(PORT, written.value.id): None}
    assert {ref.kind for batch in cloud.batches for ref in batch.desired} == {NETWORK, PORT}


def test_a_write_that_nobody_waits_for_any_more_harms_nobody(cloud: Cloud) -> None:
    """A client that hangs up before its turn cancels its write, and no other."""
    with Held(cloud):
        cancelled = cloud.writer.submit(add_host("a"))
        kept = cloud.writer.submit(add_host("b"))
        assert cancelled.cancel()
    assert kept.result(PATIENCE_S).value.name == "b"
    assert names(cloud) == ["b"]


def test_closing_writes_what_is_queued(cloud: Cloud) -> None:
    """What was accepted is finished; what comes later is told to try elsewhere."""
    with Held(cloud):
        queued = [cloud.writer.submit(add_host(f"host{number}")) for number in range(100)]
        closing = threading.Thread(target=cloud.close)
        closing.start()
    closing.join(PATIENCE_S)
    assert all(answer.done() and answer.exception() is None for answer in queued)
    with pytest.raises(QuantumError, match="stopping"):
        cloud.write(new_network)
    assert count(cloud.database, Host) == 100
