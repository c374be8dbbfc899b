"""The story under OVN: overlays, DHCP, security groups and slow migration. Each step's docstring is what it shows."""

from __future__ import annotations

import time

from lab.command import wait_until
from lab.errors import LabError
from lab.migration import MOST_LOST_PERCENT
from lab.ovn_migration import WatchedMigration, migrate_watched
from lab.ovn_stage import OvnStage
from lab.story import (
    CIDR,
    CONVERGED_S,
    Step,
    other_network_hears_nothing,
    provider_starts,
    vms_reach_each_other,
)

ALLOWED, FORBIDDEN = 80, 81
"""TCP ports on which b listens."""


def ovn_starts(stage: OvnStage) -> str:
    """Northbound and southbound database, and northd."""
    stage.ovn.up()
    return "two ovsdb-servers and ovn-northd"


def hosts_are_set_up(stage: OvnStage) -> str:
    """`ovirt-quantum-host setup`, twice: it is re-runnable; then ovn-controller starts, and `check` finds all well."""
    for host in stage.datacentre.hosts:
        stage.set_up_host(host)
        again = stage.set_up_host(host)
        if "did " in again:
            raise LabError(f"set-up changed something again: {again}")
        stage.check_host(host)
    return f"{len(stage.ovn.chassis())} hosts are OVN's, hooks installed, after_get_caps run"


def networks_are_created(stage: OvnStage) -> str:
    """A plain POST is all that the engine sends; with OVN loaded that is an overlay."""
    with stage.datacentre.central.entered():
        for name in ("blue", "red"):
            stage.networks[name] = network = stage.engine.create_network(name)
            stage.engine.add_subnet(network.external_id or "", name, CIDR, 4)
    token = stage.provider.log_in("admin")
    networks = stage.provider.call("GET", "/v2.0/networks", token=token)["networks"]
    kinds = {network["provider:network_type"] for network in networks}
    if kinds != {"geneve"}:
        raise LabError(f"the networks are {', '.join(kinds)}")
    return f"two overlays with {networks[0]['mtu']} bytes each"


def group_guards(stage: OvnStage) -> str:
    """The engine sends the group of b's vNIC profile; a's connections to one port of b pass, to another they don't."""
    a, b = stage.players["a"], stage.players["b"]
    for port in (ALLOWED, FORBIDDEN):
        b.vm.execute(f"nc -ll -p {port} -e /bin/true >/dev/null 2>&1 &")
    before = [port for port in (ALLOWED, FORBIDDEN) if stage.connects(a, b, port)]
    if before != [ALLOWED, FORBIDDEN]:
        raise LabError(f"the test proves nothing: without the group a reaches {before}")
    b.vnic.security_groups = stage.create_group("web", f"tcp {ALLOWED}", "icmp", "udp")
    stage.allocate(b.vnic, b.vm.host)
    wait_until(lambda: not stage.connects(a, b, FORBIDDEN), f"a still reaches port {FORBIDDEN} of b", CONVERGED_S)
    if not stage.connects(a, b, ALLOWED) or not a.vm.ping(b.address):
        raise LabError("the group stops what it allows")
    return f"port {ALLOWED} and ping pass, port {FORBIDDEN} is dropped"


def vm_migrates(stage: OvnStage) -> str:
    """Sequence-numbered UDP both ways, five and fifty a second; the engine's word comes only afterwards."""
    a, b = stage.players["a"], stage.players["b"]
    migration = migrate_watched(stage, a, b, stage.datacentre.hosts[1], bandwidth_mib=stage.migration_mib)
    _check(migration)
    before = stage.northbound(a)
    stage.migrated(a)
    if stage.northbound(a) != before:
        raise LabError("the engine's late word changed the port")
    return str(migration)


def vm_migrates_without_provider(stage: OvnStage) -> str:
    """Nothing of ours is in the packet path, and OVN knows all hosts that the port may be on."""
    stage.provider.kill()
    a, b = stage.players["a"], stage.players["b"]
    migration = migrate_watched(stage, a, b, stage.datacentre.hosts[0], bandwidth_mib=stage.migration_mib, ask=False)
    _check(migration)
    return str(migration)


def provider_comes_back(stage: OvnStage) -> str:
    """Nobody tells it where the VM is now: it looks, and makes the port fit for the next migration."""
    began = time.monotonic()
    stage.provider.start()
    a = stage.players["a"]
    stage.wait_until_mended(a)
    took = time.monotonic() - began
    if a.vm.ping(stage.players["b"].address) == 0:
        raise LabError("a lost its network")
    return f"{took:.1f} s after its start a is ACTIVE on {a.vm.host.name}, and ready to migrate again"


def deleted_row_comes_back(stage: OvnStage) -> str:
    """Somebody deletes a's port in the northbound database."""
    a, b = stage.players["a"], stage.players["b"]
    began = time.monotonic()
    stage.ovn.nbctl("lsp-del", a.port_id)
    wait_until(
        lambda: bool(stage.ovn.nbctl("--if-exists", "get", "Logical_Switch_Port", a.port_id, "name")), "it stays away"
    )
    back = time.monotonic() - began
    wait_until(lambda: a.vm.ping(b.address, count=1) == 1, "a does not reach b", CONVERGED_S)
    return f"back after {back * 1000:.0f} ms; a reaches b again {time.monotonic() - began:.1f} s after the deed"


def _check(migration: WatchedMigration) -> None:
    if migration.worst_loss > MOST_LOST_PERCENT or migration.duplicated:
        raise LabError(f"too much was lost, or something came twice: {migration}")


OPENING = (
    Step("OVN's databases and northd start", ovn_starts),
    Step("the provider starts, makes its database and its accounts", provider_starts),
    Step("hosts are set up, become OVN's and report their binding id", hosts_are_set_up),
    Step("the engine creates the networks blue and red, with the same addresses", networks_are_created),
    Step("VMs a (host1) and b (host2) boot to DHCP leases on blue: a reaches b", vms_reach_each_other),
)
"""What `python3 -m lab up --ovn` leaves up."""

STORY = (
    *OPENING,
    Step("a never reaches c on red, which has the address of b", other_network_hears_nothing),
    Step("a security group stops one flow to b and not another", group_guards),
    Step("a migrates slowly to host2 under traffic, its memory changing", vm_migrates),
    Step("a migrates back while the provider is dead (kill -9)", vm_migrates_without_provider),
    Step("the provider is started again and converges", provider_comes_back),
    Step("a's row, deleted by hand in the northbound database, comes back", deleted_row_comes_back),
)
