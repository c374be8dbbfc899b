"""`python3 -m lab demo|soak|up|down|status|packages`: the two-host data centre by hand."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from lab import packages
from lab.datacentre import DataCentre
from lab.demo import OVN, OVS, demo, opening
from lab.errors import LabError
from lab.host import Host
from lab.interruption import interruptible
from lab.soak import soak

# /run: like the namespaces themselves it does not outlive a reboot.
FOLDER = Path("/run/ovirt-quantum-lab")


def up(arguments: argparse.Namespace) -> None:
    """bring the data centre up, with provider, networks and VMs, and leave it up"""
    packages.install()
    datacentre = DataCentre(arguments.folder, arguments.prefix)
    if arguments.ovn:
        opening(OVN, datacentre)
    else:
        opening(OVS, datacentre)
    status(arguments)


def down(arguments: argparse.Namespace) -> None:
    """end everything that `up` and its users started, and take its files away"""
    DataCentre.of_folder(arguments.folder).erase()


def status(arguments: argparse.Namespace) -> None:
    """say what is up and how to enter it"""
    datacentre = DataCentre.of_folder(arguments.folder)
    enter_central = shlex.join(datacentre.central.argv(["bash"]))
    print(f"central: {enter_central if datacentre.central.exists else 'down'}")
    for host in datacentre.hosts:
        print(f"{host.name}: {_host_line(host)}")


def install_packages(arguments: argparse.Namespace) -> None:
    """install the Debian packages that the lab needs, with --tests those of the tests too"""
    installed = packages.install(for_tests=arguments.tests)
    print(f"installed: {' '.join(installed)}" if installed else "everything is installed")


def tell_the_story(arguments: argparse.Namespace) -> None:
    """bring it up, show what the product does on it, tear it down"""
    packages.install()
    if arguments.ovn:
        demo(OVN, arguments.folder, arguments.prefix)
    else:
        demo(OVS, arguments.folder, arguments.prefix)


def migrate_often(arguments: argparse.Namespace) -> None:
    """under OVN, migrate a VM there and back --migrations times over --hosts hosts, slowly, and measure each"""
    packages.install()
    soak(arguments.folder, arguments.prefix, arguments.hosts, arguments.migrations)


# A subcommand is a line here; its help is the docstring.
COMMANDS: dict[str, Callable[[argparse.Namespace], None]] = {
    "demo": tell_the_story,
    "soak": migrate_often,
    "up": up,
    "down": down,
    "status": status,
    "packages": install_packages,
}


def _host_line(host: Host) -> str:
    if not host.is_up:
        return "down"
    machines = host.virsh("list", "--name").split()
    return f"{shlex.join(host.argv(['bash']))}\n  OVSDB {host.ovsdb}\n  VMs   {' '.join(machines) or 'none'}"


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python3 -m lab", description="A two-host oVirt data centre on one machine.")
    parser.add_argument("command", choices=COMMANDS, help="; ".join(f"{n}: {c.__doc__}" for n, c in COMMANDS.items()))
    parser.add_argument("--folder", type=Path, default=FOLDER, help="its files and sockets (%(default)s)")
    parser.add_argument("--prefix", default="quantum", help="begins the names of its namespaces (%(default)s)")
    parser.add_argument("--ovn", action="store_true", help="with demo and up: under OVN instead of plain Open vSwitch")
    parser.add_argument("--hosts", type=int, default=2, help="with soak (%(default)s)")
    parser.add_argument("--migrations", type=int, default=20, help="with soak (%(default)s)")
    parser.add_argument("--tests", action="store_true", help="with packages: those of the tests too")
    return parser.parse_args()


def main() -> int:
    """Run the subcommand; 1 and a sentence on stderr if it fails, 130 if it was interrupted."""
    arguments = _parse()
    interruptible()
    try:
        COMMANDS[arguments.command](arguments)
    except LabError as error:
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt as signalled:
        print(f"lab: ended by {signalled}", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
