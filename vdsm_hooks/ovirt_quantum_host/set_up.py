"""`ovirt-quantum-host setup`: look at everything, then change what is not as it must be."""

import argparse
import os
from typing import Iterator, List

from . import hook, ovn
from .bridge import Bridge, Nic, Patch
from .command import HostError
from .files import File, hooks, host_conf
from .layout import Layout
from .manager import Keys, Manager
from .open_vswitch import OpenVSwitch
from .step import Step, problems, take


def set_up(wanted: argparse.Namespace, layout: Layout, ovs: OpenVSwitch) -> "Iterator[str]":
    """One line for each step; nothing is changed unless every step can be. Raises HostError."""
    settings = merged(wanted, layout, ovs)
    steps = [*network(wanted, settings, layout, ovs), *configuration(wanted, settings, layout)]
    found = list(problems(steps))
    if found:
        raise HostError("nothing was changed:\n" + "\n".join(f"  {problem}" for problem in found))
    yield from take(steps, wanted.dry_run)
    if not has_vdsm(wanted, layout):
        yield f"skip   hooks: no VDSM here ({layout.hooks} is missing)"


def network(
    wanted: argparse.Namespace, settings: hook.Settings, layout: Layout, ovs: OpenVSwitch
) -> "Iterator[Step]":
    """What Open vSwitch must hold."""
    bridge = settings.bridge
    yield Bridge(ovs, bridge, wanted.datapath_type)
    if wanted.uplink and not ovn.settings_of(wanted, bridge):
        yield Nic(ovs, bridge, wanted.uplink, layout.netconfs)
    if wanted.uplink_bridge:
        yield Patch(ovs, bridge, wanted.uplink_bridge)
    keys = (wanted.private_key, wanted.certificate, wanted.ca_cert)
    if all(keys):
        yield Keys(ovs, *keys)
    elif any(keys):
        raise HostError("--private-key, --certificate and --ca-cert go together")
    if wanted.manager:
        yield Manager(ovs, wanted.manager, keys_given=all(keys))
    yield from ovn.steps(wanted, bridge, settings.host_id, layout, ovs)


def configuration(wanted: argparse.Namespace, settings: hook.Settings, layout: Layout) -> "Iterator[Step]":
    """The files: the secret first, so that host.conf never names one that is not there."""
    if settings.token:
        yield File(layout.token, settings.token.encode("ascii") + b"\n", 0o640, "kvm")
    if wanted.ca_file:
        yield File(layout.ca, read(wanted.ca_file).encode("utf-8"), 0o644)
    yield File(layout.config, host_conf(settings), 0o644)
    if has_vdsm(wanted, layout):
        yield from hooks(layout)


def has_vdsm(wanted: argparse.Namespace, layout: Layout) -> bool:
    """VDSM is here, or the administrator says where its hooks go."""
    return bool(wanted.hooks_dir) or os.path.isdir(layout.hooks)


def merged(wanted: argparse.Namespace, layout: Layout, ovs: OpenVSwitch) -> hook.Settings:
    """The arguments, and what an earlier set-up wrote for those that were not given. Raises HostError."""
    old = hook.Settings([], {})
    if os.path.exists(layout.config):
        old = settings_of(layout)
    providers: "List[str]" = wanted.provider or old.providers
    values = {
        "token": read(wanted.token_file).strip() if wanted.token_file else old.token,
        "ca_file": Layout.CA if wanted.ca_file else old.ca_file[len(layout.root) :],
        "host_id": wanted.host_id or old.host_id or ovs.system_id(),
        "bridge": wanted.bridge or old.bridge,
    }
    if not values["host_id"]:
        raise HostError(
            "Open vSwitch has no external_ids:system-id; give --host-id, the id the provider shall use"
        )
    given = {key: value for key, value in values.items() if value}
    try:
        hook.check_settings("the arguments", providers, given)
    except hook.HookError as error:
        raise HostError(str(error)) from error
    return hook.Settings(providers, given)


def settings_of(layout: Layout) -> hook.Settings:
    """This host's configuration as the hooks read it, below the layout's root. Raises HostError."""
    try:
        return hook.read_settings(layout.config, layout.root)
    except hook.HookError as error:
        raise HostError(f"{error}; remove it if it is broken, and run `ovirt-quantum-host setup`") from error


def read(path: str) -> str:
    try:
        return hook.read_text(path)
    except hook.HookError as error:
        raise HostError(str(error)) from error
