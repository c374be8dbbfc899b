"""`ovirt-quantum-host check`: is this host as it must be, and if not, what to do."""

import grp
import os
import stat
from typing import Callable, Iterator, List, Tuple

from . import hook, ovn
from .command import HostError
from .files import hooks
from .layout import Layout
from .open_vswitch import MARK, OpenVSwitch
from .set_up import settings_of

NOBODY = "00000000-0000-0000-0000-000000000000"  # no port has this id: the good answer to it is 404
Findings = Iterator[Tuple[bool, str]]


def check(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """Whether each thing is well, and in words."""
    parts: "List[Callable[[Layout, OpenVSwitch], Findings]]" = [
        switch,
        bridge,
        uplink,
        managers,
        controller,
        providers,
        readable,
        scripts,
    ]
    for part in parts:
        try:
            yield from part(layout, ovs)
        except HostError as error:
            yield False, f"{part.__name__}: {error}"


def switch(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """ovsdb-server answers, ovs-vswitchd runs and has done what the database says."""
    ovs.expect_running()
    wanted, done = ovs.run("get", "Open_vSwitch", ".", "next_cfg", "cur_cfg").split()
    behind = "ovs-vswitchd has not done what its database says; see its log, restart it"
    yield wanted == done, "Open vSwitch runs" if wanted == done else behind


def bridge(layout: Layout, ovs: OpenVSwitch) -> Findings:
    name = settings_of(layout).bridge
    there = name in ovs.bridges()
    yield there, f"bridge {name} is there" if there else f"bridge {name} is missing; run setup"


def uplink(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """What set-up put in as uplink must be a device that works; overlays need none."""
    ports = ovs.find("Port", f"external_ids:{MARK}=uplink", columns="name")
    for port in ports:
        name = port["name"]
        (interface,) = ovs.find("Interface", f"name={name}", columns="ofport,link_state,type") or [{}]
        works = interface.get("ofport", -1) not in (-1, []) and interface.get("link_state") != "down"
        yield (
            works,
            f"uplink {name} works" if works else f"uplink {name} is down or gone; look at its cable and `ip link`",
        )
    if not ports:
        yield True, "no uplink: VLANs do not leave this host (overlays need none)"


def managers(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """A target that Open vSwitch dials must be connected; one that it listens on is only known to be set."""
    rows = ovs.find("Manager", f"external_ids:{MARK}=manager", columns="target,is_connected,status")
    for row in rows:
        target = row["target"]
        works = target.startswith("p") or bool(row["is_connected"])
        why = row["status"].get("last_error", "no connection")
        yield works, f"manager {target} is set" if works else f"manager {target}: {why}; is the provider up?"
    if not rows:
        yield True, "no manager of ours: the provider's ovs plugin cannot correct this host (OVN needs none)"


def controller(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """Of a host that set-up made OVN's."""
    yield from ovn.findings(ovs)


def providers(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """Each one answers and takes our token, asked with the hooks' own code."""
    settings = settings_of(layout)
    yield (
        True,
        f"host.conf is well-formed; host id {settings.host_id} (Open vSwitch's own: {ovs.system_id() or 'none'})",
    )
    for url in settings.providers:
        try:
            status, _ = hook.bounded(hook.PATIENCE, hook.fetch, settings, url, NOBODY, hook.PATIENCE)
        except Exception as error:  # as the hook does: whatever is wrong, it is this provider's
            yield False, f"provider {url} {error}; is it up, and host.conf's URL and ca_file right?"
            continue
        yield status == 404, f"provider {url} {VERDICTS.get(status, f'answered {status}; look at its log')}"
    if not settings.providers:
        yield True, "no provider in host.conf: every port is plugged untagged (OVN alone)"


VERDICTS = {
    404: "answers and takes this host's token",
    401: "refuses this host's token; get a new one and run setup --token-file",
    503: "answers that it cannot serve now; look at its log",
}


def readable(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """Whether hooks, which run as VDSM's user in group kvm, may read what we read as root."""
    kvm = [group.gr_gid for group in grp.getgrall() if group.gr_name == "kvm"]
    for path in filter(os.path.exists, (layout.config, layout.token, layout.ca)):
        status = os.stat(path)
        may = status.st_mode & (stat.S_IROTH | (stat.S_IRGRP if status.st_gid in kvm else 0)) != 0
        yield may, f"{path} is readable for VDSM" if may else f"VDSM may not read {path}; make it root:kvm 0640"


def scripts(layout: Layout, ovs: OpenVSwitch) -> Findings:
    """Installed, executable and as they came."""
    if not os.path.isdir(layout.hooks):
        yield True, f"no VDSM here ({layout.hooks} is missing): no hooks needed"
        return
    for file in hooks(layout):
        there = file.done()
        yield there, f"{file.path} is as it must be" if there else f"{file.path} is missing or changed; run setup"
