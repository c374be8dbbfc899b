"""The ovs plugin passes the contract on two hosts with real ovsdb-servers and ovs-vswitchds."""

import hashlib
import json
from collections.abc import Hashable, Iterator, Sequence
from typing import Any

import pytest
from ovirt_quantum.plugin import Change, DesiredPort

from .ovs_host import OvsHost, OvsHosts, unique_prefix
from .ports import desired_port, port_id, unrealisable
from .suite import PluginContract

CONFIGURATION = {
    "Bridge": ["name", "datapath_type", "external_ids", "other_config"],
    "Port": ["name", "tag", "trunks", "vlan_mode", "qos", "external_ids", "other_config"],
    "Interface": ["name", "type", "options", "external_ids", "ingress_policing_rate", "ingress_policing_burst"],
    "QoS": ["type", "other_config", "external_ids", "queues"],
    "Queue": ["other_config", "external_ids"],
}
"""What an administrator may set; the other columns are ovs-vswitchd's reports."""


class OvsBackend(OvsHosts):
    """Ports with odd numbers are plugged on the first host, the others on the second."""

    patience = 4.0

    def desired(self, number: int, **attributes: object) -> DesiredPort:
        return desired_port(number, **attributes)  # type: ignore[arg-type]

    def unrealisable(self) -> Change:
        return unrealisable()

    def plug(self, port_id: str) -> None:
        self._host(port_id).plug(port_id, f"vm{_number(port_id)}")

    def state(self, port_id: str) -> Hashable:
        """Host, VLAN, mode and trunks; "cut" where it is off the datapath but still ours."""
        found = [(host.name, *wires) for host in self.hosts if host.answers for wires in _wires(host, port_id)]
        return tuple(found) or None

    def expected(self, desired: DesiredPort) -> Hashable:
        host = self._host(desired.port.id).name
        return ((host, desired.network.segmentation_id, ()) if desired.port.admin_state_up else (host, "cut"),)

    def change_by_hand(self, port_id: str) -> None:
        self._host(port_id).vsctl("set", "Port", f"vm{_number(port_id)}", "tag=4000")

    def hinder(self, port_id: str) -> None:
        self._host(port_id).kill_ovsdb()

    def stop(self) -> None:
        for host in self.hosts:
            host.kill_ovsdb()

    def start(self) -> None:
        for host in self.hosts:
            host.start_ovsdb()

    def clear(self) -> None:
        for host in self.hosts:
            host.clear()

    def add_foreign(self) -> None:
        for host in self.hosts:
            host.plug(port_id(19), "foreign", tag=19)
            host.plug(port_id(20), "other", tag=20)
            host.vsctl("set", "Interface", "other", "external_ids:ovirt-quantum=somebody")
            shaped = ["set", "Port", "foreign", "qos=@q", "--", "--id=@q", "create", "QoS", "type=linux-htb"]
            host.vsctl(*shaped, "queues:0=@r", "--", "--id=@r", "create", "Queue", "other_config:max-rate=9000000")
            host.vsctl("add-br", "br-ex", "--", "set", "Bridge", "br-ex", "datapath_type=netdev")

    def fingerprint(self, *deployments: str) -> str:
        content = [_content(host, deployments) for host in self.hosts]
        return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()

    def writes(self) -> int:
        return max(host.transactions("ovirt-quantum ") for host in self.hosts)

    def _host(self, port_id: str) -> OvsHost:
        return self.hosts[(_number(port_id) + 1) % 2]


def _number(port_id: str) -> int:
    return int(port_id.split("-")[-1], 16) & 0xFF


def _wires(host: OvsHost, port_id: str) -> Iterator[tuple[Any, ...]]:
    ports = {_only(port["interfaces"]): port for port in host.rows("Port")}
    for interface in host.rows("Interface"):
        port = ports[interface["_uuid"]]
        if interface["external_ids"].get("iface-id") != port_id:
            continue
        if interface["type"] != "patch":
            yield port["tag"], tuple(port["trunks"]) + tuple(port["vlan_mode"])
        elif "ovirt-quantum" in interface["external_ids"]:
            yield ("cut",)


def _content(host: OvsHost, deployments: Sequence[str]) -> dict[str, list[list[Any]]]:
    def is_theirs(row: dict[str, Any]) -> bool:
        return row["external_ids"].get("ovirt-quantum") in deployments

    rows = {table: host.rows(table) for table in CONFIGURATION}
    left_out = {row["_uuid"] for row in rows["Interface"] if is_theirs(row)}
    rows["Port"] = [row for row in rows["Port"] if _only(row["interfaces"]) not in left_out]
    return {
        table: sorted([row[column] for column in CONFIGURATION[table]] for row in found if not is_theirs(row))
        for table, found in rows.items()
    }


def _only(value: Any) -> Any:
    return value[0] if isinstance(value, list) else value


@pytest.fixture(scope="module")
def ovs_hosts(tmp_path_factory: pytest.TempPathFactory) -> Iterator[list[OvsHost]]:
    folder = tmp_path_factory.mktemp("ovs")
    with OvsHost("h1", folder, unique_prefix()) as first, OvsHost("h2", folder, unique_prefix()) as second:
        yield [first, second]


@pytest.mark.root
class TestOvsPlugin(PluginContract):
    @pytest.fixture
    def backend(self, ovs_hosts: list[OvsHost]) -> Iterator[OvsBackend]:
        backend = OvsBackend(*ovs_hosts)
        yield backend
        backend.start()
        backend.clear()
