"""ovirt-quantum-host setup and check, on a host with a real Open vSwitch."""

import grp
import json
from pathlib import Path

import pytest

from .certificates import Authority
from .conftest import PYTHONS, interpreter
from .machine import HOOKS, Machine
from .open_vswitch import run
from .provider import TOKEN

HOOK_FILES = {
    "before_device_create": "before_device_create",
    "before_nic_hotplug": "before_device_create",
    "after_get_caps": "after_get_caps",
}


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
    machine.does("setup", "--bridge", "br-new", "--datapath-type", "netdev")
    machine.does("setup", "--host-id", "host1.example.org")
    assert conf.read_text() == before.replace("br-int", "br-new")


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
    for name in ("host.conf", "host.token"):
        (machine.root / "etc/ovirt-quantum" / name).chmod(0o600)
        assert f"VDSM may not read {machine.root}/etc/ovirt-quantum/{name}" in machine.finds()
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


def test_a_host_without_vdsm(machine: Machine, tmp_path: Path) -> None:
    """A lab or a bare machine: everything but the hooks, and it says so."""
    (machine.root / "usr/libexec/vdsm/hooks").rmdir()
    assert "no VDSM" in machine.does(*machine.setup_arguments(tmp_path))
    assert "FAIL" not in machine.does("check")


@pytest.mark.parametrize("verb", ["setup", "check", "plug", "unplug"])
def test_every_verb_explains_itself(machine: Machine, verb: str) -> None:
    """What it does, before what it takes."""
    usage, description, *_ = machine.does(verb, "--help").split("\n\n")
    assert usage.startswith(f"usage: ovirt-quantum-host {verb}")
    assert len(description.split()) > 10


def test_wrong_arguments_are_explained(machine: Machine) -> None:
    """Exit code 2 and the usage, as every command does."""
    for arguments in ([], ["dance"], ["plug"], ["setup", "--uplink", "a", "--uplink-bridge", "b"]):
        done = machine.call(*arguments)
        assert done.returncode == 2
        assert "usage: ovirt-quantum-host" in done.stderr
