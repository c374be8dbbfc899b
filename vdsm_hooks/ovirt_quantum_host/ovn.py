"""OVN on this host: what ovn-controller(8) reads of Open vSwitch's external_ids, and whether it works."""

import argparse
import json
from typing import Dict, Iterator, List, Optional, Tuple

from .bridge import Bridge, Nic
from .command import HostError, output
from .hook import matches
from .layout import Layout
from .open_vswitch import MARK, OpenVSwitch
from .step import Step

REMOTE = r"(ssl|tcp):[0-9A-Za-z_.:\[\]-]+|unix:/.+"
NETWORK = r"[^:,\s]+"
OURS = "ovn"  # external_ids:ovirt-quantum-host of a host that set-up made OVN's


class Secure(Step):
    """An integration bridge that passes nothing on before ovn-controller says so."""

    def __init__(self, ovs: OpenVSwitch, bridge: str) -> None:
        self._ovs = ovs
        self._bridge = bridge

    def __str__(self) -> str:
        return f"bridge {self._bridge} with fail mode secure"

    def done(self) -> bool:
        rows = self._ovs.find("Bridge", f"name={self._bridge}", columns="fail_mode")
        return bool(rows) and rows[0]["fail_mode"] == "secure"

    def do(self) -> None:
        self._ovs.run("set-fail-mode", self._bridge, "secure")


class Chassis(Step):
    """The settings of ovn-controller; it obeys them at once."""

    def __init__(self, ovs: OpenVSwitch, settings: "Dict[str, str]", host_id: str, keys_given: bool) -> None:
        self._ovs = ovs
        self._settings = settings
        self._host_id = host_id
        self._has_keys = keys_given

    def __str__(self) -> str:
        return "ovn-controller's " + ", ".join(f"{key} {value}" for key, value in sorted(self._settings.items()))

    def problem(self) -> "Optional[str]":
        return next(self._problems(), None)

    def done(self) -> bool:
        has = external_ids(self._ovs)
        return has.get(MARK) == OURS and all(has.get(key) == value for key, value in self._settings.items())

    def do(self) -> None:
        values = {**self._settings, MARK: OURS}
        quoted = [f"external_ids:{key}={json.dumps(value)}" for key, value in sorted(values.items())]
        self._ovs.run("set", "Open_vSwitch", ".", *quoted)

    def _problems(self) -> "Iterator[str]":
        has = external_ids(self._ovs)
        will = {**has, **self._settings}
        for key, option in (("ovn-remote", "--ovn-remote"), ("ovn-encap-ip", "--tunnel-address")):
            if not will.get(key):
                yield f"ovn-controller needs {option} too"
        for remote in will.get("ovn-remote", "").split(","):
            if not matches(REMOTE, remote):
                yield f"'{remote}' is no southbound database: ssl:IP:6642, with commas between those of a cluster"
            if (
                remote.startswith("ssl:")
                and not self._has_keys
                and not self._ovs.find("SSL", columns="certificate")
            ):
                yield "TLS needs --private-key, --certificate and --ca-cert"
        if has.get(MARK) != OURS and has.get("ovn-remote", will.get("ovn-remote")) != will.get("ovn-remote"):
            yield f"this host belongs to the OVN at {has['ovn-remote']}; name that, or take it out of there first"
        if will.get("ovn-encap-ip") not in addresses():
            yield f"no device has the address {will.get('ovn-encap-ip')}; other hosts send tunnels to it"
        if self._host_id != self._ovs.system_id():
            yield f"OVN knows this host by Open vSwitch's system-id, not as {self._host_id}; leave --host-id out"


def steps(
    wanted: argparse.Namespace, bridge: str, host_id: str, layout: Layout, ovs: OpenVSwitch
) -> "Iterator[Step]":
    """What makes this host one of OVN's; nothing where no option of OVN's is given. Raises HostError."""
    settings = settings_of(wanted, bridge)
    if not settings:
        return
    if wanted.uplink and len(wanted.bridge_mapping) != 1:
        raise HostError("with OVN --uplink goes into the bridge of the one --bridge-mapping beside it")
    for mapping in wanted.bridge_mapping:
        network, _, outer = mapping.partition(":")
        if not matches(NETWORK, network):
            raise HostError(f"'{mapping}' is no bridge mapping: PHYSICAL-NETWORK:BRIDGE")
        yield Bridge(ovs, outer, wanted.datapath_type)
        if wanted.uplink:
            yield Nic(ovs, outer, wanted.uplink, layout.netconfs)
    yield Secure(ovs, bridge)
    yield Chassis(ovs, settings, host_id, keys_given=bool(wanted.certificate))


def settings_of(wanted: argparse.Namespace, bridge: str) -> "Dict[str, str]":
    """ovn-controller's settings that the arguments ask for."""
    given = {
        "ovn-remote": wanted.ovn_remote,
        "ovn-encap-ip": wanted.tunnel_address,
        "ovn-bridge-mappings": ",".join(wanted.bridge_mapping),
    }
    settings = {key: value for key, value in given.items() if value}
    if settings:
        settings.update({"ovn-encap-type": "geneve", "ovn-bridge": bridge})
        if wanted.datapath_type:
            settings["ovn-bridge-datapath-type"] = wanted.datapath_type
    return settings


def findings(ovs: OpenVSwitch) -> "Iterator[Tuple[bool, str]]":
    """Whether a host of OVN's works, as `check` tells it; nothing of one that is not."""
    has = external_ids(ovs)
    if has.get(MARK) != OURS:
        return
    address = has.get("ovn-encap-ip", "")
    there = address in addresses()
    yield there, f"tunnel address {address} is there" if there else f"no device has the tunnel address {address}"
    missing = [outer for outer in mapped(has) if outer not in ovs.bridges()]
    yield not missing, f"bridge {missing[0]} is missing; run setup" if missing else "every mapped bridge is there"
    yield connection(has.get("ovn-remote", ""))


def connection(remote: str) -> "Tuple[bool, str]":
    try:
        status = output("ovn-appctl", "--timeout=3", "--target=ovn-controller", "connection-status").strip()
    except HostError as error:
        return False, f"ovn-controller does not answer; start its service ({error})"
    if status != "connected":
        return (
            False,
            f"ovn-controller is {status} with {remote}; is the southbound database up, are the keys right?",
        )
    return True, f"ovn-controller is connected with {remote}"


def mapped(has: "Dict[str, str]") -> "List[str]":
    """The bridges of the mappings."""
    return [one.partition(":")[2] for one in has.get("ovn-bridge-mappings", "").split(",") if one]


def external_ids(ovs: OpenVSwitch) -> "Dict[str, str]":
    """Open vSwitch's own, where ovn-controller looks."""
    rows = ovs.find("Open_vSwitch", columns="external_ids")
    found: "Dict[str, str]" = rows[0]["external_ids"] if rows else {}
    return found


def addresses() -> "List[str]":
    """All that this host has."""
    links = json.loads(output("ip", "-json", "address", "show"))
    return [address["local"] for link in links for address in link.get("addr_info", ()) if "local" in address]
