"""OVN's two databases on real ovsdb-servers, and hands to touch the northbound one with."""

import hashlib
import json
from collections.abc import Hashable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ovirt_quantum.plugin import Change, Context, DesiredPort, Plugin
from ovirt_quantum_ovn import OvnPlugin
from ovirt_quantum_ovn.ovsdb import Client, operations, remotes

from tests.ovsdb.server import OvsdbServer, run

from .backend import Observe
from .ports import desired_port, unrealisable

MARK = "ovirt-quantum"
CLEARED = (
    "Logical_Router",
    "Logical_Switch",
    "Load_Balancer",
    "DHCP_Options",
    "DNS",
    "Mirror",
    "Port_Group",
    "Address_Set",
)
"""Those whose rows keep the rest. A group of chassis stays: it cannot go in one transaction with its router."""
TABLES = ("Logical_Switch", "Logical_Switch_Port", "DHCP_Options", "Port_Group", "ACL", "Address_Set")
Row = Mapping[str, Any]


class OvnBackend:
    """A northbound database without northd, so that only plugins and these hands write to it."""

    patience = 7.0

    def __init__(self, northbound: OvsdbServer, southbound: OvsdbServer) -> None:
        self._northbound = northbound
        self._southbound = southbound

    def plugin(self, deployment: str, observe: Observe) -> Plugin:
        settings = {"northbound": self._northbound.remote, "southbound": self._southbound.remote}
        plugin = OvnPlugin(Context(deployment, settings, observe, OvnPlugin.network_types))
        plugin.hosts([])
        return plugin

    def desired(self, number: int, **attributes: Any) -> DesiredPort:
        return desired_port(number, **attributes)

    def unrealisable(self) -> Change:
        return unrealisable()

    def plug(self, port_id: str) -> None:
        """OVN has a port before any VM does."""

    def state(self, port_id: str) -> Hashable:
        """The switches that it is on, its addresses, and whether it is enabled."""
        for row in self.rows("Logical_Switch_Port"):
            if row["_uuid"] == port_id:
                on = [switch["name"] for switch in self.rows("Logical_Switch") if port_id in switch["ports"]]
                return (*on, row["addresses"], row["enabled"])
        return None

    def expected(self, desired: DesiredPort) -> Hashable:
        addresses = frozenset({desired.port.mac_address, "unknown"})
        return (desired.network.id, addresses, desired.port.admin_state_up)

    def change_by_hand(self, port_id: str) -> None:
        self.nbctl("lsp-set-addresses", port_id, "02:00:00:00:00:99 10.0.0.99")

    def hinder(self, port_id: str) -> None:
        """Somebody takes our mark off: from now on it is his."""
        self.nbctl("remove", "Logical_Switch_Port", port_id, "external_ids", MARK)

    def stop(self) -> None:
        self._northbound.kill()

    def start(self) -> None:
        self._northbound.start()

    def clear(self) -> None:
        self.nbctl(*(word for table in CLEARED for word in ("--", "--all", "destroy", table)))

    def add_foreign(self) -> None:
        self.nbctl("ls-add", "theirs")
        self.nbctl("lsp-add", "theirs", "their-port")
        self.nbctl("pg-add", "their_group", "their-port")
        self.nbctl("acl-add", "their_group", "to-lport", "1000", "ip4", "drop")
        self.nbctl("set", "Logical_Switch", "theirs", f"external_ids:{MARK}=somebody")

    def fingerprint(self, *deployments: str) -> str:
        content = {
            table: sorted(str(sorted(row.items(), key=str)) for row in self.rows(table) if not _is_of(row, deployments))
            for table in TABLES
        }
        return hashlib.sha256(json.dumps(content).encode()).hexdigest()

    def writes(self) -> int:
        log = (self._northbound.folder / "nb.db").read_text()
        return sum(f'"_comment":"{MARK} ' in line for line in log.splitlines())

    def nbctl(self, *arguments: str) -> str:
        """ovn-nbctl(8) on it."""
        return run("ovn-nbctl", f"--db={self._northbound.remote}", "--timeout=5", *arguments)

    def rows(self, table: str) -> list[Row]:
        """All rows of a table."""
        with self._client() as client:
            return [_comparable(row) for row in client.transact([operations.select(table)], 5)[0].rows]

    @contextmanager
    def _client(self) -> Iterator[Client]:
        client = Client("OVN_Northbound", remotes.parse(self._northbound.remote))
        client.start()
        yield client
        client.close()


def _comparable(row: Row) -> Row:
    return {name: value for name, value in row.items() if name != "_version"}


def _is_of(row: Row, deployments: tuple[str, ...]) -> bool:
    return row["external_ids"].get(MARK) in deployments
