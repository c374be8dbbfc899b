"""Reading: what an actor may see of a resource, one or many."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from msgspec import structs

from ..model import (
    Actor,
    DnsAssignment,
    FloatingIp,
    Network,
    NetworkSegmentRange,
    Port,
    PortForwarding,
    Resource,
    SecurityGroup,
    SecurityGroupRule,
    fields,
)
from ..model.types import decode_text
from ..store import lists
from ..store.database import Database
from ..store.documents import decode, encode
from ..store.transaction import Transaction
from .access import get_visible, may_see
from .floating_ip import details, with_details
from .security_group import with_rules
from .segment_range import with_usage

Document = dict[str, Any]
"""A resource by its names on the wire, all attributes."""


def show(database: Database, actor: Actor, kind: type[Resource], id: str) -> Document:
    """Raises NotFound."""
    with database.reading() as connection:
        tx = Transaction(connection)
        document = as_document(tx, get_visible(tx, actor, kind, id))
        return _with_trouble(tx, kind, [document])[0]


def as_document(tx: Transaction, resource: Resource) -> Document:
    """A resource as it is in the transaction."""
    document: Document = msgspec.json.decode(encode(_completed(tx, resource)))
    return document


def index(
    database: Database, actor: Actor, kind: type[Resource], columns: Mapping[str, Sequence[str]]
) -> list[Document]:
    """All that the actor may see and whose columns have one of the values asked for."""
    with database.reading() as connection:
        tx = Transaction(connection)
        found = lists.documents(connection, kind, columns)
        if not actor.sees_all_projects or kind is NetworkSegmentRange:
            found = _one_by_one(tx, actor, kind, found)
        documents = [_whole(kind, document) for document in found]
        if kind is SecurityGroup:
            _put_rules_in(tx, documents, columns)
        if kind is FloatingIp:
            _put_details_in(tx, documents, columns)
        if kind is Port:
            _put_names_in(tx, documents)
        return _with_trouble(tx, kind, documents)


def _whole(kind: type[Resource], stored: str) -> Document:
    """A document from before an attribute was declared lacks it: it then has the default."""
    document: Document = msgspec.json.decode(stored)
    if len(document) < len(fields(kind)):
        document = msgspec.json.decode(encode(decode(kind, stored)))
    return document


def _one_by_one(tx: Transaction, actor: Actor, kind: type[Resource], found: Sequence[str]) -> list[str]:
    resources = [(decode(kind, document), document) for document in found]
    seen = [(one, document) for one, document in resources if may_see(actor, one, _network(tx, one))]
    return [encode(_completed(tx, one)) if kind is NetworkSegmentRange else document for one, document in seen]


def _network(tx: Transaction, resource: Resource) -> Network | None:
    network_id = getattr(resource, "network_id", None)
    return None if network_id is None else tx.look(Network, network_id)


def _completed(tx: Transaction, resource: Resource) -> Resource:
    if isinstance(resource, SecurityGroup):
        return with_rules(tx, resource)
    if isinstance(resource, FloatingIp):
        return with_details(tx, resource)
    if isinstance(resource, Port):
        return structs.replace(resource, dns_assignment=_names(tx, resource))
    return with_usage(tx, resource) if isinstance(resource, NetworkSegmentRange) else resource


def _put_rules_in(tx: Transaction, groups: Sequence[Document], columns: Mapping[str, Sequence[str]]) -> None:
    """One query for the rules of all groups."""
    by_group = {group["id"]: group["security_group_rules"] for group in groups}
    for text in lists.dependents(tx.connection, SecurityGroupRule, "security_group_id", SecurityGroup, columns):
        rule: Document = msgspec.json.decode(text)
        by_group.get(rule["security_group_id"], []).append(rule)


def _put_details_in(tx: Transaction, found: Sequence[Document], columns: Mapping[str, Sequence[str]]) -> None:
    """One query for the forwardings of all floating IPs, and one for the ports that they stand for."""
    by_id = {one["id"]: one["port_forwardings"] for one in found}
    for text in lists.dependents(tx.connection, PortForwarding, "floatingip_id", FloatingIp, columns):
        forwarding: Document = msgspec.json.decode(text)
        by_id.get(forwarding["floatingip_id"], []).append(forwarding)
    used = [one["port_id"] for one in found if one["port_id"]]
    ports = [decode(Port, text) for text in lists.documents(tx.connection, Port, {"id": used})] if used else []
    shown = {port.id: msgspec.to_builtins(details(port), enc_hook=str) for port in ports}
    for one in found:
        one["port_details"] = shown.get(one["port_id"])


def _put_names_in(tx: Transaction, ports: Sequence[Document]) -> None:
    """Few ports have a name; the others cost nothing."""
    for document in ports:
        if document["dns_name"]:
            port = msgspec.convert(document, Port, dec_hook=decode_text)
            document["dns_assignment"] = msgspec.to_builtins(_names(tx, port), enc_hook=str)


def _names(tx: Transaction, port: Port) -> list[DnsAssignment]:
    return port.names(tx.get(Network, port.network_id).dns_domain) if port.dns_name else []


def _with_trouble(tx: Transaction, kind: type[Resource], documents: list[Document]) -> list[Document]:
    troubles = lists.troubles(tx.connection, kind)
    for document in documents if troubles else []:
        trouble = troubles.get(document["id"])
        if trouble is not None and "status" in document:
            document["status"] = "BUILD" if trouble.failing else document["status"]
            document["status_reason"] = trouble.reason
    return documents
