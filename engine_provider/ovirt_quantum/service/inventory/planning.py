"""What it takes to get from the inventory in the database to a declared one: pure, no I/O."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import msgspec
from msgspec import structs

from ... import segments
from ...errors import BadInput
from .declaration import (
    Declared,
    DeclaredHost,
    DeclaredLink,
    DeclaredPhysicalNetwork,
    DeclaredRange,
    Inventory,
    as_pool,
    written,
)

D = TypeVar("D", bound=Declared)

KINDS: Mapping[type[Declared], str] = {
    DeclaredPhysicalNetwork: "physical_network",
    DeclaredHost: "host",
    DeclaredLink: "link",
    DeclaredRange: "network_segment_range",
}
"""As the API calls them."""


@dataclass(frozen=True)
class Change:
    """From `old` (None: not there) to `new` (None: removed). A host's links are changes of their own.

    name: what a person calls it: `blue`, `host1/eth0`, `blue 100-199`.  path: its place in the file.
    host: the host's name, for a link.
    """

    name: str
    path: str
    old: Declared | None
    new: Declared | None
    host: str = ""

    @property
    def kind(self) -> type[Declared]:
        return type(self.new if self.new is not None else self.old)  # type: ignore[return-value]

    @property
    def action(self) -> str:
        """create, update or delete."""
        return "create" if self.old is None else "delete" if self.new is None else "update"

    @property
    def attributes(self) -> dict[str, dict[str, Any]]:
        """What changes, by name: `{"mtu": {"old": 1500, "new": 9000}}`; without `old` where it is created."""
        if self.new is None:
            return {}
        if self.old is None:
            return {name: {"new": value} for name, value in written(self.new).items()}
        old, new = structs.asdict(self.old), structs.asdict(self.new)
        return {
            name: {"old": msgspec.to_builtins(old[name]), "new": msgspec.to_builtins(value)}
            for name, value in new.items()
            if old[name] != value
        }


@dataclass(frozen=True)
class Plan:
    """`left_alone`: what the file does not mention and nobody asked to remove, as (kind, name)."""

    changes: list[Change] = field(default_factory=list)
    left_alone: list[tuple[str, str]] = field(default_factory=list)


def plan(declared: Inventory, stored: Inventory, prune: bool) -> Plan:
    """Raises BadInput for a reference to a physical network that would not be there."""
    _check_references(declared, stored, prune)
    found = list(_changes(declared, stored))
    removable = [change for change in found if prune or not _is_unmentioned(change)]
    left = [change for change in found if not prune and _is_unmentioned(change) and not change.host]
    return Plan(removable, [(KINDS[change.kind], change.name) for change in left])


def _is_unmentioned(change: Change) -> bool:
    """Not in the file at all, nor below something that is."""
    return change.new is None and "[" not in change.path


def _changes(declared: Inventory, stored: Inventory) -> Iterator[Change]:
    physical_networks = {one.name: one for one in stored.physical_networks}
    yield from _by_name("physical_networks", declared.physical_networks, physical_networks)
    hosts = {host.name: host for host in stored.hosts}
    yield from _by_name("hosts", [_bare(host) for host in declared.hosts], {n: _bare(h) for n, h in hosts.items()})
    for number, host in enumerate(declared.hosts):
        old = hosts[host.name].links if host.name in hosts else []
        yield from _links(f"hosts[{number}].links", host.name, host.links, old)
    for host in stored.hosts:
        if host.name not in {one.name for one in declared.hosts}:
            yield from _links("hosts", host.name, [], host.links)
    yield from _ranges(declared.network_segment_ranges, stored.network_segment_ranges)


def _by_name(section: str, wanted: Sequence[Any], stored: Mapping[str, Declared]) -> Iterator[Change]:
    for number, new in enumerate(wanted):
        old = stored.get(new.name)
        if new != old:
            yield Change(new.name, f"{section}[{number}]", old, new)
    for name in sorted(stored.keys() - {new.name for new in wanted}):
        yield Change(name, section, stored[name], None)


def _links(section: str, host: str, wanted: Sequence[DeclaredLink], stored: Sequence[DeclaredLink]) -> Iterator[Change]:
    old = {link.device: link for link in stored}
    for number, new in enumerate(wanted):
        if new != old.get(new.device):
            yield Change(f"{host}/{new.device}", f"{section}[{number}]", old.get(new.device), new, host)
    for device in sorted(old.keys() - {link.device for link in wanted}):
        yield Change(f"{host}/{device}", section, old[device], None, host)


def _ranges(wanted: Sequence[DeclaredRange], stored: Sequence[DeclaredRange]) -> Iterator[Change]:
    """A range has no name that is its own: it goes on as the declared one with which it shares VLANs."""
    same = {_label(old): old for old in stored}
    left = [old for old in stored if _label(old) not in {_label(new) for new in wanted}]
    for number, new in enumerate(wanted):
        old = same.get(_label(new)) or next((one for one in left if _share_vlans(one, new)), None)
        if old in left:
            left.remove(old)
        if new != old:
            yield Change(_label(old or new), f"network_segment_ranges[{number}]", old, new)
    for old in left:
        yield Change(_label(old), "network_segment_ranges", old, None)


def _share_vlans(one: DeclaredRange, other: DeclaredRange) -> bool:
    return segments.overlap(as_pool(one.physical_network, one), as_pool(other.physical_network, other))


def _label(pool: DeclaredRange) -> str:
    return f"{pool.physical_network} {pool.minimum}-{pool.maximum}"


def _bare(host: DeclaredHost) -> DeclaredHost:
    return structs.replace(host, links=[])


def _check_references(declared: Inventory, stored: Inventory, prune: bool) -> None:
    known = {one.name for one in declared.physical_networks}
    if not prune:
        known |= {one.name for one in stored.physical_networks}
    for path, name in _references(declared):
        if name not in known:
            raise BadInput("InvalidInput", f"{path}: there is no physical network '{name}'.")


def _references(declared: Inventory) -> Iterator[tuple[str, str]]:
    for number, host in enumerate(declared.hosts):
        for index, link in enumerate(host.links):
            yield f"hosts[{number}].links[{index}].physical_network", link.physical_network
    for number, pool in enumerate(declared.network_segment_ranges):
        yield f"network_segment_ranges[{number}].physical_network", pool.physical_network
