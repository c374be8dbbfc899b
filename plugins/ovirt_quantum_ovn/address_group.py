"""An address group: an address set for each family (ovn-nb(5), Address_Set)."""

from ovirt_quantum.plugin import ADDRESS_GROUP, DesiredAddressGroup, Ref

from . import acl
from .rows import Extent, Place, Row, Wanted, derived, marked


def set_of(id: str, version: int) -> Place:
    return Place("Address_Set", derived(id, f"ip{version}"))


def extent(id: str) -> Extent:
    return Extent((set_of(id, 4), set_of(id, 6)))


def wanted(desired: DesiredAddressGroup, deployment: str) -> Wanted:
    group = desired.group
    blocks = {4: [b for b in group.addresses if ":" not in b], 6: [b for b in group.addresses if ":" in b]}
    rows = skeletons(group.id, deployment, group.name)
    return Wanted(
        tuple(
            Row(row.place, {**row.columns, "addresses": frozenset(blocks[version])})
            for version, row in zip((4, 6), rows, strict=True)
        )
    )


def skeletons(id: str, deployment: str, name: str = "") -> tuple[Row, ...]:
    """Empty ones: for the rules that refer to them before they are made."""
    marks = marked(deployment, Ref(ADDRESS_GROUP, id), name)
    return tuple(
        Row(set_of(id, version), {"name": acl.address_set_name(id, version), "external_ids": marks})
        for version in (4, 6)
    )
