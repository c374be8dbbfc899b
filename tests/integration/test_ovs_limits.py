"""Speed limits of the ovs plugin: what it writes, what obeys on the user space datapath, and whose limit wins."""

import dataclasses
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from msgspec import structs
from ovirt_quantum.model import DscpMarkingRule, MinimumBandwidthRule

from tests.contract.core import Core
from tests.contract.ovs_host import OvsHost, OvsHosts, Vm, unique_prefix
from tests.contract.ports import desired_port

pytestmark = pytest.mark.root
DEPLOYMENT = "11111111-1111-4111-8111-111111111111"
PACKET = 1000  # bytes of UDP payload
OVERHEAD = 42  # bytes of Ethernet, IP and UDP header


@pytest.fixture(scope="module")
def ovs_host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[OvsHost]:
    with OvsHost("q1", tmp_path_factory.mktemp("ovs"), unique_prefix()) as host:
        yield host


@pytest.fixture
def core(ovs_host: OvsHost) -> Iterator[Core]:
    core = Core(OvsHosts(ovs_host), DEPLOYMENT)
    yield core
    core.plugin.close()
    ovs_host.clear()


@pytest.fixture
def vms(ovs_host: OvsHost) -> tuple[Vm, Vm]:
    plugged = [ovs_host.plug(desired_port(n).port.id, f"vm{n}").has_address(f"10.9.0.{n}") for n in (1, 2)]
    return plugged[0], plugged[1]


def marked(host: OvsHost, table: str) -> int:
    return sum(row["external_ids"].get("ovirt-quantum") == DEPLOYMENT for row in host.rows(table))


