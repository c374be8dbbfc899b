"""The loop that makes a backend be as the database says: what was written, what failed, what drifted."""

import threading
from collections.abc import Callable

import pytest
from ovirt_quantum.model import Host, Network, Port
from ovirt_quantum.plugin import DesiredPort, Observed
from sqlalchemy import text

from tests.contract.memory_plugin import Entry

from .cloud import DEPLOYMENT, PATIENCE_S, Cloud, all_of
from .loop import Loop, ref, remove


def test_a_batch_is_applied_once(cloud: Cloud, loop: Loop, network: Network) -> None:
    """From memory, at once; nothing is left to do."""
    port = cloud.port(network)
    assert loop.step() == [ref(port)]
    held = loop.memory.objects[ref(port)].value
    assert isinstance(held, DesiredPort)
    assert (held.port, held.network, held.physical and held.physical.name) == (port, network, "blue")
    assert cloud.batches[-1].applied.done() or cloud.batches[-2].applied.done()
    assert loop.step(after_s=1000) == []
    assert loop.due() == 0


def test_several_writes_cost_one_apply(cloud: Cloud, loop: Loop, network: Network) -> None:
    """What came while the plugin was busy is applied together, each object once, in its newest state."""
    port = cloud.port(network)
    others = [cloud.port(network) for _ in range(5)]
    remove(cloud, port)
    assert sorted(loop.step()) == sorted([ref(port), *map(ref, others)])
    assert len(loop.plugin.asked) == 1
    assert ref(port) not in loop.memory.objects
    assert loop.rows() == 1 + len(others), "nothing is kept of what is gone"


def test_what_fails_is_tried_again_later_and_later(cloud: Cloud, loop: Loop, network: Network) -> None:
    """After 1, 2, 4 seconds; meanwhile the port says why; others are not held up."""
    bad = cloud.port(network)
    loop.memory.broken.add(ref(bad))
    assert loop.step() == [ref(bad)]
    assert "can't be written" in loop.trouble(bad)
    for pause in (1, 2, 4):
        good = cloud.port(network)
        assert loop.step(after_s=pause - 0.5) == [ref(good)]
        assert loop.step(after_s=0.5) == [ref(bad)]
    loop.memory.broken.clear()
    assert loop.step(after_s=8) == [ref(bad)]
    assert ref(bad) in loop.memory.objects
    assert loop.trouble(bad) == ""
    assert loop.due() == 0


def test_a_removal_that_fails_is_tried_again(cloud: Cloud, loop: Loop, network: Network) -> None:
    """Until it is gone; then nothing is kept of it."""
    port = cloud.port(network)
    loop.step()
    loop.memory.up = False
    remove(cloud, port)
    assert loop.step() == [ref(port)]
    assert ref(port) in loop.memory.objects
    loop.memory.up = True
    assert loop.step(after_s=1) == [ref(port)]
    assert ref(port) not in loop.memory.objects
    assert loop.rows() == 1


@pytest.mark.parametrize("fault", [ConnectionError("no route to host"), RuntimeError()])
def test_a_plugin_that_raises_is_tried_again(cloud: Cloud, loop: Loop, network: Network, fault: Exception) -> None:
    """Whatever it raises: all of its changes count as failed, with that reason."""
    port = cloud.port(network)
    loop.plugin.fault = fault
    loop.step()
    assert loop.trouble(port) == f"memory: {str(fault) or repr(fault)}"
    loop.plugin.fault = None
    assert loop.step(after_s=1) == [ref(port)]
    assert loop.trouble(port) == ""


def test_a_plugin_that_says_nothing_is_asked_again(cloud: Cloud, loop: Loop, network: Network) -> None:
    """A change without an outcome is not done; it is not asked for without end either."""
    port = cloud.port(network)
    loop.plugin.silent.add(ref(port))
    assert loop.step() == [ref(port)]
    assert "did not say" in loop.trouble(port)
    assert loop.step(after_s=1) == [ref(port)]
    loop.plugin.silent.clear()
    assert loop.step(after_s=2) == [ref(port)]
    assert loop.due() == 0


