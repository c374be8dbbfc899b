"""ovirt-quantum-host on a host with a real Open vSwitch."""

import grp
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from .certificates import Authority
from .conftest import HOOKS, PORT, PYTHONS, SYSTEM_PYTHON, interpreter
from .open_vswitch import HostNetwork, run
from .provider import TOKEN, Provider

HOOK_FILES = {
    "before_device_create": "before_device_create",
    "before_nic_hotplug": "before_device_create",
    "after_get_caps": "after_get_caps",
}


@dataclass
class Machine:
    """A host with Open vSwitch, VDSM's hook folder and a provider in reach."""

    network: HostNetwork
    root: Path
    provider: Provider
    python: Path = SYSTEM_PYTHON

    def call(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run the command as root on the host."""
        where = ["ip", "netns", "exec", self.network.name, str(self.python), "-m", "ovirt_quantum_host"]
        command = [*where, f"--db={self.network.db}", f"--root={self.root}", *arguments]
        environ = {"PATH": os.environ["PATH"], "PYTHONPATH": str(HOOKS), "PYTHONDONTWRITEBYTECODE": "1"}
        return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, env=environ, cwd="/")

    def does(self, *arguments: str) -> str:
        """Run; it must succeed without a complaint."""
        done = self.call(*arguments)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr
        return done.stdout

    def refuses(self, *arguments: str) -> str:
        """Run; it must fail with a clear word and change nothing."""
        before = self.state()
        done = self.call(*arguments)
        assert done.returncode == 1, done.stdout
        assert "Traceback" not in done.stderr
        assert self.state() == before
        return done.stderr

    def finds(self) -> str:
        """`check` of a host where something is wrong: the lines that say what."""
        done = self.call("check")
        assert done.returncode == 1, done.stdout
        return "\n".join(line for line in done.stdout.splitlines() if line.startswith("FAIL"))

    def state(self) -> tuple[list[str], dict[Path, bytes]]:
        """Everything that the command could have changed."""
        database = [self.network.vsctl("--format=json", "list", table) for table in TABLES]
        return database, {path: path.read_bytes() for path in self.root.rglob("*") if path.is_file()}

    def setup_arguments(self, tmp_path: Path) -> list[str]:
        """What an administrator would type."""
        (tmp_path / "token").write_text(f"{TOKEN}\n")
        arguments = ["setup", "--datapath-type", "netdev", "--uplink", "wire", "--host-id", "host1.example.org"]
        return [*arguments, "--provider", self.provider.url(), "--token-file", str(tmp_path / "token")]


TABLES = ("Bridge", "Port", "Manager", "SSL")


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A host with a free NIC `wire`, before any set-up."""
    if os.geteuid() != 0 or not shutil.which("ovs-vswitchd"):
        pytest.skip("needs root and Open vSwitch's daemons (apt: openvswitch-switch)")
    root = tmp_path / "root"
    for folder in ("usr/libexec/vdsm/hooks", "etc/sudoers.d", "var/lib/vdsm/persistence/netconf/nets"):
        (root / folder).mkdir(parents=True)
    (tmp_path / "ovs").mkdir()
    with HostNetwork(tmp_path / "ovs") as network:
        network.ip("link", "add", "wire", "type", "veth", "peer", "name", "switchport")
        network.ip("link", "set", "switchport", "up")
        with network.inside(Provider) as provider:
            provider.add(PORT, 100, mac_address="56:6f:00:00:00:01")
            yield Machine(network, root, provider)


@pytest.mark.parametrize("version", PYTHONS)
def test_a_host_is_set_up_and_found_well(machine: Machine, tmp_path: Path, version: str) -> None:
    """From nothing to a host whose check is content; once more changes nothing; on every Python."""
    machine.python = interpreter(version)
    arguments = machine.setup_arguments(tmp_path)
    first = machine.does(*arguments)
    assert {line.split()[0] for line in first.splitlines()} == {"did"}
    before = machine.state()
    assert {line.split()[0] for line in machine.does(*arguments).splitlines()} == {"ok"}
    assert machine.state() == before
    assert "FAIL" not in machine.does("check")
    assert machine.network.vsctl("port-to-br", "wire") == "br-int"
    assert machine.network.vsctl("get", "Bridge", "br-int", "datapath_type") == "netdev"
    assert "UP" in machine.network.ip("-brief", "link", "show", "wire")


def test_the_files_of_a_host(machine: Machine, tmp_path: Path) -> None:
    """Hooks as VDSM wants them, the token for root and VDSM alone, the sudoers line that is in the source."""
    machine.does(*machine.setup_arguments(tmp_path))
    for event, source in HOOK_FILES.items():
        installed = machine.root / "usr/libexec/vdsm/hooks" / event / "50_ovirt_quantum"
        assert installed.read_bytes() == (HOOKS / source / "50_ovirt_quantum").read_bytes()
        assert installed.stat().st_mode & 0o7777 == 0o755
        assert not installed.is_symlink()
    token = machine.root / "etc/ovirt-quantum/host.token"
    assert (token.stat().st_mode & 0o7777, token.stat().st_gid) == (0o640, grp.getgrnam("kvm").gr_gid)
    sudoers = machine.root / "etc/sudoers.d/50_vdsm_hook_ovirt_quantum"
    assert sudoers.read_bytes() == (HOOKS / "sudoers.d/50_vdsm_hook_ovirt_quantum").read_bytes()
    assert sudoers.stat().st_mode & 0o7777 == 0o440
    assert TOKEN not in (machine.root / "etc/ovirt-quantum/host.conf").read_text()


def test_a_dry_run_changes_nothing(machine: Machine, tmp_path: Path) -> None:
    """It says what it would do."""
    before = machine.state()
    words = machine.does(*machine.setup_arguments(tmp_path), "--dry-run")
    assert {line.split()[0] for line in words.splitlines()} == {"would"}
    assert machine.state() == before


def test_what_was_not_named_again_stays(machine: Machine, tmp_path: Path) -> None:
    """Setup with one argument keeps the provider, the token and the host id of before."""
    machine.does(*machine.setup_arguments(tmp_path))
    conf = machine.root / "etc/ovirt-quantum/host.conf"
    before = conf.read_text()
    machine.does("setup", "--uplink", "wire")
    assert conf.read_text() == before
    machine.does("setup", "--host-id", "renamed")
    assert conf.read_text() == before.replace("host1.example.org", "renamed")


def test_the_host_id_is_open_vswitchs_own_if_none_is_given(machine: Machine) -> None:
    """And without that there is none, and no guess."""
    machine.does("setup", "--datapath-type", "netdev")
    conf = machine.root / "etc/ovirt-quantum/host.conf"
    assert "host_id = chassis-7\n" in conf.read_text()
    conf.unlink()
    machine.network.vsctl("remove", "Open_vSwitch", ".", "external_ids", "system-id")
    assert "--host-id" in machine.refuses("setup")


@pytest.mark.parametrize(
    ("use", "words"),
    [
        (["address", "add", "192.0.2.7/24", "dev", "wire"], "address 192.0.2.7"),
        (["address", "add", "2001:db8::7/64", "dev", "wire"], "address 2001:db8::7"),
        (["link", "add", "bond7", "type", "bridge"], "part of bond7"),
        (["link", "add", "link", "wire", "name", "wire.5", "type", "macvlan"], "wire.5"),
    ],
)
def test_a_nic_in_use_is_no_uplink(machine: Machine, use: list[str], words: str) -> None:
    """The NIC that a host is managed by must survive a typing error; the bridge is not even begun."""
    machine.network.ip(*use)
    if "bond7" in use:
        machine.network.ip("link", "set", "wire", "master", "bond7")
    assert words in machine.refuses("setup", "--uplink", "wire")


def test_the_default_routes_nic_is_no_uplink(machine: Machine) -> None:
    """Also when the route needs no address."""
    machine.network.ip("link", "set", "wire", "up")
    machine.network.ip("route", "add", "default", "dev", "wire")
    assert "default route" in machine.refuses("setup", "--uplink", "wire")


@pytest.mark.parametrize(
    ("kind", "name", "content"),
    [
        ("nets", "ovirtmgmt", {"nic": "wire"}),
        ("nets", "blue", {"bonding": "wire"}),
        ("bonds", "b0", {"nics": ["wire"]}),
    ],
)
def test_vdsms_nic_is_no_uplink(machine: Machine, kind: str, name: str, content: dict[str, object]) -> None:
    """VDSM's own record counts, even where the kernel shows nothing at the moment."""
    folder = machine.root / "var/lib/vdsm/persistence/netconf" / kind
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(json.dumps(content))
    words = machine.refuses("setup", "--uplink", "wire")
    assert "VDSM" in words
    assert name in words


def test_other_impossible_wishes(machine: Machine, tmp_path: Path) -> None:
    """Each is refused before anything is done."""
    machine.network.vsctl("add-br", "vdsmbr", "--", "add-port", "vdsmbr", "switchport")
    assert "no such NIC" in machine.refuses("setup", "--uplink", "nonesuch")
    assert "vdsmbr" in machine.refuses("setup", "--uplink", "switchport")
    assert "no bridge" in machine.refuses("setup", "--uplink-bridge", "nonesuch")
    assert "own uplink" in machine.refuses("setup", "--uplink-bridge", "br-int")
    assert "15 characters" in machine.refuses("setup", "--bridge", "a-name-of-16-lon")
    assert "token" in machine.refuses("setup", "--provider", "http://127.0.0.1:9")
    assert "http" in machine.refuses("setup", "--provider", "ftp://x")
    assert "cannot read" in machine.refuses("setup", "--token-file", str(tmp_path / "nonesuch"))
    assert "IP" in machine.refuses("setup", "--manager", "ptcp:6640")
    assert "pssl" in machine.refuses("setup", "--manager", "nonsense")
    assert "--private-key" in machine.refuses("setup", "--manager", "pssl:6640")
    assert "go together" in machine.refuses("setup", "--private-key", "/x")


def test_a_patch_to_vdsms_bridge(machine: Machine) -> None:
    """The pair is made, again changes nothing, and what VDSM has stays."""
    machine.network.vsctl("add-br", "vdsmbr", "--", "set", "Bridge", "vdsmbr", "datapath_type=netdev")
    machine.network.vsctl("add-port", "vdsmbr", "switchport")
    arguments = ["setup", "--datapath-type", "netdev", "--uplink-bridge", "vdsmbr"]
    assert "did    patch" in machine.does(*arguments)
    assert "ok     patch" in machine.does(*arguments)
    assert machine.network.vsctl("get", "Interface", "oq-to-vdsmbr", "options:peer") == "oq-from-vdsmbr"
    assert machine.network.vsctl("list-ports", "vdsmbr").split() == ["oq-from-vdsmbr", "switchport"]
    assert "FAIL" not in machine.does("check")


def test_the_provider_gets_in_over_tls_and_other_managers_stay(machine: Machine, authority: Authority) -> None:
    """A real TLS connection to the database, with keys of the site's CA; OVN's or VDSM's manager is untouched."""
    machine.network.vsctl("set-manager", "ptcp:6632:127.0.0.1")
    certificate, key = map(str, authority.issue("host1.example.org"))
    keys = ["--private-key", key, "--certificate", certificate, "--ca-cert", str(authority.ca_file)]
    arguments = ["setup", "--datapath-type", "netdev", "--manager", "pssl:6640:127.0.0.1", *keys]
    machine.does(*arguments)
    assert "ok     manager" in machine.does(*arguments)
    assert machine.network.vsctl("get-manager").split() == ["pssl:6640:127.0.0.1", "ptcp:6632:127.0.0.1"]
    other, other_key = map(str, authority.issue("provider.example.org"))
    tls = ["--db=ssl:127.0.0.1:6640", "-p", other_key, "-c", other, "-C", str(authority.ca_file), "--timeout=5"]
    assert "br-int" in run("ip", "netns", "exec", machine.network.name, "ovs-vsctl", *tls, "list-br")
    mine = ["--private-key", other_key, "--certificate", other, "--ca-cert", str(authority.ca_file)]
    assert certificate in machine.refuses("setup", *mine)


def test_check_names_what_is_wrong(machine: Machine, tmp_path: Path) -> None:
    """Each fault by itself, with what to do."""
    assert "setup" in machine.finds()
    machine.does(*machine.setup_arguments(tmp_path))
    script = machine.root / "usr/libexec/vdsm/hooks/before_nic_hotplug/50_ovirt_quantum"
    script.write_text("#!/bin/sh\n")
    assert str(script) in machine.finds()
    script.unlink()
    assert str(script) in machine.finds()
    machine.does(*machine.setup_arguments(tmp_path))
    machine.provider.refusal = (401, "no")
    assert "token" in machine.finds()
    machine.provider.refusal = (503, "no")
    assert "cannot serve" in machine.finds()
    machine.provider.refusal = None
    machine.network.vsctl("del-br", "br-int")
    assert "bridge br-int is missing" in machine.finds()


def test_check_of_a_host_whose_switch_is_dead(machine: Machine, tmp_path: Path) -> None:
    """The database still answers, nobody obeys it: said within seconds."""
    machine.does(*machine.setup_arguments(tmp_path))
    machine.network.stop_vswitchd()
    assert "ovs-vswitchd does not run" in machine.finds()
    assert "ovs-vswitchd does not run" in machine.refuses("setup", "--uplink-bridge", "other")


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
    machine.network.vsctl(
        *("add-port", "br-int", "vnet0", "--", "set", "Interface", "vnet0", "type=internal"),
        f'external_ids:iface-id="{PORT}"',
    )
    assert "vnet0" in machine.refuses("plug", PORT)
    assert "VM" in machine.refuses("unplug", PORT)
    machine.provider.add(PORT, 100, bridge="br-other")
    assert "br-other" in machine.refuses("plug", PORT, "--mac", "56:6f:00:00:00:01")


def test_a_host_without_vdsm(machine: Machine, tmp_path: Path) -> None:
    """A lab or a bare machine: everything but the hooks, and it says so."""
    (machine.root / "usr/libexec/vdsm/hooks").rmdir()
    assert "no VDSM" in machine.does(*machine.setup_arguments(tmp_path))
    assert "FAIL" not in machine.does("check")


def test_wrong_arguments_are_explained(machine: Machine) -> None:
    """Exit code 2 and the usage, as every command does."""
    for arguments in ([], ["dance"], ["plug"], ["setup", "--uplink", "a", "--uplink-bridge", "b"]):
        done = machine.call(*arguments)
        assert done.returncode == 2
        assert "usage: ovirt-quantum-host" in done.stderr
