"""The lab itself, plugged by hand: what the system tests and the demo build on must hold without the provider."""

from __future__ import annotations

import os
import signal
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab import DataCentre, Exchange, Guest, Host, LabError, Sniffer, VirtualMachine, make_guest
from lab.command import wait_until
from lab.datacentre import CENTRAL_ADDRESS
from lab.domain import plain_domain, vlan_interface

pytestmark = [pytest.mark.system, pytest.mark.timeout(600)]

# MiB/s: at 4 the guest takes some 35 s to move, at 2 somewhat more than a minute.
MIGRATION_BANDWIDTH = int(os.environ.get("LAB_MIGRATION_BANDWIDTH", "4"))

MAC = {name: f"52:54:00:00:00:0{name}" for name in "abcd"}
PORT = {name: f"{name * 8}-0000-4000-8000-000000000000" for name in "abcd"}
MARK = "11111111-1111-4111-8111-111111111111"
VLAN = {"a": 100, "b": 100, "c": 200, "d": 0}
ADDRESS = {"a": "10.0.0.1", "b": "10.0.0.2", "c": "10.0.0.2"}


@pytest.fixture(scope="module")
def datacentre(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DataCentre]:
    """Two hosts, up."""
    with DataCentre(tmp_path_factory.mktemp("lab"), prefix=f"lab{os.getpid()}") as datacentre:
        yield datacentre


@pytest.fixture(scope="module")
def guest() -> Guest:
    """The guest's kernel and initramfs."""
    return make_guest()


@pytest.fixture(scope="module")
def machines(datacentre: DataCentre, guest: Guest) -> dict[str, VirtualMachine]:
    """a on host1 and b on host2 in VLAN 100; c beside a, with b's address, in VLAN 200."""
    host1, host2 = datacentre.hosts
    places = {"a": host1, "b": host2, "c": host1}
    machines = {name: plug(name, host, guest) for name, host in places.items()}
    for machine in machines.values():
        machine.wait_for_boot()
    return machines


def plug(name: str, host: Host, guest: Guest) -> VirtualMachine:
    """Start a machine whose NIC is in its VLAN by libvirt's own XML alone."""
    domain = plain_domain(name, vlan_interface(MAC[name], PORT[name], VLAN[name]))
    addresses = {MAC[name]: [f"{ADDRESS[name]}/24"]} if name in ADDRESS else {}
    return VirtualMachine.start(host, domain, guest, addresses, dirty_mib=3)


def tag(host: Host, name: str) -> str:
    """The VLAN tag that Open vSwitch has for a machine's port."""
    return host.ovs_vsctl("get", "Port", host.interface_of(PORT[name]), "tag")


def shout(machine: VirtualMachine) -> None:
    """Send ARP broadcasts, which every port of the same VLAN gets, and ping the address that b and c share."""
    machine.execute("arping -c 3 -b -I eth0 10.0.0.99", check=False)
    machine.ping(ADDRESS["b"])


def test_each_host_is_a_machine_of_its_own(datacentre: DataCentre) -> None:
    """Hosts have a hostname, a system-id, an OVSDB and private folders, and reach each other and the centre."""
    for host in datacentre.hosts:
        (host.conf_folder / "host.conf").write_text(host.name)
        assert host.run(["hostname"]).stdout.strip() == host.name
        assert host.run(["cat", "/etc/ovirt-quantum/host.conf"]).stdout == host.name
        for address in ("172.30.0.1", "172.30.0.2", CENTRAL_ADDRESS):
            host.run(["ping", "-c", "1", "-W", "2", address])
        reached = datacentre.central.run(
            ["ovs-vsctl", f"--db={host.ovsdb}", "get", "Open_vSwitch", ".", "external-ids:system-id"]
        )
        assert reached.stdout.strip() == host.name


def test_hosts_reach_a_server_in_the_centre(datacentre: DataCentre) -> None:
    """A socket opened by a thread that has entered the centre belongs there, as the provider's will."""
    with datacentre.central.entered():
        server = socket.create_server((CENTRAL_ADDRESS, 0))
    with server:
        port = server.getsockname()[1]
        for host in datacentre.hosts:
            host.run(["bash", "-c", f"</dev/tcp/{CENTRAL_ADDRESS}/{port}"])


def test_libvirt_puts_the_tag_of_the_xml_on_the_port(
    datacentre: DataCentre, guest: Guest, machines: dict[str, VirtualMachine]
) -> None:
    """The `<vlan>` of the interface becomes the port's tag; 0 too, which Open vSwitch takes for a VLAN of its own."""
    host1, host2 = datacentre.hosts
    assert (tag(host1, "a"), tag(host2, "b"), tag(host1, "c")) == ("100", "100", "200")
    d = plug("d", host2, guest)
    assert tag(host2, "d") == "0"
    d.destroy()
    assert host2.interface_of(PORT["d"]) == ""


def test_a_reaches_b_on_the_other_host_through_a_tagged_trunk(
    datacentre: DataCentre, machines: dict[str, VirtualMachine], tmp_path: Path
) -> None:
    """Every datagram arrives once in both directions, and crosses the data network with tag 100."""
    a, b = machines["a"], machines["b"]
    capture = tmp_path / "capture"
    tcpdump = datacentre.hosts[1].netns.popen(
        ["tcpdump", "-l", "-n", "-e", "-i", "data0", "vlan", "100", "and", "udp"], log=capture
    )
    with Exchange(a, ADDRESS["a"], b, ADDRESS["b"], rate=50) as exchange:
        time.sleep(4)
    tcpdump.terminate()
    tcpdump.wait(10)
    for direction in (exchange.report.forth, exchange.report.back):
        assert direction.sent >= 100
        assert (direction.lost, direction.duplicated) == (0, 0), str(direction)
    seen = [line for line in capture.read_text().splitlines() if "vlan 100" in line]
    assert any(f"{MAC['a']} > {MAC['b']}" in line for line in seen)
    assert any(f"{MAC['b']} > {MAC['a']}" in line for line in seen)


