"""The data centre: a central namespace, the hosts, and a management and a data network between them."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from lab.errors import LabError
from lab.host import DATA_NIC, Host
from lab.namespace import Namespace

CENTRAL_ADDRESS = "172.30.0.254"
_PREFIX_FILE = "prefix"
_OFFLOADS_OFF = ["tx", "off", "rxvlan", "off", "txvlan", "off"]


class DataCentre:
    """`hosts` joined to `central` by the management and migration network 172.30.0.0/24 (central .254, host N .N)
    and to each other by the data network: a trunk, whose end is `data0` in each host's br-int."""

    def __init__(self, folder: Path, prefix: str, hosts: int = 2) -> None:
        """`folder` holds all files and sockets; every namespace is named `prefix`-something."""
        self.folder = folder.resolve()
        self.prefix = prefix
        self.central = Namespace(f"{prefix}-central")  # where the provider and the engine run
        self.hosts = [self._host(number) for number in range(1, hosts + 1)]

    def _host(self, number: int) -> Host:
        name = f"host{number}"
        return Host(name, f"172.30.0.{number}", Namespace(f"{self.prefix}-{name}"), self.folder / name)

    def up(self) -> None:
        """Bring everything up, ending first what an earlier run left behind. Raises LabError."""
        self._claim()
        self.down()
        try:
            self._lay_networks()
            for host in self.hosts:
                self._wire(host)
                host.up()
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """End every process in our namespaces, then delete the namespaces. The files stay, for reading."""
        for netns in [*(host.netns for host in self.hosts), self.central]:
            netns.delete()

    def __enter__(self) -> DataCentre:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _claim(self) -> None:
        """Refuse namespaces that this folder did not make: they are somebody else's running lab."""
        witness = self.folder / _PREFIX_FILE
        ours = witness.exists() and witness.read_text() == self.prefix
        if self.central.exists and not ours:
            raise LabError(
                f"namespace {self.central.name} exists but was not made from {self.folder}; choose another prefix"
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        witness.write_text(self.prefix)

    def _lay_networks(self) -> None:
        self.central.create()
        for bridge in ("management", "data"):
            # Without snooping: a trunk of guests' VLANs has no business reading their IGMP.
            self.central.ip("link", "add", bridge, "type", "bridge", "mcast_snooping", "0")
            self.central.ip("link", "set", bridge, "up")
        self.central.ip("addr", "add", f"{CENTRAL_ADDRESS}/24", "dev", "management")

    def _wire(self, host: Host) -> None:
        host.netns.create()
        self._cable("management", host, "eth0")
        self._cable("data", host, DATA_NIC)
        host.netns.ip("addr", "add", f"{host.address}/24", "dev", "eth0")

    def _cable(self, bridge: str, host: Host, nic: str) -> None:
        far = f"{bridge[:4]}-{host.name}"
        self.central.ip("link", "add", far, "type", "veth", "peer", "name", nic, "netns", host.netns.name)
        self.central.ip("link", "set", far, "master", bridge, "up")
        host.netns.ip("link", "set", nic, "up")
        # Checksums and VLAN tags left to "hardware" are lost on the way through the user-space datapath.
        self.central.run(["ethtool", "-K", far, *_OFFLOADS_OFF])
        host.netns.run(["ethtool", "-K", nic, *_OFFLOADS_OFF])
