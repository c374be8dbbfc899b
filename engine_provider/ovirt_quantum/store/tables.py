"""The tables. A resource's table follows from its declaration; what else must hold is said here.

A row keeps the whole resource as one JSON document; attributes declared with `column=True` stand beside it, for
filters and constraints. The constraints are the last line of defence: two writers that race past the service's
checks still can't share a VLAN, an address or a MAC.
"""

import re
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.mysql import LONGTEXT

from ..model import (
    RESOURCES,
    FirewallGroup,
    FloatingIp,
    Host,
    Link,
    Network,
    NetworkSegmentRange,
    PhysicalNetwork,
    PolicyRoute,
    Port,
    PortForwarding,
    Resource,
    RouteTable,
    SecurityGroup,
    SecurityGroupRule,
    Subnet,
    TapMirror,
    fields,
)
from ..model.types import Uuid

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_name)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)
EXACT: dict[str, Any] = {
    f"mariadb_{option}": value
    for option, value in {"engine": "InnoDB", "charset": "utf8mb4", "collate": "utf8mb4_nopad_bin"}.items()
}
"""MariaDB compares text without regard to case and to spaces at its end unless told otherwise."""
LongText = Text().with_variant(LONGTEXT(), "mysql", "mariadb")

UNIQUE: dict[type[Resource], list[tuple[str, ...]]] = {
    PhysicalNetwork: [("name",), ("bridge",)],
    Host: [("name",)],
    Link: [("host_id", "device")],
    SecurityGroup: [("default_of",)],
    Port: [("network_id", "mac_address")],
    FloatingIp: [
        ("port_id", "fixed_ip_address", "floating_network_id"),
        ("floating_network_id", "floating_ip_address"),
    ],
    PortForwarding: [("floatingip_id", "protocol", "external_port_range")],
}
REFERENCES: dict[type[Resource], dict[str, str]] = {
    Link: {"host_id": "hosts.id", "physical_network_id": "physical_networks.id"},
    NetworkSegmentRange: {"physical_network": "physical_networks.name"},
    SecurityGroupRule: {
        "security_group_id": "security_groups.id",
        "remote_group_id": "security_groups.id",
        "remote_address_group_id": "address_groups.id",
    },
    Network: {"physical_network": "physical_networks.name"},
    Subnet: {"network_id": "networks.id"},
    Port: {"network_id": "networks.id"},
    FloatingIp: {"floating_network_id": "networks.id", "port_id": "ports.id", "router_id": "routers.id"},
    PortForwarding: {"floatingip_id": "floatingips.id", "internal_port_id": "ports.id"},
    RouteTable: {"router_id": "routers.id"},
    PolicyRoute: {"router_id": "routers.id"},
    TapMirror: {"port_id": "ports.id"},
    FirewallGroup: {
        "ingress_firewall_policy_id": "fwaas_firewall_policies.id",
        "egress_firewall_policy_id": "fwaas_firewall_policies.id",
    },
}


def _column(name: str, annotation: Any, index: bool) -> Column[Any]:
    plain = _plain(annotation)
    if name == "id":
        return Column(name, String(36), primary_key=True)
    if plain is bool:
        return Column(name, Boolean, nullable=False)
    if plain is int:
        return Column(name, Integer, index=index)
    return Column(name, String(36 if plain is Uuid else 255), index=index)


def _plain(annotation: Any) -> Any:
    """`Annotated[Uuid | None, ...]` -> `Uuid`."""
    if get_origin(annotation) in (Annotated, Union, UnionType):
        return _plain(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def _table(kind: type[Resource]) -> Table:
    unique = UNIQUE.get(kind, [])
    found_by_unique = {names[0] for names in unique}
    declared = [field for field in fields(kind).values() if field.rule.column]
    columns = [_column(field.name, field.type, index=field.name not in found_by_unique) for field in declared]
    document = Column("document", LongText, nullable=False)
    constraints = [UniqueConstraint(*names) for names in unique]
    references = [ForeignKeyConstraint([name], [other]) for name, other in REFERENCES.get(kind, {}).items()]
    return Table(table_name(kind), metadata, *columns, document, *constraints, *references, **EXACT)


def table_name(kind: type[Resource]) -> str:
    """`qos/policies` -> `qos_policies`, `security-groups` -> `security_groups`; without the ids of a path."""
    return re.sub("{.*?}/", "", kind.path).replace("/", "_").replace("-", "_")


TABLES: dict[type[Resource], Table] = {kind: _table(kind) for kind in RESOURCES}

deployment = Table(
    "deployment",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("generation", BigInteger, nullable=False),
    **EXACT,
)
"""One row. Every batch of writes begins by counting `generation` up: it is the lock that makes writers of all
processes take turns, the version in the sync table, and what tells a database that was rolled back."""

vlan_allocations = Table(
    "vlan_allocations",
    metadata,
    Column("physical_network", String(255), ForeignKey("physical_networks.name"), primary_key=True),
    Column("vlan", Integer, primary_key=True, autoincrement=False),
    Column("network_id", String(36), index=True),
    **EXACT,
)
"""VLANs that are not free. `network_id` is null where the VLAN is reserved for something outside the cloud."""

ip_allocations = Table(
    "ip_allocations",
    metadata,
    Column("subnet_id", String(36), ForeignKey("subnets.id"), primary_key=True),
    Column("address", String(32), primary_key=True),
    Column("port_id", String(36), nullable=False, index=True),
    **EXACT,
)
"""Addresses in use. `address` is 32 hex digits, so that text order is numeric order for both families. They
are taken before the port's own row is written, hence no foreign key on it."""

port_security_groups = Table(
    "port_security_groups",
    metadata,
    Column("port_id", String(36), ForeignKey("ports.id", ondelete="CASCADE"), primary_key=True),
    Column("security_group_id", String(36), ForeignKey("security_groups.id"), primary_key=True, index=True),
    **EXACT,
)
"""Ports in groups. That a port's rows go with it saves its removal, which is frequent, a statement."""

sync = Table(
    "sync",
    metadata,
    Column("plugin", String(32), primary_key=True),
    Column("kind", String(32), primary_key=True),
    Column("object_id", String(36), primary_key=True),
    Column("wanted", BigInteger, nullable=False),
    Column("done", BigInteger, nullable=False),
    Column("due", Double),
    Column("failures", Integer, nullable=False),
    Column("error", Text),
    Column("shortfall", Text),
    Column("realised", LongText, nullable=False),
    Column("troubled", Boolean, nullable=False),
    Index("ix_sync_due", "plugin", "due"),
    Index("ix_sync_troubled", "kind", "troubled"),
    **EXACT,
)
"""A row for each (plugin, object): due while wanted > done. `due` is null when nothing is to be done. `troubled`
is true with an error or a shortfall: what lists must show beside the document."""

accounts = Table(
    "accounts",
    metadata,
    Column("name", String(255), primary_key=True),
    Column("role", String(16), nullable=False),
    Column("project_id", String(255), nullable=False),
    Column("password_hash", String(255)),
    Column("not_before", Double, nullable=False),
    Column("enabled", Boolean, nullable=False),
    **EXACT,
)

revoked_tokens = Table(
    "revoked_tokens",
    metadata,
    Column("jti", String(64), primary_key=True),
    Column("expires", Double, nullable=False, index=True),
    **EXACT,
)
