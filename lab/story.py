"""The story: what the product is for, told on real parts. Each step is a function; its docstring is what it shows."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from lab.command import wait_until
from lab.engine.errors import EngineError
from lab.engine.inventory import Vnic
from lab.errors import LabError
from lab.host import Host
from lab.migration import migrate
from lab.stage import Player, Stage
from lab.traffic import Sniffer
from lab.vdsm.hooks import HookError

MAC = {"a": "56:6f:00:00:00:0a", "b": "56:6f:00:00:00:0b", "c": "56:6f:00:00:00:0c"}
CIDR = "10.0.0.0/24"
PROBE_MAC = "56:6f:00:00:00:0d"
CONVERGED_S = 60.0


@dataclass(frozen=True)
class Told:
    """A step that was shown: its claim and what was measured."""

    claim: str
    measured: str


On = TypeVar("On", bound=Stage, contravariant=True)
S = TypeVar("S", bound=Stage)


@dataclass(frozen=True)
class Step(Generic[On]):
    """What is claimed, and the function that shows it and returns what it measured. It raises LabError."""

    claim: str
    show: Callable[[On], str]


def tell(stage: S, steps: Sequence[Step[S]], progress: Callable[[str], None]) -> list[Told]:
    """Shows the steps in order. Raises LabError at the first that fails, with its claim."""
    told = []
    for step in steps:
        progress(step.claim)
        try:
            told.append(Told(step.claim, step.show(stage)))
        except (LabError, EngineError, HookError) as error:
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
    host1, host2, *_ = stage.datacentre.hosts
    a = stage.start("a", "blue", MAC["a"], host1)
    a.vm.wait_for_boot()
    began = time.monotonic()
    b = stage.start("b", "blue", MAC["b"], host2)
    plugged = time.monotonic() - began
    b.vm.wait_for_boot()
    wait_until(lambda: b.vm.ping(a.address, count=1) == 1, "b does not reach a", CONVERGED_S)
    first_ping = time.monotonic() - began
    wait_until(lambda: a.vm.ping(b.address, count=5, interval=0.2) == 5, "a does not reach b", CONVERGED_S)
    return (
        f"{first_ping:.1f} s from the engine's first call to the first ping ({plugged:.2f} s of it until QEMU ran, "
        "the rest is the guest's boot without KVM)"
    )


def other_network_hears_nothing(stage: Stage) -> str:
    """c has b's address on red."""
    host = stage.datacentre.hosts[1]
    b = stage.players["b"]
    stage.allocate(Vnic("nic1", MAC["a"], stage.networks["red"]), host)  # takes a's address, so that c gets b's
    c = stage.start("c", "red", MAC["c"], host)
    if c.address != b.address:
        raise LabError(f"c got {c.address}, not {b.address} as b: the networks' addresses are not apart")
    c.vm.wait_for_boot()
    return networks_are_apart(stage)


def networks_are_apart(stage: Stage) -> str:
    """b and c listen to every frame while a shouts on blue, and a device without a VM, on a's host, is on red."""
    a, b, c = (stage.players[name].vm for name in "abc")
    shared = stage.players["c"].address
    with stage.probe("red", PROBE_MAC, a.host) as probe, Sniffer(b) as at_b, Sniffer(c) as at_c:
        a.execute("arping -c 3 -b -I eth0 10.0.0.99", check=False)
        a.ping(shared)
        c.ping(probe)
    blue, red = (MAC["a"], MAC["b"]), (MAC["c"], PROBE_MAC)
    if wrong := at_c.heard(*blue) + at_b.heard(*red):
        raise LabError(f"blue and red hear each other: {wrong} frames")
    if not at_b.heard(MAC["a"]) or not at_c.heard(PROBE_MAC):
        raise LabError("this proves nothing: b does not hear a, or c nobody on red")
    return (
        f"c heard 0 frames of blue and {at_c.heard(PROBE_MAC)} of red, b heard {at_b.heard(MAC['a'])} of blue and "
        f"0 of red; both are {shared}"
    )


def vm_migrates(stage: Stage) -> str:
    """Sequence-numbered UDP both ways; the engine's word comes only afterwards."""
    to = stage.datacentre.hosts[1]
    measured = migrate(stage, to)
    measured.check(stage.least_migration_s)
    a = stage.players["a"]
    stage.migrated(a)
    _wait_for(stage, a, to)
    return str(measured)


def vm_migrates_without_provider(stage: Stage) -> str:
    """Nothing of ours is in the packet path, and the tag is in the domain's XML."""
    stage.provider.kill()
    measured = migrate(stage, stage.datacentre.hosts[0])
    measured.check(stage.least_migration_s)
    if stage.provider.answers():
        raise LabError("this proves nothing: the provider answers")
    return str(measured)


def provider_comes_back(stage: Stage) -> str:
    """Nobody tells it where the VM is now, nor that its tag was changed meanwhile: it looks."""
    a, b = stage.players["a"], stage.players["b"]
    right = stage.tag(a)
    stage.rewire(a, "set", "tag=4000")
    if a.vm.ping(b.address):
        raise LabError("this proves nothing: a reaches b with a wrong tag")
    began = time.monotonic()
    stage.provider.start()
    _wait_for(stage, a, a.vm.host)
    wait_until(lambda: stage.tag(a) == right, "the tag stays wrong", CONVERGED_S)
    took = time.monotonic() - began
    wait_until(lambda: a.vm.ping(b.address, count=1) == 1, "a does not reach b", CONVERGED_S)
    return f"{took:.1f} s after its start it shows a ACTIVE on {a.vm.host.name}, and tag 4000 became {right} again"


def wrong_tag_is_put_right(stage: Stage) -> str:
    """A wrong one, and none at all, which would make the port a trunk of all VLANs."""
    a, b = stage.players["a"], stage.players["b"]
    right = stage.tag(a)
    took = [_repaired_s(stage, a, right, how) for how in (("set", "tag=4000"), ("clear", "tag"))]
    wait_until(lambda: a.vm.ping(b.address, count=1) == 1, "a does not reach b", CONVERGED_S)
    return f"tag 4000 became {right} again after {took[0] * 1000:.0f} ms, a missing one after {took[1] * 1000:.0f} ms"


def _repaired_s(stage: Stage, player: Player, right: str, how: Sequence[str]) -> float:
    began = time.monotonic()
    stage.rewire(player, *how)
    wait_until(lambda: stage.tag(player) == right, f"the tag stays wrong after {how}", CONVERGED_S)
    return time.monotonic() - began


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
    Step("a tag changed or taken away by hand is put right", wrong_tag_is_put_right),
)
