"""The story: what the product is for, told on real parts. Each step is a function; its docstring is what it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from lab.command import wait_until
from lab.engine.inventory import Vnic
from lab.errors import LabError
from lab.host import Host
from lab.stage import Player, Stage
from lab.traffic import Direction, Exchange, Sniffer

MAC = {"a": "56:6f:00:00:00:0a", "b": "56:6f:00:00:00:0b", "c": "56:6f:00:00:00:0c"}
CIDR = "10.0.0.0/24"
MOST_LOST_PERCENT = 1.0
"""More than that in a migration fails the story."""
CONVERGED_S = 30.0


@dataclass(frozen=True)
class Told:
    """A step that was shown: its claim and what was measured."""

    claim: str
    measured: str


@dataclass(frozen=True)
class Step:
    """What is claimed, and the function that shows it and returns what it measured. It raises LabError."""

    claim: str
    show: Callable[[Stage], str]


def tell(stage: Stage, steps: Sequence[Step], progress: Callable[[str], None]) -> list[Told]:
    """Shows the steps in order. Raises LabError at the first that fails, with its claim."""
    told = []
    for step in steps:
        progress(step.claim)
        try:
            told.append(Told(step.claim, step.show(stage)))
        except LabError as error:
            raise LabError(f"not shown: {step.claim}: {error}") from error
        progress(f"  {told[-1].measured}")
    return told


def provider_starts(stage: Stage) -> str:
    """The service, on SQLite, with TLS."""
    began = time.monotonic()
    stage.provider.start()
    with stage.datacentre.central.entered():
        stage.engine.test_connection()
    return f"the engine's connection test passes {time.monotonic() - began:.1f} s after the start"


def hosts_are_set_up(stage: Stage) -> str:
    """`ovirt-quantum-host setup`, twice: it is re-runnable; then the inventory."""
    for host in stage.datacentre.hosts:
        stage.set_up_host(host)
        stage.set_up_host(host)
        stage.declare_host(host)
    return f"{len(stage.datacentre.hosts)} hosts, hooks installed, after_get_caps run"


def networks_are_created(stage: Stage) -> str:
    """A plain POST is all that the engine sends: the VLANs come from the pool."""
    with stage.datacentre.central.entered():
        for name in ("blue", "red"):
            stage.networks[name] = network = stage.engine.create_network(name)
            stage.engine.add_subnet(network.external_id or "", name, CIDR, 4)
    token = stage.provider.log_in("admin")
    networks = stage.provider.call("GET", "/v2.0/networks", token=token)["networks"]
    vlans = {network["name"]: network["provider:segmentation_id"] for network in networks}
    if vlans["blue"] == vlans["red"]:
        raise LabError(f"both networks got VLAN {vlans['blue']}")
    return f"blue is VLAN {vlans['blue']}, red is VLAN {vlans['red']}"


def vms_reach_each_other(stage: Stage) -> str:
    """From the engine's first call for b to the first ping through both hosts."""
    host1, host2 = stage.datacentre.hosts
    a = stage.start("a", "blue", MAC["a"], host1)
    a.vm.wait_for_boot()
    began = time.monotonic()
    b = stage.start("b", "blue", MAC["b"], host2)
    plugged = time.monotonic() - began
    b.vm.wait_for_boot()
    wait_until(lambda: b.vm.ping(a.address, count=1) == 1, "b does not reach a", CONVERGED_S)
    first_ping = time.monotonic() - began
    if a.vm.ping(b.address, count=5, interval=0.2) != 5:
        raise LabError("a does not reach b")
    return (
        f"{first_ping:.1f} s from the engine's first call to the first ping ({plugged:.2f} s of it until QEMU ran, "
        "the rest is the guest's boot without KVM)"
    )


