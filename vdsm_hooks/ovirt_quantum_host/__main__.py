"""The command `ovirt-quantum-host`."""

import argparse
import os
import sys
from typing import List, Optional

from .check import check
from .command import HostError
from .layout import HOOKS_DIR, Layout
from .open_vswitch import OpenVSwitch
from .port import plug, unplug
from .set_up import set_up

VERBS = {
    "setup": (
        "prepare this host; safe to run again",
        "Looks at everything first and changes nothing if something is in the way. Then a line for each step:"
        " ok (it was so), did, or with --dry-run would. What is not named stays as an earlier run wrote it.",
    ),
    "check": (
        "look whether all is well, change nothing",
        "A line each for Open vSwitch, bridge, uplink, manager, OVN, providers and hooks; it says what to do."
        " Exit code 1 if anything is wrong.",
    ),
    "plug": (
        "make a network device for a Quantum port, without oVirt",
        "Asks the provider as the hook does, and makes an internal Open vSwitch port with its tag, MAC and id.",
    ),
    "unplug": ("undo plug", "A device that plug did not make, a VM's, is left alone."),
}


def main(argv: "Optional[List[str]]" = None) -> int:
    """Exit code: 0 all is well, 1 something is not (said), 2 wrong arguments."""
    wanted = arguments().parse_args(argv)
    if not getattr(wanted, "verb", None):
        arguments().error("what to do? setup, check, plug or unplug")
    layout = Layout(wanted.root, getattr(wanted, "hooks_dir", "") or HOOKS_DIR)
    try:
        return run(wanted, layout, OpenVSwitch(wanted.db))
    except HostError as error:
        print(f"ovirt-quantum-host: {error}", file=sys.stderr)
    except OSError as error:
        print(f"ovirt-quantum-host: {error}; are you root?", file=sys.stderr)
    return 1


def run(wanted: argparse.Namespace, layout: Layout, ovs: OpenVSwitch) -> int:
    if wanted.verb == "check":
        well = True
        for fine, words in check(layout, ovs):
            print(f"{'ok  ' if fine else 'FAIL'}  {words}")
            well = well and fine
        return 0 if well else 1
    if os.geteuid() != 0:
        raise HostError("only root may change this host")
    if wanted.verb == "setup":
        lines = set_up(wanted, layout, ovs)
    elif wanted.verb == "plug":
        lines = plug(wanted.port, wanted.name, wanted.mac, wanted.netns, layout, ovs)
    else:
        lines = unplug(wanted.port, ovs)
    for line in lines:
        print(line, flush=True)
    return 0


def arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="ovirt-quantum-host", description="The host side of ovirt-quantum.")
    parser.add_argument(
        "--db", default="", metavar="SERVER", help="Open vSwitch's database, if not the system's own"
    )
    parser.add_argument("--root", default="/", metavar="DIR", help="where /etc, /usr and /var lie (for tests)")
    verbs = parser.add_subparsers(dest="verb", metavar="|".join(VERBS))
    verb = {
        name: verbs.add_parser(name, help=short, description=f"{short.capitalize()}. {more}")
        for name, (short, more) in VERBS.items()
    }
    add_setup(verb["setup"])
    verb["check"].add_argument(
        "--hooks-dir", default="", metavar="DIR", help=f"VDSM's hooks, {HOOKS_DIR} if not given"
    )
    for name in ("plug", "unplug"):
        verb[name].add_argument("port", metavar="PORT", help="the port's id at the provider")
    add = verb["plug"].add_argument
    add("--name", default="", help="the device's name, else oq and the id's beginning")
    add("--mac", default="", help="the port's MAC address, if the provider does not tell")
    add("--netns", default="", metavar="NS", help="put the device into this network namespace")
    return parser


def add_setup(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add("--bridge", default="", help="the integration bridge, the same on every host; br-int at first")
    uplinks = parser.add_mutually_exclusive_group()
    uplinks.add_argument(
        "--uplink", default="", metavar="NIC", help="a NIC that nothing else uses, put into the bridge"
    )
    uplinks.add_argument(
        "--uplink-bridge", default="", metavar="BRIDGE", help="VDSM's own bridge, connected by a patch"
    )
    add("--provider", action="append", metavar="URL", help="where the provider is; once for each")
    add("--token-file", default="", metavar="FILE", help="holds this host's token; a copy is installed")
    add("--ca-file", default="", metavar="FILE", help="the CA of https providers; a copy is installed")
    add("--host-id", default="", metavar="ID", help="binding host id, else Open vSwitch's system-id")
    add("--manager", default="", metavar="TARGET", help="where the provider reaches Open vSwitch, e.g. pssl:6640")
    add("--private-key", default="", metavar="FILE", help="TLS of the manager: this host's key ...")
    add("--certificate", default="", metavar="FILE", help="... its certificate ...")
    add("--ca-cert", default="", metavar="FILE", help="... and the CA of those who may connect")
    add("--ovn-remote", default="", metavar="REMOTE", help="OVN: the southbound database, e.g. ssl:IP:6642")
    add("--tunnel-address", default="", metavar="IP", help="OVN: this host's address that others send tunnels to")
    add(
        "--bridge-mapping",
        action="append",
        default=[],
        metavar="NETWORK:BRIDGE",
        help="OVN: the bridge to a physical network, once for each; --uplink goes into it",
    )
    add("--datapath-type", default="", metavar="TYPE", help="netdev for a bridge in user space")
    add("--hooks-dir", default="", metavar="DIR", help=f"VDSM's hooks, {HOOKS_DIR} if not given")
    add("--dry-run", action="store_true", help="say what would be done, change nothing")


if __name__ == "__main__":
    sys.exit(main())
