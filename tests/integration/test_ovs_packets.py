"""What the ovs plugin does to packets: guests in namespaces on a real switch, pings that come through or not."""

from collections.abc import Iterator
from dataclasses import replace

import msgspec
import pytest
from ovirt_quantum.plugin import DesiredPort

from tests.contract.core import Core, ref
from tests.contract.ovs_host import OvsHost, OvsHosts, Vm, unique_prefix
from tests.contract.ports import desired_port

pytestmark = pytest.mark.root
DEPLOYMENT = "11111111-1111-4111-8111-111111111111"


@pytest.fixture(scope="module")
def ovs_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OvsHost]:
    with OvsHost("p1", tmp_path_factory.mktemp("ovs"), unique_prefix()) as host:
        yield host


@pytest.fixture
def core(ovs_host: OvsHost) -> Iterator[Core]:
    core = Core(OvsHosts(ovs_host), DEPLOYMENT)
    yield core
    core.plugin.close()
    ovs_host.clear()


def plug(core: Core, host: OvsHost, port: DesiredPort, name: str, *, tag: int | None = None) -> Vm:
    """Has the port wanted and a guest plugged; the guest's address ends in the port's number."""
    core.apply(port)
    vm = host.plug(port.port.id, name, tag=tag)
    vm.has_address(f"10.9.0.{int(port.port.id[-2:], 16)}")
    core.settle(lambda: ref(port) in set(core.plugin.present()))
    return vm


def two_on_one_network(core: Core, host: OvsHost) -> tuple[Vm, Vm]:
    return tuple(plug(core, host, desired_port(n, vlan=100), f"vm{n}") for n in (1, 2))  # type: ignore[return-value]


def test_guests_hear_only_their_own_network(core: Core, ovs_host: OvsHost) -> None:
    """Two guests on one VLAN hear each other, a third on another VLAN hears neither."""
    first, _ = two_on_one_network(core, ovs_host)
    stranger = plug(core, ovs_host, desired_port(3, vlan=200), "vm3")
    assert first.hears_of("10.9.0.2")
    assert not first.hears_of("10.9.0.3")
    assert not stranger.hears_of("10.9.0.2")


def test_a_tag_changed_by_hand_is_put_right(core: Core, ovs_host: OvsHost) -> None:
    """A guest that somebody put into another VLAN is back in its own."""
    first, second = two_on_one_network(core, ovs_host)
    ovs_host.vsctl("set", "Port", "vm1", "tag=200")
    core.settle(lambda: ovs_host.row("Port", "vm1")["tag"] == 100)
    assert first.hears_of("10.9.0.2")
    assert second.hears_of("10.9.0.1")


def test_a_trunk_made_by_hand_is_put_right(core: Core, ovs_host: OvsHost) -> None:
    """A guest whose port became a trunk of everything is an access port again."""
    plug(core, ovs_host, desired_port(1, vlan=100), "vm1")
    ovs_host.vsctl("set", "Port", "vm1", "tag=[]", "vlan_mode=trunk", "trunks=[100,200]")
    core.settle(lambda: ovs_host.row("Port", "vm1")["tag"] == 100)
    row = ovs_host.row("Port", "vm1")
    assert (row["vlan_mode"], row["trunks"]) == ([], [])


def test_a_flat_networks_port_is_no_trunk(core: Core, ovs_host: OvsHost) -> None:
    """A guest on a flat network hears the untagged wire, but no VLAN, as it would on a port without any tag."""
    flat = plug(core, ovs_host, desired_port(1, flat=True), "vm1")
    plug(core, ovs_host, desired_port(2, flat=True), "vm2")
    tagged = plug(core, ovs_host, desired_port(3, vlan=100), "vm3")
    hears = ["timeout", "3", "tcpdump", "-c", "1", "-nli", "eth0", "vlan", "100"]
    ovs_host.vsctl("clear", "Port", "vm1", "tag")
    assert anything_heard(tagged, flat, hears)
    core.apply(desired_port(1, flat=True))
    assert not anything_heard(tagged, flat, hears)
    assert flat.hears_of("10.9.0.2")


def test_a_port_that_is_down_carries_nothing(core: Core, ovs_host: OvsHost) -> None:
    """Down, a guest hears nobody, not even another that is down too; up again, it hears its network."""
    first, second = two_on_one_network(core, ovs_host)
    core.apply(*(desired_port(n, vlan=100, admin_state_up=False) for n in (1, 2)))
    assert not first.hears_of("10.9.0.2")
    core.apply(desired_port(2, vlan=100))
    assert not first.hears_of("10.9.0.2")
    assert not second.hears_of("10.9.0.1")
    core.apply(desired_port(1, vlan=100))
    assert first.hears_of("10.9.0.2")


def test_a_port_that_is_down_sends_nothing_into_a_trunk(core: Core, ovs_host: OvsHost) -> None:
    """The wire to other hosts, a trunk of all VLANs, gets no frame of a guest whose port is down."""
    plug(core, ovs_host, desired_port(1, vlan=100), "vm1")
    wire = ovs_host.plug("no-port", "wire")
    sends = ["timeout", "3", "tcpdump", "-c", "1", "-nli", "eth0", "arp"]
    assert anything_heard(ovs_host.vms["vm1"], wire, sends)
    core.apply(desired_port(1, vlan=100, admin_state_up=False))
    assert not anything_heard(ovs_host.vms["vm1"], wire, sends)


def anything_heard(sender: Vm, listener: Vm, command: list[str]) -> bool:
    listening = listener.netns.popen(command, log=listener.host.folder / "heard.log")
    for _ in range(3):
        sender.hears_of("10.9.0.99")
    return listening.wait(10) == 0


def test_a_removed_port_carries_nothing(core: Core, ovs_host: OvsHost) -> None:
    """Its guest may run on, but is cut off as soon as apply has returned; libvirt can still unplug it."""
    first, second = two_on_one_network(core, ovs_host)
    core.remove(desired_port(1).port.id)
    assert not first.hears_of("10.9.0.2")
    assert not second.hears_of("10.9.0.1")
    assert ovs_host.row("Interface", "vm1")["external_ids"]["iface-id"] == desired_port(1).port.id
    first.destroy()
    assert "vm1" not in ovs_host.vsctl("list-ports", "br-int")


def test_a_network_that_is_down_carries_nothing(core: Core, ovs_host: OvsHost) -> None:
    """A network's own admin_state_up counts for all its ports."""
    first, _ = two_on_one_network(core, ovs_host)
    port = desired_port(1, vlan=100)
    core.apply(replace(port, network=msgspec.structs.replace(port.network, admin_state_up=False)))
    assert not first.hears_of("10.9.0.2")
