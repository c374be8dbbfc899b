"""The loop that makes a backend be as the database says, step by step and with a clock of our own."""

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence

import pytest
from ovirt_quantum.model import Host, Network, Port
from ovirt_quantum.plugin import PORT, Change, Context, DesiredPort, Observed, Outcome, Ref
from ovirt_quantum.reconciler import MOST_ORPHANS, Reconciler
from ovirt_quantum.service.port import delete_port
from ovirt_quantum.store import lists, sync
from ovirt_quantum.store.tables import sync as sync_table
from sqlalchemy import select, text

from tests.contract.memory_plugin import Entry, Memory, MemoryPlugin

from .cloud import ADMIN, DEPLOYMENT, PATIENCE_S, Cloud, all_of, new_port

NEVER_S = 1e6


class Plugin(MemoryPlugin):
    """The memory plugin, with all that was asked of it, and with its faults."""

    def __init__(self, context: Context, name: str = "memory") -> None:
        super().__init__(context)
        self.name = name
        self.asked: list[list[Ref]] = []
        self.realised: dict[Ref, object] = {}
        self.fault: Exception | None = None
        self.silent: set[Ref] = set()
        self.gate = threading.Event()
        self.gate.set()

    def apply(self, changes: Sequence[Change]) -> Sequence[Outcome]:
        assert self.gate.wait(PATIENCE_S)
        self.asked.append([change.ref for change in changes])
        self._raise()
        return [outcome for outcome in super().apply(changes) if outcome.ref not in self.silent]

    def present(self) -> Iterable[Ref]:
        self._raise()
        return super().present()

    def hosts(self, hosts: Sequence[Host]) -> None:
        self._raise()
        super().hosts(hosts)

    def _raise(self) -> None:
        if self.fault is not None:
            raise self.fault


class Loop:
    """A reconciler on a cloud, stepped by hand. `now` is its clock (unix seconds)."""

    def __init__(self, cloud: Cloud, name: str = "memory") -> None:
        self.cloud = cloud
        self.memory = cloud.memory if name == "memory" else Memory()
        self.plugin = Plugin(
            Context(DEPLOYMENT, {"memory": self.memory}, lambda seen: self.reconciler.observe(seen)), name
        )
        self.now = 2e9
        self.reconciler = Reconciler(self.plugin, cloud.database, NEVER_S, clock=lambda: self.now)
        self.reconciler.connect(cloud.writer)

    def listen(self) -> "Loop":
        """As a service does it from its start on."""
        self.cloud.listeners.append(self.reconciler.hand_over)
        self.reconciler.step()
        return self

    def step(self, after_s: float = 0.0) -> list[Ref]:
        """What the plugin was asked to apply in a step."""
        self.now += after_s
        self.plugin.asked.clear()
        self.reconciler.step()
        return [ref for refs in self.plugin.asked for ref in refs]

    def due(self) -> int:
        """How many objects are still to be done, now or later."""
        with self.cloud.database.reading() as connection:
            return len(sync.due(connection, self.plugin.name, 3e9, 1000))

    def rows(self) -> int:
        with self.cloud.database.reading() as connection:
            mine = sync_table.c.plugin == self.plugin.name
            return len(connection.execute(select(sync_table.c.object_id).where(mine)).all())

    def trouble(self, port: Port) -> str:
        with self.cloud.database.reading() as connection:
            found = lists.troubles(connection, Port).get(port.id)
        return found.reason if found else ""


def ref(port: Port) -> Ref:
    return Ref(PORT, port.id)


@pytest.fixture
def loop(cloud: Cloud) -> Loop:
    return Loop(cloud).listen()


@pytest.fixture
def network(cloud: Cloud, loop: Loop) -> Network:
    """Realised already."""
    made = cloud.network()
    loop.step()
    return made


def remove(cloud: Cloud, port: Port) -> None:
    cloud.write(lambda tx: delete_port(tx, ADMIN, port.id))


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


