"""The data centre: a central namespace, the hosts, and a management and a data network between them."""

from __future__ import annotations

import json
import os
import shutil
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType

from lab.errors import LabError
from lab.host import DATA_NIC, Host
from lab.interruption import uninterrupted
from lab.namespace import Namespace

CENTRAL_ADDRESS = "172.30.0.254"
_WITNESS = "lab.json"  # which data centre a folder belongs to
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
        self._witness = self.folder / _WITNESS

    @classmethod
    def of_folder(cls, folder: Path) -> DataCentre:
        """The data centre that was made in `folder`, up or not. Raises LabError."""
        witness = folder / _WITNESS
        if not witness.exists():
            raise LabError(f"there is no lab in {folder}; `python3 -m lab up --folder {folder}` makes one")
        return cls(folder, **json.loads(witness.read_text()))

    def up(self) -> None:
        """Bring everything up, ending first what an earlier run left in this folder. Raises LabError."""
        if os.geteuid():
            raise LabError("the lab makes network namespaces and so needs root; try again with sudo")
        self._clear_folder()
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
        with uninterrupted(), ExitStack() as steps:  # each is done whatever becomes of the others; the last comes first
            for netns in self._namespaces():
                steps.callback(netns.delete)
            for host in self.hosts:
                steps.callback(host.down)
            steps.callback(self.central.end_processes)

    def erase(self) -> None:
        """Take it down, and its files away."""
        self.down()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> DataCentre:
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _host(self, number: int) -> Host:
        name = f"host{number}"
        return Host(name, f"172.30.0.{number}", Namespace(f"{self.prefix}-{name}"), self.folder / name)

    def _namespaces(self) -> list[Namespace]:
        return [*(host.netns for host in self.hosts), self.central]

    def _clear_folder(self) -> None:
        """Make the folder ours; namespaces of our names that it did not make are somebody else's running lab."""
        if self._witness.exists():
            DataCentre.of_folder(self.folder).down()
            shutil.rmtree(self.folder)  # a lab's folder holds nothing else: hosts, provider, consoles
        for netns in self._namespaces():
            if netns.exists:
                raise LabError(f"namespace {netns.name} was not made from {self.folder}; choose another prefix")
        self.folder.mkdir(parents=True, exist_ok=True)
        self._witness.write_text(json.dumps({"prefix": self.prefix, "hosts": len(self.hosts)}))

    def _lay_networks(self) -> None:
        self.central.create()
        for bridge in ("management", "data"):
            # Without snooping: the IGMP of guests, tagged or not, is none of this bridge's business.
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
        here = ["name", nic, "netns", host.netns.name]
        self.central.ip("link", "add", far, "type", "veth", "peer", *here)
        self.central.ip("link", "set", far, "master", bridge, "up")
        host.netns.ip("link", "set", nic, "up")
        # Checksums and VLAN tags left to "hardware" are lost on the way through the user-space datapath.
        self.central.run(["ethtool", "-K", far, *_OFFLOADS_OFF])
        host.netns.run(["ethtool", "-K", nic, *_OFFLOADS_OFF])
