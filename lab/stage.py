"""All that plays in the story: the data centre, the provider, the engine, each host's VDSM, and the VMs."""

from __future__ import annotations

import sys
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lab.datacentre import DataCentre
from lab.engine import Engine
from lab.engine.domain_xml import NicDevice, domain_xml
from lab.engine.inventory import EngineHost, LogicalNetwork, Vnic
from lab.engine.provider import Provider
from lab.engine.requests import DeviceProperties
from lab.errors import LabError
from lab.guest import Guest
from lab.host import DATA_NIC, Host
from lab.provider import OVS, URL, ProviderProcess
from lab.vdsm.vm import HOOKS_FOLDER, Vdsm
from lab.vm import VirtualMachine

PLUGIN_TYPE = "OVIRT_QUANTUM"
PREFIX_LENGTH = 24
PROBE = "probe"
DIRTY_MIB = 3
"""What a guest changes of its memory every 2 s while it is copied."""


@dataclass
class Player:
    """A VM of the story: its vNIC, the port it got, and the machine once it runs."""

    name: str
    vnic: Vnic
    port_id: str = ""
    address: str = ""
    machine: VirtualMachine | None = None

    @property
    def vm(self) -> VirtualMachine:
        assert self.machine is not None, f"{self.name} was not started"
        return self.machine


