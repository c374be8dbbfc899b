"""Everything compared with the backend: after a restart, now and then, and when something unknown is seen."""

from typing import Any

import pytest
from ovirt_quantum.model import Network, Port
from ovirt_quantum.plugin import PORT, DesiredPort, Observed, Ref
from ovirt_quantum.reconciler import MOST_ORPHANS

from tests.contract.memory_plugin import Entry

from .cloud import DEPLOYMENT, PATIENCE_S, Cloud, new_port
from .loop import Loop, ref, remove


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


@pytest.mark.parametrize("how", [{"hosts": ("host1",)}, {"drifted": True}])
def test_an_unknown_port_has_everything_compared(
    cloud: Cloud, loop: Loop, network: Network, how: dict[str, Any]
) -> None:
    """Seen beside a known one, on a host, or as one that came; what is unknown and nowhere is no matter."""
    port = cloud.port(network)
    loop.step()
    known, unknown = Observed(ref(port), up=True), Ref(PORT, "unknown")
    assert loop.reconciler.step() > 1000
    loop.reconciler.observe([known, Observed(unknown)])
    cloud.write(lambda tx: None)
    assert loop.reconciler.step() > 1000
    loop.reconciler.observe([known, Observed(unknown, **how)])
    cloud.write(lambda tx: None)
    assert loop.reconciler.step() <= 1.0


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
