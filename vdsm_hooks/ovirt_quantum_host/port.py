"""`ovirt-quantum-host plug|unplug`: a Quantum port as a network device of this host, without oVirt."""

import os
from typing import Any, Dict, Iterator, List

from . import hook
from .command import HostError, output
from .hook import matches
from .layout import Layout
from .open_vswitch import MARK, OpenVSwitch
from .set_up import settings_of

MAC = r"[0-9a-f]{2}(:[0-9a-f]{2}){5}"


def plug(port: str, name: str, mac: str, netns: str, layout: Layout, ovs: OpenVSwitch) -> "Iterator[str]":
    """Make an internal Open vSwitch port for `port` and say what was done. Raises HostError."""
    port_id = checked(port)
    name = name or device_name(port_id)
    ovs.expect_running()
    if netns and not os.path.exists(os.path.join("/run/netns", netns)):
        raise HostError(f"there is no network namespace {netns}; `ip netns add {netns}` makes it")
    try:
        answer = hook.ask(settings_of(layout), port_id)
    except hook.HookError as error:
        raise HostError(str(error)) from error
    mac = mac.lower() or answer.mac_address
    check(name, mac, port_id, answer, ovs)
    ovs.run(*creation(name, mac, port_id, answer))
    tag = "without a tag" if answer.vlan is None else f"with VLAN tag {answer.vlan}"
    yield f"port {port_id} is {name} on bridge {answer.bridge}, {tag}"
    if netns and name in output("ip", "-brief", "link", "show"):
        output("ip", "link", "set", name, "netns", netns)
        yield f"{name} is in network namespace {netns}"


def unplug(port: str, ovs: OpenVSwitch) -> "Iterator[str]":
    """Take away what `plug` made for this port; a VM's device stays. Raises HostError."""
    port_id = checked(port)
    interfaces = interfaces_of(port_id, ovs)
    if not interfaces:
        yield f"port {port_id} is not plugged here; nothing to do"
    for interface in interfaces:
        if MARK not in interface["external_ids"]:
            raise HostError(f"{interface['name']} was not plugged by this command, but maybe for a VM; left alone")
        ovs.run("--if-exists", "del-port", interface["name"])
        yield f"port {port_id} was {interface['name']}, removed"


def checked(port: str) -> str:
    if not matches(hook.UUID, port.lower()):
        raise HostError(f"{port} is no port id; it must be a UUID")
    return port.lower()


def device_name(port_id: str) -> str:
    """`oq` and as much of the id as a device name holds in the habit of OpenStack: 11 characters."""
    return "oq" + port_id[:11]


def check(name: str, mac: str, port_id: str, answer: hook.Plug, ovs: OpenVSwitch) -> None:
    """Raise HostError when something is in the way."""
    if not matches(hook.BRIDGE, name):
        raise HostError(f"{name} is not a legal device name of up to 15 characters")
    if not matches(MAC, mac):
        raise HostError("the provider named no MAC address; give --mac, the port's own")
    if answer.bridge not in ovs.bridges():
        raise HostError(
            f"Open vSwitch has no bridge {answer.bridge}; run `ovirt-quantum-host setup --bridge {answer.bridge}`"
        )
    for interface in interfaces_of(port_id, ovs):
        if interface["name"] != name:
            raise HostError(f"port {port_id} is plugged as {interface['name']} already; unplug it first")
    holder = ovs.bridge_of(name)
    rows = ovs.find("Interface", f"name={name}", columns="name,external_ids")
    if holder and not any(MARK in row["external_ids"] for row in rows):
        raise HostError(f"{name} is on bridge {holder} already, and not made by this command; give another --name")
    if holder not in ("", answer.bridge):
        raise HostError(f"{name} is on bridge {holder}; unplug it first")


def creation(name: str, mac: str, port_id: str, answer: hook.Plug) -> "List[str]":
    """One ovs-vsctl transaction, with the external_ids that libvirt sets for a VM's device."""
    ids = {"iface-id": port_id, "attached-mac": mac, "iface-status": "active", MARK: "plug"}
    tag = ["clear", "Port", name, "tag"] if answer.vlan is None else ["set", "Port", name, f"tag={answer.vlan}"]
    command = ["--may-exist", "add-port", answer.bridge, name, "--", *tag]
    command += ["--", "set", "Interface", name, "type=internal", f'mac="{mac}"']
    return command + [f'external_ids:{key}="{value}"' for key, value in ids.items()]


def interfaces_of(port_id: str, ovs: OpenVSwitch) -> "List[Dict[str, Any]]":
    return ovs.find("Interface", f'external_ids:iface-id="{port_id}"', columns="name,external_ids")
