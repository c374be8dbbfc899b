"""Changes of our northbound rows that are not our own: somebody edits or deletes them by hand."""

import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager

from ovirt_quantum.plugin import Ref

from .ovsdb import Client, Condition, RowChange, Watched
from .rows import MARK, object_of

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
    ],
    "DHCP_Options": ["cidr", "options"],
    "DNS": ["records"],
    "QoS": ["direction", "priority", "match", "action", "bandwidth"],
    "Mirror": ["name", "filter", "sink", "type", "index"],
    "Port_Group": ["name", "acls"],
    "ACL": ["direction", "priority", "match", "action"],
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
"""What of our rows is watched: the columns that we write, but for the sets that grow with the number of ports."""


class Drift:
    """`report` is called by the client's thread with the objects whose rows were changed."""

    def __init__(self, client: Client, deployment: str, report: Callable[[Collection[Ref]], None]) -> None:
        self._report = report
        self._lock = threading.Lock()
        self._writing: frozenset[str] = frozenset()
        self._begun = False
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
        objects = {ref for change in others if change.old is not None and (ref := object_of(change.old)) is not None}
        if begun and objects:
            self._report(objects)
