"""What an object is in the northbound database, as data. Pure: no I/O in this file.

OVN lets the client choose a row's id, so each row's id follows from the object's: the object's own where it is one
row, else one derived from it. What is to be looked at for an object is therefore known without a search.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, cast
from uuid import UUID, uuid5

from ovirt_quantum.plugin import Ref

from .ovsdb.values import Writable

Table = Literal[
    "Logical_Switch",
    "Logical_Switch_Port",
    "DHCP_Options",
    "Port_Group",
    "ACL",
    "QoS",
    "DNS",
    "Mirror",
    "Address_Set",
    "Logical_Router",
    "Logical_Router_Port",
    "Logical_Router_Static_Route",
    "Logical_Router_Policy",
    "NAT",
    "Load_Balancer",
    "HA_Chassis_Group",
    "HA_Chassis",
]
ROOTS = frozenset(
    {
        "Logical_Switch",
        "DHCP_Options",
        "DNS",
        "Mirror",
        "Port_Group",
        "Address_Set",
        "Logical_Router",
        "Load_Balancer",
        "HA_Chassis_Group",
    }
)
"""Tables whose rows stay until they are deleted; a row of any other goes with the last set that has it."""

MARK, OBJECT, NAME = "ovirt-quantum", "ovirt-quantum-object", "ovirt-quantum-name"
"""external_ids of every row of ours: the deployment; `kind:id` of the object; its name, for people."""

SHARED = "drop"
"""Stands for a kind of objects in the marks of what all secured ports share: the group that drops."""


@dataclass(frozen=True)
class Place:
    """Where a row is, or would be."""

    table: Table
    uuid: str


@dataclass(frozen=True)
class Row:
    """A row as it should be. A column that is not named is somebody else's: northd's, or an administrator's."""

    place: Place
    columns: Mapping[str, Writable]


@dataclass(frozen=True)
class Holder:
    """A set of rows that many objects share: the ports of a port group; a switch's ports, QoS rules, DNS records."""

    place: Place
    column: str


@dataclass(frozen=True)
class Wanted:
    """An object as it should be.

    rows: exactly so.  needs: other objects' rows that these refer to: made where they are missing, else left as they
    are.  held: for each row that stands in shared sets, all the sets that it must stand in.
    """

    rows: tuple[Row, ...] = ()
    needs: tuple[Row, ...] = ()
    held: Mapping[Place, frozenset[Holder]] = field(default_factory=dict)


@dataclass(frozen=True)
class Extent:
    """All places where rows of an object may be, and the sets that they may stand in, by (table, column)."""

    places: tuple[Place, ...]
    held: Mapping[Place, tuple[tuple[Table, str], ...]] = field(default_factory=dict)


def derived(id: str, role: str) -> str:
    """The id of an object's further row."""
    return str(uuid5(UUID(id), role))


def mac_of(id: str) -> str:
    """A locally administered MAC address (IEEE 802) of an object's own."""
    return ":".join(f"{byte:02x}" for byte in (0x0A, *UUID(id).bytes[-5:]))


def marked(deployment: str, ref: Ref, name: str = "") -> dict[str, str]:
    """The external_ids of a row of an object."""
    ids = {MARK: deployment, OBJECT: f"{ref.kind}:{ref.id}"}
    return ids | ({NAME: name} if name else {})


def external_ids(row: Mapping[str, Writable]) -> Mapping[str, str]:
    """Of a row as it was read or is to be written."""
    found = row["external_ids"]
    assert isinstance(found, Mapping)
    return cast("Mapping[str, str]", found)


def object_of(row: Mapping[str, Writable]) -> Ref | None:
    """The object that a row is part of; None where it is none of ours."""
    kind, colon, id = external_ids(row).get(OBJECT, "").partition(":")
    return Ref(kind, id) if colon else None