@dataclass
class Stage:
    """Made of an empty data centre; the story fills it."""

    datacentre: DataCentre
    guest: Guest
    folder: Path
    migration_mib: int
    """MiB/s at which VMs migrate."""
    least_migration_s: float
    """Seconds below which a migration shows nothing."""
    provider: ProviderProcess = field(init=False)
    networks: dict[str, LogicalNetwork] = field(default_factory=dict)
    players: dict[str, Player] = field(default_factory=dict)
    _engine: Engine | None = None
    _engine_hosts: dict[str, EngineHost] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.provider = ProviderProcess(self.folder / "provider", self.datacentre.central, self.plugins)

    @property
    def plugins(self) -> str:
        """What the provider's configuration file says of plugins."""
        return OVS

    @property
    def engine(self) -> Engine:
        """The engine, with the provider registered as an administrator does it."""
        if self._engine is None:
            self._engine = Engine(
                Provider(
                    URL,
                    requires_authentication=True,
                    auth_url=f"{URL}/v2.0",
                    username="engine",
                    password=self.provider.password("engine"),
                    plugin_type=PLUGIN_TYPE,
                    truststore=self.provider.certificate,
                )
            )
        return self._engine

    def set_up_host(self, host: Host) -> str:
        """What an administrator runs on a host; what it said."""
        token = host.conf_folder / "token.new"
        token.write_text(self.provider.host_token(host.name) + "\n")
        certificate = host.conf_folder / "ca.new"
        certificate.write_bytes(self.provider.certificate.read_bytes())
        command = [sys.executable, "-m", "ovirt_quantum_host", "setup", "--provider", URL, "--host-id", host.name]
        files = ["--token-file", "/etc/ovirt-quantum/token.new", "--ca-file", "/etc/ovirt-quantum/ca.new"]
        said = host.run([*command, *files, "--uplink", DATA_NIC, "--datapath-type", "netdev"], timeout=60).stdout
        self.refresh_capabilities(host)
        return said

    def refresh_capabilities(self, host: Host) -> None:
        """The engine asks the host's VDSM, and so learns the host's binding id. Raises LabError for a wrong one."""
        self._engine_hosts[host.name] = EngineHost.from_capabilities(host.name, self.vdsm(host).get_capabilities({}))
        if self._engine_hosts[host.name].binding_ids != {PLUGIN_TYPE: host.name}:
            raise LabError(f"{host.name} reports the binding ids {self._engine_hosts[host.name].binding_ids}")

    def declare_host(self, host: Host) -> None:
        """Tells the provider of a host and where its OVSDB answers."""
        token = self.provider.log_in("admin")
        self.provider.call("POST", "/v2.0/hosts", {"host": {"name": host.name, "ovsdb": host.ovsdb}}, token)

    def take_out_host(self, host: Host) -> None:
        """The provider is to leave it alone."""
        token = self.provider.log_in("admin")
        (found,) = self.provider.call("GET", f"/v2.0/hosts?name={host.name}", token=token)["hosts"]
        self.provider.call("DELETE", f"/v2.0/hosts/{found['id']}", token=token)

    def vdsm(self, host: Host) -> Vdsm:
        """The host's VDSM: it runs the hooks that are installed there."""
        return Vdsm(
            host.hooks_folder,
            run=lambda argv, env, timeout: host.run(argv, env=env, timeout=timeout, check=False),
            seen_as=HOOKS_FOLDER,
        )

    def allocate(self, vnic: Vnic, host: Host) -> DeviceProperties:
        """The engine's part of a VM start: a port at the provider."""
        with self.datacentre.central.entered():
            return self.engine.allocate(vnic, self._engine_hosts[host.name])

    def start(self, name: str, network: str, mac: str, host: Host) -> Player:
        """The engine starts a VM: a port at the provider, then VDSM with its hooks, then libvirt."""
        player = Player(name, Vnic("nic1", mac, self.networks[network]))
        runtime = self.allocate(player.vnic, host)
        player.port_id = runtime["vnic_id"]
        player.address = self.port(player)["fixed_ips"][0]["ip_address"]
        engine_xml = domain_xml(name, str(uuid.uuid4()), [NicDevice(player.vnic, runtime)])
        plugged = self.vdsm(host).create(engine_xml)
        addresses = {mac: [self.address_in_guest(player)]}
        player.machine = VirtualMachine.start(host, plugged, self.guest, addresses, dirty_mib=DIRTY_MIB)
        self.players[name] = player
        return player

    def address_in_guest(self, player: Player) -> str:
        """What the VM is told of its address; plain Open vSwitch serves no DHCP."""
        return f"{player.address}/{PREFIX_LENGTH}"

    def migrated(self, player: Player) -> None:
        """The engine's late word, after the VM already runs on its new host."""
        with self.datacentre.central.entered():
            self.engine.migrated(player.vnic, self._engine_hosts[player.vm.host.name])

    def port(self, player: Player) -> dict[str, Any]:
        """The player's port as the administrator sees it."""
        token = self.provider.log_in("admin")
        found: dict[str, Any] = self.provider.call("GET", f"/v2.0/ports/{player.port_id}", token=token)["port"]
        return found

    def tag(self, player: Player) -> str:
        """The VLAN tag that Open vSwitch has for it where it runs."""
        host = player.vm.host
        return host.ovs_vsctl("get", "Port", host.interface_of(player.port_id), "tag")

    def rewire(self, player: Player, verb: str, *what: str) -> None:
        """`ovs-vsctl VERB Port ...` where the player runs: what an administrator's slip does."""
        host = player.vm.host
        host.ovs_vsctl(verb, "Port", host.interface_of(player.port_id), *what)

    @contextmanager
    def probe(self, network: str, mac: str, host: Host) -> Iterator[str]:
        """The address of a device of `host` that is on the network: a port at the provider, plugged without oVirt."""
        token = self.provider.log_in("admin")
        asked = {"port": {"network_id": self.networks[network].external_id, "mac_address": mac}}
        port = self.provider.call("POST", "/v2.0/ports", asked, token)["port"]
        command = [sys.executable, "-m", "ovirt_quantum_host"]
        host.run([*command, "plug", port["id"], "--name", PROBE, "--mac", mac])
        try:
            address: str = port["fixed_ips"][0]["ip_address"]
            host.run(["ip", "link", "set", PROBE, "up"])
            host.run(["ip", "addr", "add", f"{address}/{PREFIX_LENGTH}", "dev", PROBE])
            yield address
        finally:
            host.run([*command, "unplug", port["id"]])
            self.provider.call("DELETE", f"/v2.0/ports/{port['id']}", token=token)
