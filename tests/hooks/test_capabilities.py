"""The host's binding id among the capabilities that VDSM reports."""

import json
from pathlib import Path

import pytest

from .conftest import Host
from .machine import HOOKS
from .vdsm import Ran

CAPS = {"cpuCores": "2", "openstack_binding_host_ids": {"OVIRT_PROVIDER_OVN": "chassis-1"}, "hostname": "hôst"}


def ids(ran: Ran) -> dict[str, str]:
    """What the engine stores."""
    found: dict[str, str] = json.loads(ran.data)["openstack_binding_host_ids"]
    return found


def ovs_vsctl(host: Host, script: str) -> str:
    """A mount command that makes /usr/bin/ovs-vsctl run `script` (a shell's) instead."""
    path = host.etc / "fake-ovs-vsctl"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return f"/usr/bin/mount --bind {path} /usr/bin/ovs-vsctl"


def test_our_id_is_merged(host: Host) -> None:
    """Other plugins' ids and all other capabilities stay."""
    host.configure("provider = http://127.0.0.1:9", "token = x", "host_id = host1.example.org")
    ran = host.capabilities(json.dumps(CAPS))
    assert (ran.code, ran.words) == (0, "")
    assert ids(ran) == {"OVIRT_PROVIDER_OVN": "chassis-1", "OVIRT_QUANTUM": "host1.example.org"}
    assert {**json.loads(ran.data), "openstack_binding_host_ids": None} == {
        **CAPS,
        "openstack_binding_host_ids": None,
    }


def test_the_first_hook_makes_the_key(host: Host) -> None:
    """Nobody reported an id before."""
    host.configure("host_id = h")
    assert ids(host.capabilities('{"cpuCores": "2"}')) == {"OVIRT_QUANTUM": "h"}


def test_open_vswitch_names_the_host(host: Host) -> None:
    """Without host_id the id is the chassis', asked in exactly the words that sudoers allows."""
    host.configure("bridge = br-int")
    mount = ovs_vsctl(host, 'echo "$@" > /etc/ovirt-quantum/argv; env > /etc/ovirt-quantum/env; echo \'"c0ffee-1"\'')
    assert ids(host.capabilities("{}", mount)) == {"OVIRT_QUANTUM": "c0ffee-1"}
    allowed = (HOOKS / "sudoers.d/50_vdsm_hook_ovirt_quantum").read_text().replace("\\", "")
    argv = (host.etc / "argv").read_text().strip()
    assert allowed == f"vdsm ALL=(ALL) NOPASSWD: /usr/bin/ovs-vsctl {argv}\n"
    assert "PYTHONPATH" not in (host.etc / "env").read_text()


@pytest.mark.parametrize(
    "script", ["echo 'database connection failed' >&2; exit 1", "echo", "echo two words", "echo '\"\"'"]
)
def test_an_unknown_id_is_not_guessed(host: Host, script: str) -> None:
    """Open vSwitch is down or names no id: nothing reported, one line, the other hooks run on."""
    host.configure()
    ran = host.capabilities(json.dumps(CAPS), ovs_vsctl(host, script))
    assert (ran.code, ran.words.count("\n")) == (0, 1)
    assert json.loads(ran.data) == CAPS


def test_a_hung_open_vswitch_is_given_up(patient_host: Host) -> None:
    """VDSM would wait for ever."""
    patient_host.configure()
    ran = patient_host.capabilities("{}", ovs_vsctl(patient_host, "exec sleep 20"))
    assert (ran.code, ran.words.count("\n"), ran.data) == (0, 1, "{}")


def test_a_host_that_was_not_set_up_reports_nothing(host: Host) -> None:
    """And says what to do."""
    ran = host.capabilities("{}")
    assert (ran.code, ran.data) == (0, "{}")
    assert "ovirt-quantum-host setup" in ran.words


def test_an_illegal_host_id_is_not_reported(host: Host) -> None:
    """A mistyped host.conf does not become a binding."""
    host.configure("host_id = two words")
    ran = host.capabilities("{}")
    assert (ran.code, ran.data) == (0, "{}")
    assert "two words" in ran.words


@pytest.mark.parametrize("data", ["", "{", "[]", "null", '{"openstack_binding_host_ids": []}', "[" * 90000])
def test_strange_capabilities_are_left_alone(host: Host, data: str) -> None:
    """Exit code 1: said, and the other hooks still run."""
    host.configure("host_id = h")
    ran = host.capabilities(data)
    assert (ran.code, ran.words.count("\n"), ran.data) == (1, 1, data)
    assert "Traceback" not in ran.words


def test_the_sudoers_file_is_well_formed() -> None:
    """As visudo judges; sudo refuses to work at all with a broken file."""
    import shutil
    import subprocess

    visudo = shutil.which("visudo")
    if not visudo:
        pytest.skip("visudo is not here")
    file = Path(HOOKS, "sudoers.d/50_vdsm_hook_ovirt_quantum")
    subprocess.run([visudo, "-c", "-f", str(file)], check=True, capture_output=True, timeout=10)
