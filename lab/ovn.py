"""OVN in the data centre: its databases and northd in the central namespace, ovn-controller on each host that joins."""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from lab.command import Argv, wait_until
from lab.datacentre import CENTRAL_ADDRESS, DataCentre
from lab.host import DATA_NIC, Host

SOUTHBOUND_PORT = 6642
WIRE = "br-data"
"""The hosts' bridge to the data network; it has the address of the host's tunnels, too."""
_SCHEMAS = Path("/usr/share/ovn")
_SETTINGS = """\
plugins = ["ovn"]
[ovn]
northbound = "{northbound}"
southbound = "{southbound}"
"""


class Ovn:
    """Its files are in `datacentre.folder`/ovn; all of it ends with the data centre."""

    def __init__(self, datacentre: DataCentre) -> None:
        self._central = datacentre.central
        self.folder = datacentre.folder / "ovn"
        self.northbound = f"unix:{self.folder}/nb.sock"  # as reached from this machine, by the provider too
        self.southbound = f"unix:{self.folder}/sb.sock"

    @property
    def settings(self) -> str:
        """What the provider's configuration file says of plugins."""
        return _SETTINGS.format(northbound=self.northbound, southbound=self.southbound)

    def up(self) -> None:
        """Start the databases and northd. Raises LabError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        for name in ("nb", "sb", "northd"):
            self.start(name)

    def start(self, name: str) -> None:
        """Start "nb" or "sb", on the database that is there, or "northd". Raises LabError."""
        if name == "northd":
            self._start("ovn-northd", name, [f"--ovnnb-db={self.northbound}", f"--ovnsb-db={self.southbound}"])
            return
        file = self.folder / f"{name}.db"
        if not file.exists():
            self._run(["ovsdb-tool", "create", file, _SCHEMAS / f"ovn-{name}.ovsschema"])
        remotes = [f"--remote=ptcp:{SOUTHBOUND_PORT}:{CENTRAL_ADDRESS}"] if name == "sb" else []
        self._start("ovsdb-server", name, [file, f"--remote=punix:{self.folder}/{name}.sock", *remotes])

    def kill(self, name: str) -> None:
        """kill -9 "nb", "sb" or "northd". Raises LabError if it survives."""
        pid = int((self.folder / f"{name}.pid").read_text())
        if pid in self._central.processes():
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: pid not in self._central.processes(), f"{name} does not end")

    def nbctl(self, *arguments: str) -> str:
        """`ovn-nbctl arguments`; its output without the last newline. Raises LabError."""
        return self._run(["ovn-nbctl", f"--db={self.northbound}", "--timeout=10", *arguments]).rstrip("\n")

    def sbctl(self, *arguments: str) -> str:
        """`ovn-sbctl arguments`; its output without the last newline. Raises LabError."""
        return self._run(["ovn-sbctl", f"--db={self.southbound}", "--timeout=10", *arguments]).rstrip("\n")

    def join(self, host: Host, *options: str) -> str:
        """Make the host a chassis as an administrator does; what `ovirt-quantum-host setup options` said.

        The data network becomes the wire of physnet1 and carries the tunnels. Raises LabError if the southbound
        database does not hear of it.
        """
        self._lay_wire(host)
        remote = f"tcp:{CENTRAL_ADDRESS}:{SOUTHBOUND_PORT}"
        ours = ["--ovn-remote", remote, "--tunnel-address", tunnel_address(host)]
        ours += ["--bridge-mapping", f"physnet1:{WIRE}", "--datapath-type", "netdev"]
        said = host.run([sys.executable, "-m", "ovirt_quantum_host", "setup", *ours, *options], timeout=60).stdout
        self.start_controller(host)
        wait_until(lambda: host.name in self.chassis(), f"{host.name} does not show up in OVN's southbound database")
        return said

    def _lay_wire(self, host: Host) -> None:
        """A bridge to the data network, with the host's address for tunnels: the underlay is the administrator's."""
        if host.ovs_vsctl("iface-to-br", DATA_NIC) != WIRE:
            host.ovs_vsctl("del-port", DATA_NIC)
        user_space = "datapath_type=netdev"
        host.ovs_vsctl("--may-exist", "add-br", WIRE, "--", "set", "Bridge", WIRE, user_space)
        host.ovs_vsctl("--may-exist", "add-port", WIRE, DATA_NIC)
        host.run(["ip", "addr", "replace", f"{tunnel_address(host)}/24", "dev", WIRE])
        host.run(["ip", "link", "set", WIRE, "up"])
        host.run(["ethtool", "-K", WIRE, "tx", "off"])  # the user-space datapath finishes no checksums

    def start_controller(self, host: Host) -> None:
        """Start ovn-controller, unless it runs. Raises LabError."""
        if not self.controller_pid(host):
            files = ["--pidfile", "--log-file=/run/ovn/ovn-controller.log"]
            host.run(["ovn-controller", "unix:/run/openvswitch/db.sock", *files, "--detach", "--no-chdir"])

    def kill_controller(self, host: Host) -> None:
        """kill -9. Raises LabError if it survives."""
        if pid := self.controller_pid(host):
            os.kill(pid, signal.SIGKILL)
        wait_until(lambda: not self.controller_pid(host), f"ovn-controller of {host.name} does not end")

    def controller_pid(self, host: Host) -> int:
        """0 where it does not run."""
        file = host.folder / "ovn/ovn-controller.pid"
        pid = int(file.read_text()) if file.exists() else 0
        return pid if pid in host.netns.processes() else 0

    def claims(self, host: Host, port_id: str) -> int:
        """How often the host's ovn-controller has said that it takes the port for itself."""
        log = (host.folder / "ovn/ovn-controller.log").read_text()
        return sum(f"Claiming lport {port_id}" in line for line in log.splitlines())

    def chassis(self) -> set[str]:
        """The names of the hosts that have joined."""
        return set(self.chassis_ids())

    def chassis_ids(self) -> dict[str, str]:
        """The hosts that have joined, by name, and their rows' ids."""
        rows = json.loads(self.sbctl("--format=json", "--columns=name,_uuid", "list", "Chassis"))["data"]
        return {name: uuid for name, (_, uuid) in rows}

    def _start(self, program: str, name: str, arguments: Argv) -> None:
        files = [f"--{kind}={self.folder}/{name}.{end}" for kind, end in _FILES.items()]
        self._run([program, *arguments, *files, "--detach", "--no-chdir"])

    def _run(self, argv: Argv) -> str:
        return self._central.run(argv).stdout


_FILES = {"pidfile": "pid", "unixctl": "ctl", "log-file": "log"}


def tunnel_address(host: Host) -> str:
    """On the data network: 172.31.0.N for 172.30.0.N on the management network."""
    return host.address.replace("172.30.", "172.31.", 1)