def test_a_restart_compares_everything(cloud: Cloud, loop: Loop, network: Network) -> None:
    """What was changed or lost in the backend meanwhile is put right, though nothing is due."""
    ports = [cloud.port(network) for _ in range(3)]
    loop.step()
    right = dict(loop.memory.objects)
    del loop.memory.objects[ref(ports[0])]
    loop.memory.objects[ref(ports[1])] = Entry(DEPLOYMENT, DesiredPort(ports[1], network, None, None))
    again = Loop(cloud)
    assert loop.due() == 0
    again.reconciler.step()
    assert again.memory.objects == right


def orphan(number: int, mark: str = DEPLOYMENT) -> tuple[Ref, Entry]:
    port = Port(network_id=Network().id)
    return Ref(PORT, f"{number:036}"), Entry(mark, DesiredPort(port, Network(), None, None))


def test_orphans_are_removed(cloud: Cloud, loop: Loop, network: Network) -> None:
    """What bears our mark and is not in the database goes; what is somebody else's stays."""
    port = cloud.port(network)
    loop.step()
    loop.memory.objects.update([orphan(number) for number in range(MOST_ORPHANS)])
    foreign, entry = orphan(99, "another deployment")
    loop.memory.objects[foreign] = entry
    loop.reconciler.resync()
    assert loop.memory.objects.keys() == {Ref("network", network.id), ref(port), foreign}
    assert loop.due() == 0


def test_too_many_orphans_are_left_alone(cloud: Cloud, loop: Loop, capsys: pytest.CaptureFixture[str]) -> None:
    """They look like a restored old database: nothing is removed, and the log says so."""
    loop.memory.objects.update([orphan(number) for number in range(MOST_ORPHANS + 1)])
    before = dict(loop.memory.objects)
    loop.reconciler.resync()
    assert loop.memory.objects == before
    assert "is this the right database?" in capsys.readouterr().out


def test_what_is_about_to_be_removed_is_no_orphan(cloud: Cloud, loop: Loop, network: Network) -> None:
    """Many ports removed while the backend is down are removed when it is back, whatever the limit."""
    answers = [cloud.writer.submit(new_port(network.id)) for _ in range(MOST_ORPHANS + 1)]
    ports = [answer.result(PATIENCE_S).value for answer in answers]
    loop.step()
    loop.memory.up = False
    for port in ports:
        remove(cloud, port)
    loop.step()
    loop.memory.up = True
    loop.reconciler.resync()
    loop.step(after_s=60)
    assert loop.memory.objects.keys() == {Ref("network", network.id)}


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


def test_an_unknown_port_has_everything_compared(cloud: Cloud, loop: Loop, network: Network) -> None:
    """Seen beside a known one, on a host; what is unknown and on no host is no matter."""
    port = cloud.port(network)
    loop.step()
    known, unknown = Observed(ref(port), up=True), Ref(PORT, "unknown")
    assert loop.reconciler.step() > 1000
    loop.reconciler.observe([known, Observed(unknown)])
    cloud.write(lambda tx: None)
    assert loop.reconciler.step() > 1000
    loop.reconciler.observe([known, Observed(unknown, hosts=("host1",))])
    cloud.write(lambda tx: None)
    assert loop.reconciler.step() <= 1.0


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


def test_a_comparison_that_breaks_off_is_made_again(cloud: Cloud, network: Network) -> None:
    """Soon, and until then all else goes on."""
    loop = Loop(cloud)
    cloud.listeners.append(loop.reconciler.hand_over)
    loop.plugin.fault = ConnectionError("no route to host")
    loop.plugin.hosts = lambda hosts: None  # type: ignore[method-assign]
    with pytest.raises(ConnectionError):
        loop.reconciler.step()
    loop.plugin.fault = None
    port = cloud.port(network)
    assert ref(port) in loop.step()
    assert loop.reconciler.step() <= 30.0


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


@pytest.fixture(autouse=True)
def closed(loop: Loop) -> Iterator[None]:
    yield
    loop.reconciler.close()
