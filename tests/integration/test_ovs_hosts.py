"""The ovs plugin and its hosts: dialling, TLS, hosts that hang or are gone, and what the core is told."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from ovirt_quantum.model import Host
from ovirt_quantum.plugin import Context, Observed
from ovirt_quantum_ovs import OvsPlugin

from tests.contract.core import Core, ref
from tests.contract.ovs_host import OvsHost, OvsHosts, declared, unique_prefix, until
from tests.contract.ports import desired_port
from tests.hooks.certificates import Authority

pytestmark = pytest.mark.root
DEPLOYMENT = "11111111-1111-4111-8111-111111111111"
PORT = desired_port(1)
ID = PORT.port.id
OTHER = desired_port(2).port.id
"""Nobody's: no deployment has marked it."""


@pytest.fixture(scope="module")
def ovs_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OvsHost, OvsHost]]:
    folder = tmp_path_factory.mktemp("ovs")
    with OvsHost("d1", folder, unique_prefix()) as first, OvsHost("d2", folder, unique_prefix()) as second:
        yield first, second


@pytest.fixture
def hosts(ovs_hosts: tuple[OvsHost, OvsHost]) -> Iterator[tuple[OvsHost, OvsHost]]:
    yield ovs_hosts
    for host in ovs_hosts:
        host.start_ovsdb()
        host.clear()


@pytest.fixture
def core(hosts: tuple[OvsHost, OvsHost]) -> Iterator[Core]:
    core = Core(OvsHosts(*hosts), DEPLOYMENT)
    yield core
    core.plugin.close()