def test_c_hears_nothing_of_a(datacentre: DataCentre, machines: dict[str, VirtualMachine]) -> None:
    """No frame of a reaches c on the same host; the very same shout does once c's tag is changed by hand."""
    host1 = datacentre.hosts[0]
    with Sniffer(machines["c"]) as deaf:
        shout(machines["a"])
    assert MAC["a"] not in deaf.frames
    host1.ovs_vsctl("set", "Port", host1.interface_of(PORT["c"]), "tag=100")
    try:
        with Sniffer(machines["c"]) as hearing:
            shout(machines["a"])
    finally:
        host1.ovs_vsctl("set", "Port", host1.interface_of(PORT["c"]), "tag=200")
    assert hearing.frames[MAC["a"]] >= 3


def test_a_host_recovers_from_a_killed_ovsdb(datacentre: DataCentre, machines: dict[str, VirtualMachine]) -> None:
    """Without its ovsdb-server a host takes no commands; restarted, it has its ports and forwards again."""
    host1 = datacentre.hosts[0]
    host1.stop_ovsdb(signal.SIGKILL)
    with pytest.raises(LabError, match="ovs-vsctl"):
        host1.ovs_vsctl("show")
    host1.start_ovsdb()
    assert tag(host1, "a") == "100"
    assert machines["a"].ping(ADDRESS["b"]) == 3


def test_an_aborted_migration_leaves_the_machine_where_it_was(
    datacentre: DataCentre, machines: dict[str, VirtualMachine]
) -> None:
    """One that does not end in time is called off; the machine keeps its host and its network."""
    host1, host2 = datacentre.hosts
    a = machines["a"]
    with pytest.raises(LabError, match="longer than 3 s"):
        a.migrate(host2, bandwidth_mib=1, timeout=3)
    assert a.host is host1
    assert a.ping(ADDRESS["b"]) == 3
    # The source is done first: the destination ends its half on its own, when it notices.
    wait_until(lambda: host2.interface_of(PORT["a"]) == "", "host2 keeps the interface of a")


def test_a_slow_live_migration_loses_next_to_nothing(
    datacentre: DataCentre,
    machines: dict[str, VirtualMachine],
    record_property: Callable[[str, object], None],
) -> None:
    """a moves to host2 under traffic, throttled so that faults have time to show, and keeps its VLAN and PortData."""
    host1, host2 = datacentre.hosts
    a, b = machines["a"], machines["b"]
    host1.ovs_vsctl("set", "Interface", host1.interface_of(PORT["a"]), f'external_ids:PortData="{MARK}"')
    with Exchange(a, ADDRESS["a"], b, ADDRESS["b"], rate=50) as exchange:
        seconds = a.migrate(host2, bandwidth_mib=MIGRATION_BANDWIDTH)
        time.sleep(3)
    for name, value in {"seconds": seconds, "a to b": exchange.report.forth, "b to a": exchange.report.back}.items():
        record_property(name, str(value))
        print(f"{name}: {value}")
    assert seconds >= 80 / MIGRATION_BANDWIDTH
    assert exchange.report.forth.loss_percent <= 2.0
    assert exchange.report.back.loss_percent <= 2.0
    assert (host1.interface_of(PORT["a"]), tag(host2, "a")) == ("", "100")
    assert host2.ovs_vsctl("get", "Interface", host2.interface_of(PORT["a"]), "external_ids:PortData") == f'"{MARK}"'
    assert a.ping(ADDRESS["b"]) == 3


def test_a_host_comes_back_from_a_power_cut(
    datacentre: DataCentre, guest: Guest, machines: dict[str, VirtualMachine]
) -> None:
    """Its VMs are gone, its OVSDB still lists their ports, and it runs new ones."""
    host1 = datacentre.hosts[0]
    host1.down()
    assert host1.netns.processes() == []
    with pytest.raises(LabError, match="host1 is down"):
        host1.ovs_vsctl("show")
    host1.up()
    assert host1.virsh("list", "--name") == ""
    assert tag(host1, "c") == "200"
    host1.ovs_vsctl("del-port", host1.interface_of(PORT["c"]))
    plug("c", host1, guest).wait_for_boot()


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    """What a lab that was never taken down left is ended by the next one; after that no trace is left."""
    prefix = f"left{os.getpid()}"
    forgotten = DataCentre(tmp_path, prefix)
    forgotten.up()
    sleeper = forgotten.central.popen(["sleep", "600"], log=tmp_path / "sleep.log")
    wait_until(lambda: sleeper.pid in forgotten.central.processes(), "sleep does not come into the namespace")
    with pytest.raises(LabError, match="choose another prefix"):
        DataCentre(tmp_path / "other", prefix).up()
    with DataCentre.of_folder(tmp_path) as again:
        assert sleeper.wait(10) == -signal.SIGTERM
        assert again.hosts[0].is_up
    assert not [path for path in Path("/run/netns").iterdir() if path.name.startswith(prefix)]
    assert not traces(str(tmp_path))


def traces(folder: str) -> list[Path]:
    """Command lines and mount tables of living processes that mention `folder`."""
    tables = [path / name for path in Path("/proc").glob("[0-9]*") for name in ("cmdline", "mountinfo")]
    return [table for table in tables if folder in text_of(table)]


def text_of(table: Path) -> str:
    """The text of a file under /proc; nothing if its process has ended meanwhile."""
    try:
        return table.read_text(errors="replace")
    except OSError:
        return ""
