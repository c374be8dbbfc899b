"""The integration bridge and its way out: a NIC of its own, or a patch to a bridge of VDSM's."""

import json
import os
from typing import Any, Dict, Iterator, List, Optional

from .command import output
from .hook import BRIDGE, matches
from .open_vswitch import MARK, OpenVSwitch
from .step import Step


class Bridge(Step):
    """The bridge that VMs are plugged into; the same name on every host, for live migration changes no name."""

    def __init__(self, ovs: OpenVSwitch, name: str, datapath_type: str) -> None:
        self._ovs = ovs
        self._name = name
        self._datapath_type = datapath_type

    def __str__(self) -> str:
        kind = f" with datapath type {self._datapath_type}" if self._datapath_type else ""
        return f"bridge {self._name}{kind}"

    def problem(self) -> "Optional[str]":
        if not matches(BRIDGE, self._name):
            return "not a legal device name of up to 15 characters"
        self._ovs.expect_running()
        rows = self._rows()
        if rows and self._datapath_type and rows[0]["datapath_type"] not in ("", self._datapath_type):
            return f"it is there with datapath type {rows[0]['datapath_type']}; delete it, or leave the option out"
        return None

    def done(self) -> bool:
        rows = self._rows()
        return bool(rows) and self._datapath_type in ("", rows[0]["datapath_type"])

    def do(self) -> None:
        kind = [f"datapath_type={self._datapath_type}"] if self._datapath_type else []
        change = ["--", "set", "Bridge", self._name, *kind] if kind else []
        self._ovs.run("--may-exist", "add-br", self._name, *change)

    def _rows(self) -> "List[Dict[str, Any]]":
        return self._ovs.find("Bridge", f"name={self._name}", columns="datapath_type")


class Nic(Step):
    """A NIC that nothing else uses, put into the bridge: it carries every VLAN of the physical network."""

    def __init__(self, ovs: OpenVSwitch, bridge: str, nic: str, netconfs: "List[str]") -> None:
        self._ovs = ovs
        self._bridge = bridge
        self._nic = nic
        self._netconfs = netconfs

    def __str__(self) -> str:
        return f"uplink {self._nic} in bridge {self._bridge}"

    def problem(self) -> "Optional[str]":
        holder = self._ovs.bridge_of(self._nic)
        if holder == self._bridge:
            return None
        if holder:
            return f"{self._nic} is in bridge {holder}; take another NIC, or --uplink-bridge {holder}"
        use = next(vdsm_uses(self._nic, self._netconfs), None) or next(kernel_uses(self._nic), None)
        return f"{use}; an uplink must be a NIC that nothing else uses" if use else None

    def done(self) -> bool:
        return self._ovs.bridge_of(self._nic) == self._bridge

    def do(self) -> None:
        mark = f"external_ids:{MARK}=uplink"
        self._ovs.run("add-port", self._bridge, self._nic, "--", "set", "Port", self._nic, mark)
        output("ip", "link", "set", self._nic, "up")


class Patch(Step):
    """A pair of patch ports to a bridge that somebody else (VDSM) made and connects to the wire."""

    def __init__(self, ovs: OpenVSwitch, bridge: str, uplink_bridge: str) -> None:
        self._ovs = ovs
        self._bridge = bridge
        self._uplink_bridge = uplink_bridge
        self._ends = ((bridge, f"oq-to-{uplink_bridge}"), (uplink_bridge, f"oq-from-{uplink_bridge}"))

    def __str__(self) -> str:
        return f"patch from bridge {self._bridge} to bridge {self._uplink_bridge}"

    def problem(self) -> "Optional[str]":
        if self._uplink_bridge == self._bridge:
            return "a bridge cannot be its own uplink; name VDSM's bridge"
        if self._uplink_bridge not in self._ovs.bridges():
            return f"Open vSwitch has no bridge {self._uplink_bridge}; `ovs-vsctl list-br` shows all"
        return None

    def done(self) -> bool:
        return all(self._ovs.bridge_of(port) == bridge for bridge, port in self._ends)

    def do(self) -> None:
        commands: "List[str]" = []
        for (bridge, port), (_, peer) in zip(self._ends, reversed(self._ends)):
            commands += ["--", "--may-exist", "add-port", bridge, port]
            commands += ["--", "set", "Interface", port, "type=patch", f"options:peer={peer}"]
            commands += ["--", "set", "Port", port, f"external_ids:{MARK}=uplink"]
        self._ovs.run(*commands[1:])


def kernel_uses(nic: str) -> "Iterator[str]":
    """What the kernel uses the NIC for, from ip(8)."""
    links = {link["ifname"]: link for link in json.loads(output("ip", "-json", "address", "show"))}
    if nic not in links:
        yield "there is no such NIC"
        return
    if "master" in links[nic]:
        yield f"it is part of {links[nic]['master']}"
    for address in links[nic].get("addr_info", ()):
        if address.get("scope") != "link":
            yield f"it has the address {address['local']}"
    for other, link in links.items():
        if link.get("link") == nic and links[nic].get("link") != other:  # each of a veth pair names the other
            yield f"{other} lies on it"
    for family in ("-4", "-6"):
        routes = output("ip", family, "route", "show", "default").split()
        if nic in routes:
            yield "the default route goes through it"


def vdsm_uses(nic: str, netconfs: "List[str]") -> "Iterator[str]":
    """The networks and bonds for which VDSM was told to use the NIC."""
    for folder in netconfs:
        for kind, word in (("nets", "network"), ("bonds", "bond")):
            directory = os.path.join(folder, kind)
            for name in sorted(os.listdir(directory)) if os.path.isdir(directory) else ():
                with open(os.path.join(directory, name), encoding="utf-8") as file:
                    wanted = json.load(file)
                if nic in (name, wanted.get("nic"), wanted.get("bonding")) or nic in wanted.get("nics", ()):
                    yield f"VDSM's {word} {name} uses it"
