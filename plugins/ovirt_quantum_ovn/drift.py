"""Changes of our northbound rows that are not our own: somebody edits or deletes them by hand."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import cast

from ovirt_quantum.plugin import PORT, Ref

from .ovsdb import Client, Condition, Row, RowChange, Watched
from .rows import MARK, SHARED, object_of

COLUMNS = {
    "Logical_Switch": ["name"],
    "Logical_Switch_Port": [
        "name",
        "type",
        "addresses",
        "port_security",
        "enabled",
        "dhcpv4_options",
        "dhcpv6_options",
        "options",
        "tag",
        "mirror_rules",
    ],
    "DHCP_Options": ["cidr", "options"],
    "DNS": ["records"],
    "QoS": ["direction", "priority", "match", "action", "bandwidth"],
    "Mirror": ["name", "filter", "sink", "type", "index"],
    "Port_Group": ["name", "acls", "ports"],
    "ACL": ["direction", "priority", "match", "action", "options"],
    "Address_Set": ["name", "addresses"],
    "Logical_Router": ["name", "enabled", "options", "ports", "static_routes", "policies", "nat", "load_balancer"],
    "Logical_Router_Port": ["name", "mac", "networks", "enabled", "ha_chassis_group", "options", "ipv6_ra_configs"],
    "Logical_Router_Static_Route": ["route_table", "ip_prefix", "nexthop", "policy"],
    "Logical_Router_Policy": ["priority", "match", "action", "nexthops"],
    "NAT": ["type", "external_ip", "logical_ip", "gateway_port", "external_mac", "logical_port"],
    "Load_Balancer": ["name", "protocol", "vips"],
    "HA_Chassis_Group": ["name", "ha_chassis"],
    "HA_Chassis": ["chassis_name", "priority"],
}
"""What of our rows is watched: the columns that we write. A switch's ports are not among them: who takes a port out of
its switch deletes it."""


class Drift:
    """`report` is called by the client's thread with the objects whose rows were changed."""

    def __init__(self, client: Client, deployment: str, report: Callable[[Collection[Ref]], None]) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._writing: frozenset[str] = frozenset()
        self._begun = False
        self._shared: dict[str, frozenset[str]] = {}
        ours = [Condition("external_ids", "includes", {MARK: deployment})]
        tables = {table: Watched([*columns, "external_ids"], ours) for table, columns in COLUMNS.items()}
        client.monitor(tables, self._changed)

    @contextmanager
    def writing(self, uuids: Collection[str]) -> Iterator[None]:
        """What changes of these rows meanwhile is our own doing.

        ovsdb-server tells of a transaction's changes before it answers the transaction.
        """
        with self._lock:
            self._writing = frozenset(uuids)
        try:
            yield
        finally:
            with self._lock:
                self._writing = frozenset()

    def _changed(self, changes: Sequence[RowChange]) -> None:
        with self._lock:
            begun, self._begun = self._begun, True
            others = [change for change in changes if change.uuid not in self._writing]
        objects = {ref for change in others for ref in self._concerned(change)}
        self._note_shared(changes)
        if begun and objects:
            self._report(objects)

    def _concerned(self, change: RowChange) -> Iterator[Ref]:
        """The row's object, for what all ports share one of them, and the ports that came into a group or went."""
        row = change.old or change.new
        ref = object_of(row) if row is not None else None
        if ref is not None and ref.kind == SHARED:
            yield from (Ref(PORT, port) for port in islice(self._shared.get(ref.id, ()), 1))
        elif ref is not None:
            yield ref
        yield from (Ref(PORT, port) for port in _members(change.old) ^ _members(change.new))

    def _note_shared(self, changes: Sequence[RowChange]) -> None:
        for change in changes:
            row = change.new or change.old
            ref = object_of(row) if row is not None and change.table == "Port_Group" else None
            if ref is not None and ref.kind == SHARED:
                self._shared[ref.id] = _members(change.new)


def _members(group: Row | None) -> frozenset[str]:
    """The ports of a group, each of which has the id of its row; of any other row none."""
    return cast("frozenset[str]", group.get("ports", frozenset())) if group is not None else frozenset()
