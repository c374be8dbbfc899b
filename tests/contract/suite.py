"""The contract of ovirt_quantum/plugin.py as tests. A plugin's author subclasses PluginContract."""

import time
from collections.abc import Iterator

import pytest
from ovirt_quantum.errors import Refused
from ovirt_quantum.plugin import PORT, DesiredPort

from .backend import Backend
from .core import Core, ref

OURS = "11111111-1111-4111-8111-111111111111"
OTHERS = "22222222-2222-4222-8222-222222222222"


class PluginContract:
    """Supply a fixture `backend` that yields an empty, running Backend for each test."""

    @pytest.fixture
    def core(self, backend: Backend) -> Iterator[Core]:
        core = Core(backend, OURS)
        yield core
        core.plugin.close()

    def realise(self, core: Core, backend: Backend, *ports: DesiredPort) -> None:
        """Has the ports wanted, plugged and realised, the core having nothing more to do."""
        core.apply(*ports)
        for port in ports:
            backend.plug(port.port.id)
        core.settle(lambda: all(backend.state(port.port.id) == backend.expected(port) for port in ports))
        core.settle(lambda: {ref(port) for port in ports} <= set(core.plugin.present()))

    def test_a_wanted_port_is_realised(self, core: Core, backend: Backend) -> None:
        """A port that is wanted before its VM starts is as it should be once it has started."""
        self.realise(core, backend, backend.desired(1))

    def test_a_port_that_was_there_first_is_realised(self, core: Core, backend: Backend) -> None:
        """A port that is wanted only after its VM has started is realised as well."""
        port = backend.desired(1)
        backend.plug(port.port.id)
        core.apply(port)
        core.settle(lambda: backend.state(port.port.id) == backend.expected(port))

    def test_applying_again_writes_nothing(self, core: Core, backend: Backend) -> None:
        """A port that is as it should be costs no write."""
        port = backend.desired(1)
        self.realise(core, backend, port)
        before = backend.writes()
        assert core.apply(port)[port.port.id].error is None
        assert backend.writes() == before

    def test_a_change_is_realised(self, core: Core, backend: Backend) -> None:
        """A port that changes is changed in place."""
        self.realise(core, backend, backend.desired(1))
        changed = backend.desired(1, admin_state_up=False)
        assert core.apply(changed)[changed.port.id].error is None
        assert backend.state(changed.port.id) == backend.expected(changed)
        assert core.apply(backend.desired(1))[changed.port.id].error is None
        assert backend.state(changed.port.id) == backend.expected(backend.desired(1))

    def test_a_removed_port_is_gone(self, core: Core, backend: Backend) -> None:
        """What must not exist is gone when apply returns, and another removal is fine and writes nothing."""
        port = backend.desired(1)
        self.realise(core, backend, port)
        assert core.remove(port.port.id)[port.port.id].error is None
        assert backend.state(port.port.id) is None
        core.settle(lambda: ref(port) not in set(core.plugin.present()))
        before = backend.writes()
        assert core.remove(port.port.id)[port.port.id].error is None
        assert backend.writes() == before

    def test_removing_what_never_was_is_fine(self, core: Core, backend: Backend) -> None:
        """The core may remove what the plugin never saw."""
        assert core.remove(backend.desired(1).port.id)[backend.desired(1).port.id].error is None

    def test_an_orphan_is_present_and_can_be_removed(self, core: Core, backend: Backend) -> None:
        """What an earlier process made is found by its mark, and removed without any hint."""
        port = backend.desired(1)
        self.realise(core, backend, port)
        core.plugin.close()
        later = Core(backend, OURS)
        later.settle(lambda: ref(port) in set(later.plugin.present()))
        assert later.remove(port.port.id)[port.port.id].error is None
        assert backend.state(port.port.id) is None
        later.settle(lambda: ref(port) not in set(later.plugin.present()))
        later.plugin.close()

    def test_drift_is_observed_and_repaired(self, core: Core, backend: Backend) -> None:
        """What somebody changes by hand is reported as drifted and is put right."""
        port = backend.desired(1)
        self.realise(core, backend, port)
        backend.change_by_hand(port.port.id)
        assert backend.state(port.port.id) != backend.expected(port)
        core.settle(lambda: backend.state(port.port.id) == backend.expected(port))

    def test_one_that_fails_fails_alone(self, core: Core, backend: Backend) -> None:
        """In a batch only the port that can't be realised fails, with a reason."""
        good, bad = backend.desired(1), backend.desired(2)
        self.realise(core, backend, good, bad)
        backend.hinder(bad.port.id)
        changed = [backend.desired(number, admin_state_up=False) for number in (1, 2)]
        core.settle(lambda: core.apply(*changed)[bad.port.id].error is not None)
        assert core.apply(*changed)[good.port.id].error is None
        assert backend.state(good.port.id) == backend.expected(changed[0])

    def test_a_new_process_converges_from_nothing(self, core: Core, backend: Backend) -> None:
        """The process died between its commit and apply: the next one makes it so, knowing nothing of it."""
        self.realise(core, backend, backend.desired(1), backend.desired(2))
        core.plugin.close()
        changed, same = backend.desired(1, admin_state_up=False), backend.desired(2)
        later = Core(backend, OURS)
        later.apply(changed, same)
        later.settle(lambda: backend.state(changed.port.id) == backend.expected(changed))
        assert backend.state(same.port.id) == backend.expected(same)
        later.plugin.close()

    def test_a_dead_backend_is_an_error_and_heals(self, core: Core, backend: Backend) -> None:
        """With the backend dead apply returns in time and says so; once it is back, it is put right."""
        port, changed = backend.desired(1), backend.desired(1, admin_state_up=False)
        self.realise(core, backend, port)
        backend.stop()
        core.settle(lambda: self.fails_in_time(core, backend, changed))
        backend.start()
        core.settle(lambda: backend.state(port.port.id) == backend.expected(changed), seconds=30)
        assert core.apply(changed)[port.port.id].error is None

    def fails_in_time(self, core: Core, backend: Backend, port: DesiredPort) -> bool:
        begun = time.monotonic()
        outcome = core.apply(port)[port.port.id]
        assert time.monotonic() - begun < backend.patience
        return outcome.error is not None

    def test_another_deployments_objects_are_not_ours(self, core: Core, backend: Backend) -> None:
        """A database of another deployment (a swapped one) claims nothing and removes nothing of this one's."""
        port = backend.desired(1)
        self.realise(core, backend, port)
        before, writes = backend.fingerprint(), backend.writes()
        other = Core(backend, OTHERS)
        other.settle(lambda: other.apply(port)[port.port.id].error is not None)
        assert OURS in str(other.apply(port)[port.port.id].error)
        other.remove(port.port.id)
        assert list(other.plugin.present()) == []
        other.plugin.close()
        assert (backend.fingerprint(), backend.writes()) == (before, writes)

    def test_foreign_objects_stay_as_they_are(self, core: Core, backend: Backend) -> None:
        """Whatever is done to ours, what has no mark of ours keeps every bit."""
        backend.add_foreign()
        port = backend.desired(1)
        before = backend.fingerprint(OURS)
        self.realise(core, backend, port)
        core.apply(backend.desired(1, admin_state_up=False))
        assert backend.fingerprint(OURS) == before
        assert {each for each in core.plugin.present() if each.kind == PORT} == {ref(port)}

    def test_a_batch_is_one_transaction(self, core: Core, backend: Backend) -> None:
        """What is handed over together is written together."""
        ports = [backend.desired(number) for number in range(1, 11)]
        self.realise(core, backend, *ports)
        before = backend.writes()
        changed = [backend.desired(number, admin_state_up=False) for number in range(1, 11)]
        assert {outcome.error for outcome in core.apply(*changed).values()} == {None}
        assert all(backend.state(port.port.id) == backend.expected(port) for port in changed)
        assert backend.writes() == before + 1

    def test_what_cannot_be_is_refused(self, core: Core, backend: Backend) -> None:
        """`check` vetoes with a sentence."""
        with pytest.raises(Refused) as refused:
            core.plugin.check(backend.unrealisable())
        assert len(refused.value.message.split()) > 3

    def test_closing_leaves_the_backend_alone(self, core: Core, backend: Backend) -> None:
        """The backend works on without the provider."""
        port = backend.desired(1)
        self.realise(core, backend, port)
        core.plugin.close()
        assert backend.state(port.port.id) == backend.expected(port)
