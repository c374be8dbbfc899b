"""ovirt-quantum-host setup and check on a host of OVN's. With a running ovn-controller: tests/ovn and the demo."""

import json

import pytest

from .certificates import Authority
from .machine import Machine

REMOTE = "tcp:127.0.0.1:6642"
ARGUMENTS = ["setup", "--datapath-type", "netdev", "--ovn-remote", REMOTE, "--tunnel-address", "192.0.2.7"]
MAPPING = ["--bridge-mapping", "physnet1:br-ex"]


@pytest.fixture
def host(machine: Machine) -> Machine:
    """It has the address for tunnels."""
    machine.network.ip("address", "add", "192.0.2.7/24", "dev", "lo")
    return machine


def external_ids(host: Machine) -> dict[str, str]:
    """What ovn-controller reads."""
    rows = json.loads(host.network.vsctl("--format=json", "--columns=external_ids", "list", "Open_vSwitch"))
    found: dict[str, str] = dict(rows["data"][0][0][1])
    return found


def test_a_host_becomes_ovns(host: Machine) -> None:
    """All that ovn-controller needs, and the wire behind its mapping; once more changes nothing."""
    arguments = [*ARGUMENTS, *MAPPING, "--uplink", "wire"]
    assert {line.split()[0] for line in host.does(*arguments).splitlines()} == {"did"}
    assert external_ids(host) == {
        "system-id": "chassis-7",
        "ovirt-quantum-host": "ovn",
        "ovn-remote": REMOTE,
        "ovn-encap-type": "geneve",
        "ovn-encap-ip": "192.0.2.7",
        "ovn-bridge": "br-int",
        "ovn-bridge-mappings": "physnet1:br-ex",
        "ovn-bridge-datapath-type": "netdev",
    }
    assert host.network.vsctl("port-to-br", "wire") == "br-ex"
    assert host.network.vsctl("get-fail-mode", "br-int") == "secure"
    assert {line.split()[0] for line in host.does(*arguments).splitlines()} == {"ok"}


def test_what_was_not_named_again_stays_ovns(host: Machine) -> None:
    """A later run changes what it names: another remote, a mapping more."""
    host.does(*ARGUMENTS)
    host.does("setup", "--ovn-remote", "tcp:127.0.0.1:6643")
    host.does("setup", "--datapath-type", "netdev", *MAPPING)
    ids = external_ids(host)
    assert (ids["ovn-remote"], ids["ovn-encap-ip"]) == ("tcp:127.0.0.1:6643", "192.0.2.7")
    assert ids["ovn-bridge-mappings"] == "physnet1:br-ex"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--ovn-remote", REMOTE], "needs --tunnel-address too"),
        (["--tunnel-address", "192.0.2.7"], "needs --ovn-remote too"),
        ([*ARGUMENTS[3:5], "--tunnel-address", "192.0.2.8"], "no device has the address 192.0.2.8"),
        (["--ovn-remote", "nonsense", *ARGUMENTS[5:]], "no southbound database"),
        (["--ovn-remote", "ssl:192.0.2.1:6642", *ARGUMENTS[5:]], "--private-key"),
        ([*ARGUMENTS[3:], "--host-id", "another"], "leave --host-id out"),
        ([*ARGUMENTS[3:], "--bridge-mapping", "nonsense:"], "legal device name"),
        ([*ARGUMENTS[3:], "--bridge-mapping", ":br-ex"], "no bridge mapping"),
        ([*ARGUMENTS[3:], "--uplink", "wire"], "--bridge-mapping"),
    ],
)
def test_impossible_wishes(host: Machine, arguments: list[str], words: str) -> None:
    """Each is refused before anything is done."""
    assert words in host.refuses("setup", "--datapath-type", "netdev", *arguments)
    assert set(external_ids(host)) == {"system-id"}


def test_another_ovns_host_is_left_to_it(host: Machine) -> None:
    """Who set it up is not known; what it is part of is."""
    host.network.vsctl("set", "Open_vSwitch", ".", 'external_ids:ovn-remote="ssl:192.0.2.1:6642"')
    assert "belongs to the OVN at ssl:192.0.2.1:6642" in host.refuses(*ARGUMENTS)


def test_tls_with_keys_of_the_same_run(host: Machine, authority: Authority) -> None:
    """ovn-controller takes them from Open vSwitch's own table."""
    certificate, key = map(str, authority.issue("host1.example.org"))
    keys = ["--private-key", key, "--certificate", certificate, "--ca-cert", str(authority.ca_file)]
    host.does("setup", "--datapath-type", "netdev", "--ovn-remote", "ssl:127.0.0.1:6642", *ARGUMENTS[5:], *keys)
    assert external_ids(host)["ovn-remote"] == "ssl:127.0.0.1:6642"


def test_check_says_what_is_wrong_with_ovn(host: Machine) -> None:
    """Each fault by itself: here ovn-controller does not run."""
    host.does(*ARGUMENTS, *MAPPING)
    assert "start its service" in host.finds()
    host.network.vsctl("del-br", "br-ex")
    assert "bridge br-ex is missing" in host.finds()
    host.network.ip("address", "del", "192.0.2.7/24", "dev", "lo")
    assert "no device has the tunnel address 192.0.2.7" in host.finds()