def test_a_plugin_that_hangs_delays_only_itself(cloud: Cloud) -> None:
    """The other one's ports are realised; what hangs is done when it can be."""
    cloud.close()
    loops = [Loop(cloud, name) for name in ("memory", "slow")]
    both = Cloud(cloud.database, tuple(loop.plugin for loop in loops))
    fast, slow = loops
    for loop in loops:
        loop.reconciler.connect(both.writer)
        both.listeners.append(loop.reconciler.hand_over)
        loop.reconciler.start()
    try:
        network = both.network()
        slow.plugin.gate.clear()
        ports = [both.port(network) for _ in range(20)]
        until(lambda: {ref(port) for port in ports} <= fast.memory.objects.keys())
        assert not any(ref(port) in slow.memory.objects for port in ports)
        slow.plugin.gate.set()
        until(lambda: {ref(port) for port in ports} <= slow.memory.objects.keys())
        until(lambda: all(batch.applied.done() for batch in both.batches))
    finally:
        slow.plugin.gate.set()
        for loop in loops:
            loop.reconciler.close()
        both.close()


def until(done: Callable[[], bool]) -> None:
    """Fails where it does not come to be in time."""
    tick = threading.Event()
    for _ in range(int(PATIENCE_S / 0.05)):
        if done():
            return
        tick.wait(0.05)
    raise AssertionError("it did not come to be")


def test_a_crash_between_commit_and_apply_loses_nothing(cloud: Cloud, loop: Loop, network: Network) -> None:
    """The process died before the batch was handed over: the sync table still has it."""
    cloud.listeners.clear()
    made, gone = cloud.port(network), cloud.port(network)
    loop.memory.objects[ref(gone)] = Entry(DEPLOYMENT, DesiredPort(gone, network, None, None))
    remove(cloud, gone)
    assert sorted(loop.step()) == sorted([ref(made), ref(gone)])
    assert loop.memory.objects.keys() >= {ref(made)}
    assert ref(gone) not in loop.memory.objects
    assert loop.due() == 0


def test_what_is_seen_becomes_the_status(cloud: Cloud, loop: Loop, network: Network) -> None:
    """Up on a host, down again; without a new revision, and without anything applied."""
    port = cloud.port(network)
    loop.step()
    for hosts, up, status in ((("host1",), True, "ACTIVE"), (("host1", "host2"), True, "ACTIVE"), ((), False, "DOWN")):
        loop.reconciler.observe([Observed(ref(port), hosts, up)])
        cloud.write(lambda tx: None)
        [found] = all_of(cloud.database, Port)
        assert (found.status, found.observed_hosts) == (status, list(hosts))
        assert found.revision_number == 1
    assert loop.step() == []


def test_drift_is_put_right(cloud: Cloud, loop: Loop, network: Network) -> None:
    """The plugin sees that somebody changed the port: it is applied again at once."""
    port = cloud.port(network)
    loop.step()
    loop.memory.change(ref(port), Entry(DEPLOYMENT, DesiredPort(port, network, None, None)))
    cloud.write(lambda tx: None)
    assert loop.step() == [ref(port)]
    held = loop.memory.objects[ref(port)].value
    assert held.physical is not None
    assert held.physical.name == "blue"


def test_plugins_know_the_hosts(cloud: Cloud, loop: Loop) -> None:
    """From the start, after every change, and again where telling them failed."""
    host = cloud.write(lambda tx: tx.add(Host(name="host1")))
    loop.step()
    assert list(loop.plugin.declared) == ["host1"]
    cloud.write(lambda tx: tx.remove(host))
    loop.plugin.fault = ConnectionError("no route to host")
    with pytest.raises(ConnectionError):
        loop.reconciler.step()
    loop.plugin.fault = None
    loop.step()
    assert list(loop.plugin.declared) == []


def test_a_dead_database_ends_no_loop(cloud: Cloud, loop: Loop, network: Network) -> None:
    """The step fails, the next one after the database is back does all that is due."""
    port = cloud.port(network)
    rename(cloud, "sync", "away")
    with pytest.raises(Exception, match="does not work now"):
        loop.step()
    rename(cloud, "away", "sync")
    loop.step()
    assert ref(port) in loop.memory.objects
    assert loop.due() == 0


def rename(cloud: Cloud, old: str, new: str) -> None:
    with cloud.database.writing() as connection:
        connection.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))