def other_network_hears_nothing(stage: Stage) -> str:
    """c has b's address on red; it listens to every frame while a shouts."""
    host = stage.datacentre.hosts[1]
    a, b = stage.players["a"], stage.players["b"]
    stage.allocate(Vnic("nic1", MAC["a"], stage.networks["red"]), host)  # takes a's address, so that c gets b's
    c = stage.start("c", "red", MAC["c"], host)
    if c.address != b.address:
        raise LabError(f"c got {c.address}, not {b.address} as b: the networks' addresses are not apart")
    c.vm.wait_for_boot()
    with Sniffer(c.vm) as sniffer, Sniffer(b.vm) as control:
        a.vm.execute("arping -c 3 -b -I eth0 10.0.0.99", check=False)
        a.vm.ping(b.address)
    if not control.frames.get(MAC["a"]):
        raise LabError("the test proves nothing: b heard nothing of a either")
    heard = sniffer.frames.get(MAC["a"], 0) + sniffer.frames.get(MAC["b"], 0)
    if heard:
        raise LabError(f"c on red heard {heard} frames of blue")
    return f"c heard 0 frames of blue, b heard {control.frames[MAC['a']]} of a; both are {b.address}"


def vm_migrates(stage: Stage) -> str:
    """Sequence-numbered UDP both ways; the engine's word comes only afterwards."""
    to = stage.datacentre.hosts[1]
    measured = _migrate(stage, to)
    a = stage.players["a"]
    stage.migrated(a)
    _wait_for(stage, a, to)
    return measured


def vm_migrates_without_provider(stage: Stage) -> str:
    """Nothing of ours is in the packet path, and the tag is in the domain's XML."""
    stage.provider.kill()
    return _migrate(stage, stage.datacentre.hosts[0])


def provider_comes_back(stage: Stage) -> str:
    """Nobody tells it where the VM is now: it looks."""
    began = time.monotonic()
    stage.provider.start()
    a = stage.players["a"]
    _wait_for(stage, a, a.vm.host)
    took = time.monotonic() - began
    if a.vm.ping(stage.players["b"].address) == 0:
        raise LabError("a lost its network")
    return f"{took:.1f} s after its start it shows a ACTIVE on {a.vm.host.name}"


def wrong_tag_is_put_right(stage: Stage) -> str:
    """By nothing but the host's OVSDB."""
    a, b = stage.players["a"], stage.players["b"]
    right = stage.tag(a)
    host = a.vm.host
    began = time.monotonic()
    host.ovs_vsctl("set", "Port", host.interface_of(a.port_id), "tag=4000")
    wait_until(lambda: stage.tag(a) == right, "the tag stays wrong", CONVERGED_S)
    took = time.monotonic() - began
    wait_until(lambda: a.vm.ping(b.address, count=1) == 1, "a does not reach b", CONVERGED_S)
    return f"tag 4000 became {right} again after {took * 1000:.0f} ms"


def _migrate(stage: Stage, to: Host) -> str:
    a, b = stage.players["a"], stage.players["b"]
    with (
        ThreadPoolExecutor(1) as thread,
        Exchange(a.vm, a.address, b.vm, b.address) as exchange,
    ):
        took = thread.submit(a.vm.migrate, to, bandwidth_mib=stage.migration_mib).result()
        time.sleep(2)  # what comes just after the hand-over counts too
    report = exchange.report
    for name, direction in (("a to b", report.forth), ("b to a", report.back)):
        _check_loss(name, direction)
    return f"{took:.0f} s; a to b: {report.forth}; b to a: {report.back}"


def _check_loss(name: str, direction: Direction) -> None:
    if direction.sent == 0 or direction.loss_percent > MOST_LOST_PERCENT:
        raise LabError(f"too much was lost from {name}: {direction}")


def _wait_for(stage: Stage, player: Player, host: Host) -> None:
    def there() -> bool:
        port = stage.port(player)
        return bool(port["status"] == "ACTIVE" and port["observed_hosts"] == [host.name])

    wait_until(there, f"the provider does not see {player.name} on {host.name}", CONVERGED_S)


OPENING = (
    Step("the provider starts, makes its database and its accounts", provider_starts),
    Step("hosts are set up and report their binding id", hosts_are_set_up),
    Step("the engine creates the networks blue and red, with the same addresses", networks_are_created),
    Step("VMs a (host1) and b (host2) start on blue: the hook plugs them, a reaches b", vms_reach_each_other),
    Step("a never reaches c on red, which has the address of b", other_network_hears_nothing),
)
"""What `make lab` leaves up."""

STORY = (
    *OPENING,
    Step("a migrates live to host2 under traffic, its memory changing", vm_migrates),
    Step("a migrates back while the provider is dead (kill -9)", vm_migrates_without_provider),
    Step("the provider is started again and converges", provider_comes_back),
    Step("a tag changed by hand is put right", wrong_tag_is_put_right),
)
