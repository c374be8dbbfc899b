"""On which hosts a port may be: what makes live migration lose nothing (ovn-nb(5), requested-chassis).

While a VM's memory is copied its port is on two hosts. Without a word on it both take the port from each other, some
four times a second; with both named, the second waits for the RARP that QEMU sends when the VM goes on there.

OVN 23.03 remembers that RARP (additional-chassis-activated) as long as the options stay, and waits for none the next
time. So as soon as a port is on its new host its options are taken away, and set anew, with that host first, when the
southbound database shows that they are gone.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

REQUESTED, STRATEGY, ACTIVATED = "requested-chassis", "activation-strategy", "additional-chassis-activated"


@dataclass(frozen=True)
class Whereabouts:
    """Of a port, as the southbound database has it.

    hosts: those that have its interface, the one that has the binding first.  up: whether packets can flow.
    requested: the first host that its options name, "" for none.  activated: whether a RARP is remembered.
    """

    hosts: tuple[str, ...] = ()
    up: bool = False
    requested: str = ""
    activated: bool = False


def options(bound: str, seen: Whereabouts, chassis: Collection[str]) -> Mapping[str, str]:
    """What a port's options say of it now.

    bound: the host that the port is bound to, "" for none.  chassis: the names of all hosts.
    Any host may have a port that is bound to none and is nowhere, or is bound to a host that OVN does not know (the
    engine may call it by another name). Which one comes first alone counts: the order of the others never changes, so
    that neither a migration under way nor the engine's late word is a change of options.
    """
    first = next((host for host in (*seen.hosts, bound) if host in chassis), "")
    if not first or _is_stale(seen, first):
        return {}
    return {REQUESTED: ",".join([first, *sorted(set(chassis) - {first})]), STRATEGY: "rarp"}


def _is_stale(seen: Whereabouts, first: str) -> bool:
    """Whether what was set before must go first; never while a migration is under way."""
    return len(seen.hosts) < 2 and (seen.requested not in ("", first) or seen.activated)
