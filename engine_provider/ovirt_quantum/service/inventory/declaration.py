"""What an inventory file may say. References are names; the file knows no ids.

An attribute that is left out has its default, as in the API; so what is declared is declared whole.
"""

from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Annotated, Any

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType, structs

from ... import segments
from ...errors import BadInput
from ...model import NetworkSegmentRange, VlanRange
from ...model.types import DeviceName, Label, Mtu, Name, Priority, Vlan

Tags = list[Annotated[str, Meta(min_length=1, max_length=255)]]


class Declared(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """An entry of the file."""


class DeclaredPhysicalNetwork(Declared, frozen=True, kw_only=True):
    """model.PhysicalNetwork, by its name."""

    name: Label
    description: Name = ""
    tags: Tags = []
    mtu: Mtu = 1500
    bridge: DeviceName = "br-int"
    vlan_ranges: list[VlanRange] = []
    reserved_vlans: list[Vlan] = []


class DeclaredLink(Declared, frozen=True, kw_only=True):
    """model.Link, by its device on the host that it is declared below."""

    device: DeviceName
    physical_network: Label
    description: Name = ""
    tags: Tags = []
    speed_mbps: int | None = None
    redundant: bool = False


class DeclaredHost(Declared, frozen=True, kw_only=True):
    """model.Host, by its name, with all of its links."""

    name: Label
    description: Name = ""
    tags: Tags = []
    ovsdb: str = ""
    gateway_priority: Priority = 0
    links: list[DeclaredLink] = []


class DeclaredRange(Declared, frozen=True, kw_only=True):
    """model.NetworkSegmentRange beside the physical network's own `vlan_ranges`; it has no name that is its own."""

    physical_network: Label
    minimum: Vlan
    maximum: Vlan
    shared: bool | UnsetType = UNSET
    """Left out: true unless there is a `project`."""
    project: Name = ""
    name: Name = ""
    description: Name = ""
    tags: Tags = []

    def __post_init__(self) -> None:
        """Raises ValueError, to which msgspec adds where."""
        if self.shared is UNSET:
            structs.force_setattr(self, "shared", not self.project)
        if self.shared == bool(self.project):
            raise ValueError("a range is either shared or has a project")


class Inventory(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole file."""

    physical_networks: list[DeclaredPhysicalNetwork] = []
    hosts: list[DeclaredHost] = []
    network_segment_ranges: list[DeclaredRange] = []


def parse(document: object) -> Inventory:
    """A document, as JSON or YAML give it, as an inventory that does not contradict itself.

    Raises BadInput that begins with the place in the file: `physical_networks[1].vlan_ranges[0].maximum`.
    """
    try:
        inventory = msgspec.convert(document, Inventory)
    except msgspec.ValidationError as error:
        raise BadInput("InvalidInput", _placed(str(error))) from None
    _check_names(inventory)
    _check_overlaps(inventory)
    return inventory


def _check_names(inventory: Inventory) -> None:
    _check_unique("physical_networks", "name", (one.name for one in inventory.physical_networks))
    _check_unique("physical_networks", "bridge", (one.bridge for one in inventory.physical_networks))
    _check_unique("hosts", "name", (one.name for one in inventory.hosts))
    for number, host in enumerate(inventory.hosts):
        _check_unique(f"hosts[{number}].links", "device", (link.device for link in host.links))


def _check_unique(section: str, attribute: str, values: Iterable[str]) -> None:
    first: dict[str, int] = {}
    for number, value in enumerate(values):
        if value in first:
            place = f"{section}[{number}].{attribute}"
            raise BadInput("InvalidInput", f"{place}: '{value}' is that of {section}[{first[value]}] already.")
        first[value] = number


def _check_overlaps(inventory: Inventory) -> None:
    in_order = sorted(_pools(inventory), key=lambda pool: (pool[1].physical_network, pool[1].minimum))
    for (place, pool), (other_place, other) in pairwise(in_order):
        if segments.overlap(pool, other):
            raise BadInput(
                "InvalidInput",
                f"{other_place}: VLANs {other.minimum}-{other.maximum} overlap with {pool.minimum}-{pool.maximum} "
                f"of {place}.",
            )


def _pools(inventory: Inventory) -> Iterator[tuple[str, NetworkSegmentRange]]:
    """Every pool that the file declares, with its place in it."""
    for number, physical in enumerate(inventory.physical_networks):
        for index, vlans in enumerate(physical.vlan_ranges):
            yield f"physical_networks[{number}].vlan_ranges[{index}]", as_pool(physical.name, vlans)
    for number, declared in enumerate(inventory.network_segment_ranges):
        yield f"network_segment_ranges[{number}]", as_pool(declared.physical_network, declared)


def as_pool(physical_network: str, vlans: VlanRange | DeclaredRange) -> NetworkSegmentRange:
    """The VLANs as the rules of `segments` know them."""
    return NetworkSegmentRange(physical_network=physical_network, minimum=vlans.minimum, maximum=vlans.maximum)


def _placed(words: str) -> str:
    """msgspec's `... - at `$.hosts[0].name`` -> `hosts[0].name: ...`; an unknown key is part of the place."""
    reason, _, place = words.partition(" - at `$")
    place = place.rstrip("`").removeprefix(".")
    _, _, key = reason.partition(" unknown field `")
    if key:
        place, reason = ".".join(filter(None, (place, key.rstrip("`")))), "there is no such key"
    return f"{place or 'the inventory'}: {reason}."


def as_document(inventory: Inventory) -> dict[str, Any]:
    """The inventory as JSON and YAML write it, without what is at its default."""
    sections: dict[str, list[Declared]] = structs.asdict(inventory)
    return {name: [written(one) for one in section] for name, section in sections.items()}


def written(declared: Declared) -> dict[str, Any]:
    """One entry of the file, without what is at its default."""
    attributes = ((field, getattr(declared, field.name)) for field in structs.fields(declared))
    return {field.name: _plain(value) for field, value in attributes if value != _default(field)}


def _default(field: structs.FieldInfo) -> object:
    return field.default if field.default_factory is msgspec.NODEFAULT else field.default_factory()


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return written(value) if isinstance(value, Declared) else msgspec.to_builtins(value)
