"""The stage of stories under OVN."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass, field

from lab.command import wait_until
from lab.host import Host
from lab.ovn import Ovn
from lab.stage import Player, Stage

MENDED_S = 30.0


@dataclass
class OvnStage(Stage):
    """OVN's databases beside the provider, every host a chassis; VMs take their addresses by DHCP."""

    ovn: Ovn = field(init=False)

    def __post_init__(self) -> None:
        self.ovn = Ovn(self.datacentre)
        super().__post_init__()

    @property
    def plugins(self) -> str:
        return self.ovn.settings

    def set_up_host(self, host: Host) -> str:
        """No provider is named: the hook asks nobody, for OVN knows a port by its id."""
        said = self.ovn.join(host)
        self.refresh_capabilities(host)
        return said

    def address_in_guest(self, player: Player) -> str:
        return "dhcp"

    def northbound(self, player: Player) -> str:
        """The player's port as the northbound database has it."""
        return self.ovn.nbctl("--format=json", "list", "Logical_Switch_Port", player.port_id)

    def options(self, player: Player) -> dict[str, str]:
        """What the northbound port says of the hosts that it may be on."""
        row = json.loads(
            self.ovn.nbctl("--format=json", "--columns=options", "list", "Logical_Switch_Port", player.port_id)
        )
        return dict(row["data"][0][0][1])

    def check_host(self, host: Host) -> None:
        """`ovirt-quantum-host check`. Raises LabError with what is wrong."""
        wait_until(
            lambda: "FAIL" not in self._checked(host), f"{host.name} is not as it must be: {self._checked(host)}"
        )

    def create_group(self, name: str, *allowed: str) -> str:
        """A security group for what comes in ("icmp", "tcp 80"); its id."""
        token = self.provider.log_in("engine")  # whose ports can be in its own project's groups alone
        wanted = {"security_group": {"name": name}}
        group = self.provider.call("POST", "/v2.0/security-groups", wanted, token)["security_group"]
        for protocol, *ports in (each.split() for each in allowed):
            rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": protocol}
            rule |= {bound: port for port in ports for bound in ("port_range_min", "port_range_max")}
            self.provider.call("POST", "/v2.0/security-group-rules", {"security_group_rule": rule}, token)
        return str(group["id"])

    def connects(self, player: Player, to: Player, port: int) -> bool:
        """Whether a TCP connection between the VMs comes about."""
        said = player.vm.execute(f"nc -w 2 {to.address} {port} </dev/null >/dev/null 2>&1; echo $?")
        return said == "0"

    def wait_until_mended(self, player: Player) -> None:
        """Until the provider shows the port where the VM is, and OVN will wait for the next migration's RARP."""
        host = player.vm.host.name

        def mended() -> bool:
            port, remembered = self.port(player), self.remembered(player)
            first = self.options(player).get("requested-chassis", "").partition(",")[0]
            return (port["status"], port["observed_hosts"], first, remembered) == ("ACTIVE", [host], host, "")

        wait_until(mended, f"the port of {player.name} is not as it should be on {host}", MENDED_S)

    def remembered(self, player: Player) -> str:
        """The hosts whose RARP OVN remembers of the port, "" for none."""
        which = ["find", "Port_Binding", f"logical_port={player.port_id}"]
        row = json.loads(self.ovn.sbctl("--format=json", "--columns=options", *which))["data"][0]
        return str(dict(row[0][1]).get("additional-chassis-activated", ""))

    def _checked(self, host: Host) -> str:
        return host.run([sys.executable, "-m", "ovirt_quantum_host", "check"], check=False).stdout
