"""ovirt-quantum-host plug and unplug: a Quantum port without oVirt."""

from pathlib import Path

from .conftest import PORT
from .machine import Machine
from .open_vswitch import run


def test_a_port_is_plugged_without_ovirt(machine: Machine, tmp_path: Path) -> None:
    """A device with the port's tag, MAC and ids appears; again changes nothing; then it goes."""
    machine.does(*machine.setup_arguments(tmp_path))
    words = machine.does("plug", PORT)
    name = f"oq{PORT[:11]}"
    assert name in words
    assert "VLAN tag 100" in words
    assert machine.network.vsctl("get", "Port", name, "tag") == "100"
    ids = machine.network.vsctl("get", "Interface", name, "external_ids")
    for expected in (f'iface-id="{PORT}"', 'attached-mac="56:6f:00:00:00:01"', "iface-status=active"):
        assert expected in ids
    assert "56:6f:00:00:00:01" in machine.network.ip("link", "show", name)
    before = machine.state()
    machine.does("plug", PORT)
    assert machine.state() == before
    machine.provider.add(PORT, None, mac_address="56:6f:00:00:00:01")
    assert "without a tag" in machine.does("plug", PORT)
    assert machine.network.vsctl("get", "Port", name, "tag") == "[]"
    assert "removed" in machine.does("unplug", PORT)
    assert "nothing to do" in machine.does("unplug", PORT)
    assert machine.network.vsctl("list-ports", "br-int") == "wire"


def test_a_port_can_live_in_a_namespace(machine: Machine, tmp_path: Path) -> None:
    """A lab's guest without a virtual machine: the device moves, and moving it again is no error."""
    machine.does(*machine.setup_arguments(tmp_path))
    guest = f"{machine.network.name}-g"
    run("ip", "netns", "add", guest)
    try:
        arguments = ["plug", PORT, "--name", "tapguest", "--mac", "56:6f:00:00:00:02", "--netns", guest]
        assert guest in machine.does(*arguments)
        machine.does(*arguments)
        assert "56:6f:00:00:00:02" in run("ip", "-n", guest, "link", "show", "tapguest")
        machine.does("unplug", PORT)
    finally:
        run("ip", "netns", "del", guest)


def test_what_plug_and_unplug_leave_alone(machine: Machine, tmp_path: Path) -> None:
    """A VM's device, a foreign name, an unknown port, a port plugged under another name."""
    machine.does(*machine.setup_arguments(tmp_path))
    assert "UUID" in machine.refuses("plug", "nonsense")
    assert "404" in machine.refuses("plug", PORT.replace("0", "1"))
    assert "not made by this command" in machine.refuses("plug", PORT, "--name", "wire")
    assert "15 characters" in machine.refuses("plug", PORT, "--name", "a-name-of-16-lon")
    assert "MAC" in machine.refuses("plug", PORT, "--mac", "nonsense")
    assert "ip netns add nowhere" in machine.refuses("plug", PORT, "--netns", "nowhere")
    machine.network.vsctl(
        *("add-port", "br-int", "vnet0", "--", "set", "Interface", "vnet0", "type=internal"),
        f'external_ids:iface-id="{PORT}"',
    )
    assert "vnet0" in machine.refuses("plug", PORT)
    assert "VM" in machine.refuses("unplug", PORT)
    machine.provider.add(PORT, 100, bridge="br-other")
    assert "br-other" in machine.refuses("plug", PORT, "--mac", "56:6f:00:00:00:01")


def test_a_dead_switch_gets_no_port(machine: Machine, tmp_path: Path) -> None:
    """Its database would take the order, and nobody would obey."""
    machine.does(*machine.setup_arguments(tmp_path))
    machine.network.stop_vswitchd()
    assert "start Open vSwitch" in machine.refuses("plug", PORT)
