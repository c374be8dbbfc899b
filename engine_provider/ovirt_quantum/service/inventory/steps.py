"""The order in which a plan's changes are possible: first everything lets go, then everything takes.

VLANs wander between pools, bridges and physical networks get other users; with all that goes gone first, no
order among the rest is needed.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace

from msgspec import structs

from ...model import VlanRange
from .declaration import Declared, DeclaredHost, DeclaredLink, DeclaredPhysicalNetwork, DeclaredRange
from .planning import Change

LETTING_GO = (DeclaredLink, DeclaredRange, DeclaredHost, DeclaredPhysicalNetwork)
TAKING = (DeclaredPhysicalNetwork, DeclaredHost, DeclaredLink, DeclaredRange)
LASTING: dict[type[Declared], tuple[str, ...]] = {
    DeclaredLink: ("physical_network",),
    DeclaredRange: ("shared", "project"),
}
"""Attributes that the API sets only on creation: where one of these changes, the old goes and a new one comes."""


def steps(changes: Iterable[Change]) -> Iterator[Change]:
    """Changes that the verbs can do one after the other, with the same end."""
    released = [(change, _released(change)) for change in changes]
    for kind in LETTING_GO:
        for change, between in released:
            if change.kind is kind and change.old is not None and between != change.old:
                yield replace(change, new=between)
    for kind in TAKING:
        taking = [(change, between) for change, between in released if change.kind is kind and change.new != between]
        for change, between in sorted(taking, key=lambda pair: pair[1] is None):
            yield replace(change, old=between)


def _released(change: Change) -> Declared | None:
    """What is left of the old when it has let go of what the new one does not have."""
    old, new = change.old, change.new
    if old is None or new is None:
        return None
    if any(getattr(old, name) != getattr(new, name) for name in LASTING.get(change.kind, ())):
        return None
    if isinstance(old, DeclaredPhysicalNetwork) and isinstance(new, DeclaredPhysicalNetwork):
        return _narrowed(old, new)
    if isinstance(old, DeclaredRange) and isinstance(new, DeclaredRange):
        kept = _common(old, new)
        return None if kept is None else structs.replace(old, minimum=kept.minimum, maximum=kept.maximum)
    return old


def _narrowed(old: DeclaredPhysicalNetwork, new: DeclaredPhysicalNetwork) -> DeclaredPhysicalNetwork:
    pairs = [_common(before, after) for before in old.vlan_ranges for after in new.vlan_ranges]
    kept = [vlans for vlans in pairs if vlans is not None]
    loses = sum(map(_size, kept)) < sum(map(_size, old.vlan_ranges))
    return structs.replace(old, vlan_ranges=kept) if loses else old


def _common(one: VlanRange | DeclaredRange, other: VlanRange | DeclaredRange) -> VlanRange | None:
    first, last = max(one.minimum, other.minimum), min(one.maximum, other.maximum)
    return VlanRange(first, last) if first <= last else None


def _size(vlans: VlanRange) -> int:
    return vlans.maximum - vlans.minimum + 1