def test_what_a_guest_gets_is_shaped(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """With 2 Mbit/s to the guest, of 10 Mbit/s sent no more than a little over 2 arrive; without, all do."""
    sender, limited = desired_port(1, vlan=100), desired_port(2, vlan=100, ingress_kbps=2000)
    core.apply(sender, limited)
    core.settle(lambda: marked(ovs_host, "QoS") == 1)
    assert received_kbps(*vms, "10.9.0.2") < 2400
    core.apply(desired_port(2, vlan=100))
    assert received_kbps(*vms, "10.9.0.2") > 8000


def test_what_a_guest_sends_is_policed_by_name_only(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """In user space policing does nothing, and the outcome says so, naming the host."""
    limited = desired_port(1, vlan=100, egress_kbps=2000)
    core.apply(desired_port(2, vlan=100), limited)
    core.settle(lambda: ovs_host.row("Interface", "vm1")["ingress_policing_rate"] == 2000)
    shortfall = core.apply(limited)[limited.port.id].shortfall
    assert shortfall == "the limit of what the VM sends is not enforced by the user space datapath of q1"
    assert received_kbps(*vms, "10.9.0.2") > 8000


def test_limits_are_changed_and_taken_away(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """A changed limit leaves no row of the old one behind, a policy taken away leaves none at all."""
    del vms
    core.apply(desired_port(1, ingress_kbps=2000, egress_kbps=1000))
    core.settle(lambda: marked(ovs_host, "QoS") == 1)
    core.apply(desired_port(1, ingress_kbps=3000, egress_kbps=1500))
    assert [row["other_config"] for row in ovs_host.rows("Queue")] == [{"max-rate": "3000000"}]
    core.apply(desired_port(1))
    assert (ovs_host.rows("QoS"), ovs_host.rows("Queue")) == ([], [])
    assert ovs_host.row("Interface", "vm1")["ingress_policing_rate"] == 0


def test_limits_changed_by_hand_are_put_right(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """Neither a changed rate, nor a queue's, nor the policing of somebody else stays."""
    del vms
    core.apply(desired_port(1, ingress_kbps=2000, egress_kbps=1000))
    core.settle(lambda: marked(ovs_host, "QoS") == 1)
    queue = ovs_host.rows("Queue")[0]["_uuid"]
    ovs_host.vsctl("set", "Queue", queue, "other_config:max-rate=9", "--", "set", "Interface", "vm1",
                   "ingress_policing_rate=9")  # fmt: skip
    core.settle(lambda: [row["other_config"]["max-rate"] for row in ovs_host.rows("Queue")] == ["2000000"])
    core.settle(lambda: ovs_host.row("Interface", "vm1")["ingress_policing_rate"] == 1000)


def test_libvirts_limits_stay_without_a_policy(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """What libvirt made of <bandwidth> is kept, and a policy takes its place."""
    del vms
    libvirts = limit_as_libvirt_does(ovs_host, "vm1")
    core.apply(desired_port(1))
    core.settle(lambda: ovs_host.row("Port", "vm1")["tag"] == 101)
    assert ovs_host.row("Port", "vm1")["qos"] == libvirts
    assert ovs_host.row("Interface", "vm1")["ingress_policing_rate"] == 5000
    core.apply(desired_port(1, ingress_kbps=2000, egress_kbps=1000))
    assert ovs_host.row("Port", "vm1")["qos"] != libvirts
    assert ovs_host.row("Interface", "vm1")["ingress_policing_rate"] == 1000
    assert libvirts in [row["_uuid"] for row in ovs_host.rows("QoS")]  # libvirt removes its own with the VM


def test_rows_left_by_a_guest_that_ended_are_swept(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """libvirt unplugs the interface and knows nothing of our QoS; the next write to the host removes it."""
    core.apply(desired_port(1, ingress_kbps=2000), desired_port(2))
    core.settle(lambda: marked(ovs_host, "QoS") == 1)
    vms[0].destroy()
    assert marked(ovs_host, "QoS") == 1
    core.apply(desired_port(2, admin_state_up=False))
    assert (marked(ovs_host, "QoS"), marked(ovs_host, "Queue")) == (0, 0)


def limit_as_libvirt_does(host: OvsHost, device: str) -> str:
    """Average and peak of <bandwidth>; the UUID of the QoS row (libvirt source, virnetdevopenvswitch.c)."""
    shaped = ["set", "Port", device, "qos=@q", "--", "--id=@q", "create", "QoS", "type=linux-htb", "queues:0=@r"]
    host.vsctl(*shaped, "--", "--id=@r", "create", "Queue", "other_config:max-rate=8000000", "--",
               "set", "Interface", device, "ingress_policing_rate=5000")  # fmt: skip
    return str(host.row("Port", device)["qos"])


def received_kbps(sender: Vm, receiver: Vm, address: str, *, kbps: int = 10_000, seconds: float = 2.0) -> float:
    """Sends UDP from guest to guest at a steady rate; the rate at which it arrives, headers counted."""
    assert sender.hears_of(address)
    with receiver.netns.entered():
        ear = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with sender.netns.entered():
        mouth = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    with ear, mouth:
        ear.bind((address, 5000))
        ear.settimeout(0.5)
        talk = threading.Thread(target=_talk, args=(mouth, (address, 5000), kbps, seconds))
        talk.start()
        heard = _listen(ear, seconds)
        talk.join()
    return heard * (PACKET + OVERHEAD) * 8 / 1000 / seconds


def _talk(mouth: socket.socket, address: tuple[str, int], kbps: int, seconds: float) -> None:
    gap = (PACKET + OVERHEAD) * 8 / 1000 / kbps
    begun = time.monotonic()
    for number in range(int(seconds / gap)):
        time.sleep(max(0.0, begun + number * gap - time.monotonic()))
        mouth.sendto(bytes(PACKET), address)


def _listen(ear: socket.socket, seconds: float) -> int:
    """Packets that arrive in so many seconds from the first one on."""
    ear.recv(PACKET)
    heard, until = 1, time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            ear.recv(PACKET)
        except TimeoutError:
            break
        heard += 1
    return heard


def test_other_types_of_rules_are_named_as_not_realised(core: Core, ovs_host: OvsHost, vms: tuple[Vm, Vm]) -> None:
    """A policy that another plugin's ports can have whole; its limit holds here, too."""
    limited = desired_port(2, vlan=100, ingress_kbps=2000)
    assert limited.qos is not None
    rules = [*limited.qos.rules, DscpMarkingRule(dscp_mark=26), MinimumBandwidthRule(min_kbps=1000)]
    asked = dataclasses.replace(limited, qos=structs.replace(limited.qos, rules=rules))
    core.apply(asked)
    core.settle(lambda: marked(ovs_host, "QoS") == 1)
    shortfall = core.apply(asked)[limited.port.id].shortfall
    named = [f"{rule} is not realised by plain Open vSwitch" for rule in ("dscp_marking", "minimum_bandwidth")]
    assert shortfall == "; ".join(named)