def test_a_port_is_seen_to_come_up_and_go(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """The core learns on which host the port is, that it is up, that its link went down, and that it is gone."""
    core.apply(PORT)
    vm = hosts[0].plug(ID, "vm1")
    core.settle(lambda: core.seen.get(ref(PORT)) == Observed(ref(PORT), ("d1",), up=True))
    vm.netns.ip("link", "set", "dev", "eth0", "down")
    core.settle(lambda: core.seen[ref(PORT)] == Observed(ref(PORT), ("d1",), up=False))
    vm.destroy()
    core.settle(lambda: core.seen[ref(PORT)] == Observed(ref(PORT)))


def test_a_migration_is_seen_on_both_hosts(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """While memory is copied the port is on two hosts, wired right on both; then on the new one alone."""
    core.apply(PORT)
    source = hosts[0].plug(ID, "vm1")
    core.settle(lambda: ref(PORT) in core.seen)
    hosts[1].plug(ID, "vm1")
    core.settle(lambda: core.seen[ref(PORT)] == Observed(ref(PORT), ("d1", "d2"), up=True))
    core.settle(lambda: [host.row("Port", "vm1")["tag"] for host in hosts] == [101, 101])
    source.destroy()
    core.settle(lambda: core.seen[ref(PORT)] == Observed(ref(PORT), ("d2",), up=True))


def test_a_removed_port_whose_vm_migrates_is_cut_off_there_as_well(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """libvirt makes the interface anew, with its old VLAN and without our mark, but with its PortData."""
    core.apply(PORT)
    source = hosts[0].plug(ID, "vm1")
    core.settle(lambda: list(core.plugin.present()) == [ref(PORT)])
    core.remove(ID)
    carried = hosts[0].row("Interface", "vm1")["external_ids"]["PortData"]
    hosts[1].plug(ID, "vm1", tag=101)
    hosts[1].plug(OTHER, "vm2", tag=101)
    hosts[1].vsctl("set", "Interface", "vm1", f'external_ids:PortData="{carried}"')
    source.destroy()
    core.settle(lambda: list(core.plugin.present()) == [ref(PORT)])
    core.remove(ID, OTHER)
    assert list(core.plugin.present()) == []
    assert hosts[1].row("Interface", "vm1")["type"] == "patch"
    assert hosts[1].row("Interface", "vm2")["type"] == ""


def test_a_vm_restarted_elsewhere_is_no_longer_on_the_dead_host(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """A host out of reach counts only until another one has the port; the port's changes then succeed."""
    core.apply(PORT)
    hosts[0].plug(ID, "vm1")
    core.settle(lambda: ref(PORT) in core.seen and core.seen[ref(PORT)].up)
    hosts[0].kill_ovsdb()
    core.settle(lambda: "host d1: it is out of reach" in str(core.apply(PORT)[ID].error))
    assert core.seen[ref(PORT)].hosts == ("d1",)
    hosts[1].plug(ID, "vm1")
    core.settle(lambda: core.seen[ref(PORT)].hosts == ("d2",))
    assert core.apply(PORT)[ID].error is None


def test_a_host_that_hangs_delays_apply_by_its_bound_only(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """A database that accepts and says nothing costs the timeout, and only the ports that are there."""
    other = desired_port(2)
    core.apply(PORT, other)
    hosts[0].plug(ID, "vm1")
    hosts[1].plug(other.port.id, "vm2")
    core.settle(lambda: {ref(PORT), ref(other)} <= set(core.plugin.present()))
    hosts[0].freeze_ovsdb()
    try:
        begun = time.monotonic()
        outcomes = core.apply(desired_port(1, admin_state_up=False), desired_port(2, admin_state_up=False))
        assert time.monotonic() - begun < 4
    finally:
        hosts[0].thaw_ovsdb()
    assert outcomes[ID].error == "host d1: its Open vSwitch database does not answer"
    assert outcomes[other.port.id].error is None
    assert hosts[1].row("Interface", "vm2")["type"] == "patch"


def test_a_host_that_hears_of_ports_late_converges(hosts: tuple[OvsHost, OvsHost]) -> None:
    """Dead when the port was changed and when the provider started, it is put right when it returns."""
    hosts[0].plug(ID, "vm1", tag=999)
    hosts[0].kill_ovsdb()
    core = Core(OvsHosts(*hosts), DEPLOYMENT)
    assert core.apply(PORT)[ID].error is None  # nobody knows yet that it is there
    hosts[0].start_ovsdb()
    core.settle(lambda: hosts[0].row("Port", "vm1")["tag"] == 101, seconds=20)
    core.plugin.close()


def test_a_bound_port_on_a_host_out_of_reach_is_said_to_be_unknown(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """The port's reason tells that its host does not answer, which is no error of the port."""
    bound = desired_port(1, host_id="d1")
    hosts[0].kill_ovsdb()
    core.settle(lambda: bool(core.apply(bound)[ID].shortfall))
    assert core.apply(bound)[ID].shortfall == "host d1 is out of reach: whether it has the port is not known"


def test_a_dead_ovs_vswitchd_is_an_error(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """The database took the change, the switch did not: that is not realised."""
    core.apply(PORT)
    hosts[0].plug(ID, "vm1")
    core.settle(lambda: ref(PORT) in set(core.plugin.present()))
    with hosts[0].frozen_vswitchd():
        error = core.apply(desired_port(1, admin_state_up=False))[ID].error
    assert error == "host d1: ovs-vswitchd does not take up the change; see that it runs"


def test_a_host_taken_out_of_the_inventory_is_let_go(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """Its ports are no longer seen, nothing is written there, and its connection is closed."""
    core.apply(PORT)
    hosts[0].plug(ID, "vm1")
    core.settle(lambda: ref(PORT) in set(core.plugin.present()))
    core.plugin.hosts(declared(hosts[1]))
    assert core.seen[ref(PORT)] == Observed(ref(PORT))
    assert list(core.plugin.present()) == []
    until(lambda: not any(thread.name == "ovs-d1" for thread in threading.enumerate()), "the connection stays")
    hosts[0].vsctl("set", "Port", "vm1", "tag=4000")
    core.apply(PORT)
    assert hosts[0].row("Port", "vm1")["tag"] == 4000


def test_an_interface_on_the_wrong_bridge_is_an_error(core: Core, hosts: tuple[OvsHost, OvsHost]) -> None:
    """It is left alone, and the error names both bridges."""
    hosts[0].vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")
    hosts[0].plug(ID, "vm1", bridge="br-ex", tag=7)
    core.apply(PORT)
    core.settle(lambda: core.apply(PORT)[ID].error is not None)
    error = "host d1: interface vm1 is on bridge br-ex, its network on br-int; plug it anew"
    assert core.apply(PORT)[ID].error == error
    assert hosts[0].row("Port", "vm1")["tag"] == 7


def test_what_plain_ovs_cannot_do_is_said(core: Core) -> None:
    """Security groups and port security are accepted and named as not realised."""
    asked = desired_port(1, port_security_enabled=True, security_groups=["11111111-1111-4111-8111-111111111111"])
    shortfall = core.apply(asked)[ID].shortfall
    assert "security groups are not enforced" in shortfall
    assert "port security" in shortfall


def test_closing_ends_all_threads(hosts: tuple[OvsHost, OvsHost]) -> None:
    """A closed plugin leaves no thread and no file descriptor behind."""
    before = len(os.listdir("/proc/self/fd"))
    core = Core(OvsHosts(*hosts), DEPLOYMENT)
    core.settle(lambda: sum(thread.name.startswith("ovs-d") for thread in threading.enumerate()) == 2)
    core.plugin.close()
    del core
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ovs-d")]
    assert len(os.listdir("/proc/self/fd")) <= before


class TestTls:
    @pytest.fixture
    def port(self) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            return int(free.getsockname()[1])

    def serve(self, host: OvsHost, port: int, authority: Authority, ca: Path, name: str) -> None:
        certificate, key = authority.issue(name)
        host.kill_ovsdb()
        files = [f"--private-key={key}", f"--certificate={certificate}", f"--ca-cert={ca}"]
        host.start_ovsdb(f"--remote=pssl:{port}:127.0.0.1", *files)

    def dial(self, host: OvsHost, port: int, authority: Authority, ca: Path) -> Core:
        certificate, key = authority.issue("provider")
        files = {"private_key": str(key), "certificate": str(certificate), "ca_cert": str(ca)}
        core = Core(OvsHosts(**files), DEPLOYMENT)
        core.plugin.hosts([Host(name=host.name, ovsdb=f"ssl:localhost:{port}")])
        return core

    def test_a_host_is_reached_by_tls(self, hosts: tuple[OvsHost, OvsHost], port: int, tmp_path: Path) -> None:
        """By name, with certificates on both sides; a port is realised through it."""
        authority = Authority(tmp_path / "ca")
        self.serve(hosts[0], port, authority, authority.ca_file, "localhost")
        core = self.dial(hosts[0], port, authority, authority.ca_file)
        hosts[0].plug(ID, "vm1")
        core.apply(PORT)
        core.settle(lambda: hosts[0].row("Port", "vm1")["tag"] == 101)
        core.plugin.close()

    @pytest.mark.parametrize(
        ("name", "authority_of_host", "reason"),
        [
            ("other-host", "ca", "Hostname mismatch"),
            ("localhost", "stranger", "unable to get local issuer certificate"),
        ],
    )
    def test_a_host_that_is_another_is_not_spoken_to(
        self, hosts: tuple[OvsHost, OvsHost], port: int, tmp_path: Path, name: str, authority_of_host: str, reason: str,
        caplog: pytest.LogCaptureFixture,
    ) -> None:  # fmt: skip
        """A certificate for another name, or of another authority, is refused, and the log says why."""
        authority = Authority(tmp_path / "ca")
        issuer = authority if authority_of_host == "ca" else Authority(tmp_path / authority_of_host)
        self.serve(hosts[0], port, issuer, authority.ca_file, name)
        core = self.dial(hosts[0], port, authority, authority.ca_file)
        until(lambda: reason in caplog.text, f"the log does not say '{reason}'")
        hosts[0].plug(ID, "vm1", tag=7)
        core.apply(PORT)
        core.plugin.close()
        assert hosts[0].row("Port", "vm1")["tag"] == 7

    def test_a_host_that_never_shakes_hands_costs_nothing(
        self, hosts: tuple[OvsHost, OvsHost], port: int, tmp_path: Path
    ) -> None:
        """A peer that accepts and is silent is waited for without burning processor time."""
        authority = Authority(tmp_path / "ca")
        with socket.create_server(("127.0.0.1", port)):
            core = self.dial(hosts[0], port, authority, authority.ca_file)
            used, begun = time.process_time(), time.monotonic()
            time.sleep(2)
            assert (time.process_time() - used) / (time.monotonic() - begun) < 0.2
            core.plugin.close()


@pytest.mark.parametrize("remote", ["tcp:192.0.2.1:6640", "pssl:6640", "ssl:host", "192.0.2.1", "unix:relative"])
def test_an_address_that_may_not_be_dialled_is_explained(
    remote: str, hosts: tuple[OvsHost, OvsHost], caplog: pytest.LogCaptureFixture
) -> None:
    """Nothing is dialled in the clear over a network; the log names the address and what to write instead."""
    core = Core(OvsHosts(), DEPLOYMENT)
    core.plugin.hosts([Host(name="d9", ovsdb=remote), *declared(hosts[0])])
    until(lambda: f"'{remote}'" in caplog.text, "the log does not name it")
    hosts[0].plug(ID, "vm1")
    core.apply(PORT)
    core.settle(lambda: hosts[0].row("Port", "vm1")["tag"] == 101)
    core.plugin.close()


@pytest.mark.parametrize(
    ("settings", "named"),
    [
        ({"timeot": 3}, "timeot"),
        ({"timeout": 0}, "timeout"),
        ({"certificate": 5}, "certificate"),
        ({"certificate": "/c.pem"}, "private_key"),
        ({"certificate": "/c.pem", "private_key": "/k.pem", "ca_cert": "/nowhere.pem"}, "/nowhere.pem"),
    ],
)
def test_bad_settings_are_named(settings: dict[str, object], named: str) -> None:
    """A wrong key or file stops the start with its name."""
    with pytest.raises(ValueError, match=named):
        OvsPlugin(Context(DEPLOYMENT, settings, lambda observed: None, frozenset({"vlan", "flat"})))
