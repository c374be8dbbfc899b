"""OVN in the data centre: its databases and northd in the central namespace, ovn-controller on each host that joins."""

from __future__ import annotations

from pathlib import Path

from lab.command import Argv, wait_until
from lab.datacentre import CENTRAL_ADDRESS, DataCentre
from lab.host import DATA_NIC, Host

SOUTHBOUND_PORT = 6642
WIRE = "br-data"
"""The hosts' bridge to the data network; it has the address of the host's tunnels, too."""
_SCHEMAS = Path("/usr/share/ovn")


class Ovn:
    """Its files are in `datacentre.folder`/ovn; all of it ends with the data centre."""

    def __init__(self, datacentre: DataCentre) -> None:
        self._central = datacentre.central
        self.folder = datacentre.folder / "ovn"
        self.northbound = f"unix:{self.folder}/nb.sock"  # as reached from this machine, by the provider too
        self.southbound = f"unix:{self.folder}/sb.sock"

    def up(self) -> None:
        """Start the databases and northd. Raises LabError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.start_database("nb")
        self.start_database("sb", f"--remote=ptcp:{SOUTHBOUND_PORT}:{CENTRAL_ADDRESS}")
        self.start_northd()

    def start_database(self, name: str, *remotes: str) -> None:
        """Start "nb" or "sb", on the file that is there. Raises LabError."""
        file = self.folder / f"{name}.db"
        if not file.exists():
            self._run(["ovsdb-tool", "create", file, _SCHEMAS / f"ovn-{name}.ovsschema"])
        self._start("ovsdb-server", name, [file, f"--remote=punix:{self.folder}/{name}.sock", *remotes])

    def start_northd(self) -> None:
        """Start what turns the northbound database into the southbound one. Raises LabError."""
        self._start("ovn-northd", "northd", [f"--ovnnb-db={self.northbound}", f"--ovnsb-db={self.southbound}"])

    def pid(self, name: str) -> int:
        """Of "nb", "sb" or "northd"."""
        return int((self.folder / f"{name}.pid").read_text())

    def nbctl(self, *arguments: str) -> str:
        """`ovn-nbctl arguments`; its output without the last newline. Raises LabError."""
        return self._run(["ovn-nbctl", f"--db={self.northbound}", "--timeout=10", *arguments]).rstrip("\n")

    def sbctl(self, *arguments: str) -> str:
        """`ovn-sbctl arguments`; its output without the last newline. Raises LabError."""
        return self._run(["ovn-sbctl", f"--db={self.southbound}", "--timeout=10", *arguments]).rstrip("\n")

    def join(self, host: Host, physical_network: str = "physnet1") -> None:
        """Make the host a chassis: the data network becomes `physical_network`'s wire and carries its tunnels.

        Raises LabError if the southbound database does not hear of it.
        """
        address = tunnel_address(host)
        user_space = "datapath_type=netdev"
        host.ovs_vsctl("--may-exist", "add-br", WIRE, "--", "set", "Bridge", WIRE, user_space)
        host.ovs_vsctl("--if-exists", "del-port", DATA_NIC, "--", "add-port", WIRE, DATA_NIC)
        host.run(["ip", "addr", "replace", f"{address}/24", "dev", WIRE])
        host.run(["ip", "link", "set", WIRE, "up"])
        host.run(["ethtool", "-K", WIRE, "tx", "off"])  # the user-space datapath finishes no checksums
        host.ovs_vsctl("set", "Bridge", "br-int", "fail-mode=secure")
        settings = {
            "ovn-remote": f"tcp:{CENTRAL_ADDRESS}:{SOUTHBOUND_PORT}",
            "ovn-encap-type": "geneve",
            "ovn-encap-ip": address,
            "ovn-bridge-datapath-type": "netdev",
            "ovn-bridge-mappings": f"{physical_network}:{WIRE}",
        }
        host.ovs_vsctl("set", "Open_vSwitch", ".", *(f"external-ids:{key}={value}" for key, value in settings.items()))
        self.start_controller(host)
        wait_until(lambda: host.name in self.chassis(), f"{host.name} does not show up in OVN's southbound database")

    def start_controller(self, host: Host) -> None:
        """Start ovn-controller. Raises LabError."""
        files = [f"--{kind}=/run/openvswitch/ovn-controller.{_FILES[kind]}" for kind in ("pidfile", "log-file")]
        command = ["ovn-controller", "unix:/run/openvswitch/db.sock", *files, "--detach", "--no-chdir"]
        host.run(command, env={"OVN_RUNDIR": "/run/openvswitch"})

    def chassis(self) -> set[str]:
        """The names of the hosts that have joined."""
        return set(self.sbctl("--bare", "--columns=name", "list", "Chassis").split())

    def _start(self, program: str, name: str, arguments: Argv) -> None:
        files = [f"--{kind}={self.folder}/{name}.{end}" for kind, end in _FILES.items()]
        self._run([program, *arguments, *files, "--detach", "--no-chdir"])

    def _run(self, argv: Argv) -> str:
        return self._central.run(argv).stdout


_FILES = {"pidfile": "pid", "unixctl": "ctl", "log-file": "log"}


def tunnel_address(host: Host) -> str:
    """On the data network: 172.31.0.N for 172.30.0.N on the management network."""
    return host.address.replace("172.30.", "172.31.", 1)
