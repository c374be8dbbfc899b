"""What of a host's database is replicated: these tables and columns, of these types (ovs-vswitchd.conf.db(5))."""

from typing import Any

_NAME = {"type": "string"}
_TEXT = {"type": {"key": "string", "min": 0, "max": 1}}
_NUMBER = {"type": "integer"}
_OPTIONAL_NUMBER = {"type": {"key": "integer", "min": 0, "max": 1}}
_NUMBERS = {"type": {"key": "integer", "min": 0, "max": "unlimited"}}
_MAP = {"type": {"key": "string", "value": "string", "min": 0, "max": "unlimited"}}


def _rows(table: str) -> dict[str, Any]:
    return {"type": {"key": _row(table), "min": 0, "max": "unlimited"}}


def _optional_row(table: str) -> dict[str, Any]:
    return {"type": {"key": _row(table), "min": 0, "max": 1}}


def _numbered_rows(table: str) -> dict[str, Any]:
    return {"type": {"key": "integer", "value": _row(table), "min": 0, "max": "unlimited"}}


def _row(table: str) -> dict[str, str]:
    return {"type": "uuid", "refTable": table}


_TABLES: dict[str, dict[str, Any]] = {
    "Open_vSwitch": {"bridges": _rows("Bridge"), "next_cfg": _NUMBER, "cur_cfg": _NUMBER},
    "Bridge": {"name": _NAME, "datapath_type": _NAME, "ports": _rows("Port")},
    "Port": {
        "name": _NAME,
        "interfaces": _rows("Interface"),
        "tag": _OPTIONAL_NUMBER,
        "vlan_mode": _TEXT,
        "trunks": _NUMBERS,
        "qos": _optional_row("QoS"),
    },
    "Interface": {
        "name": _NAME,
        "type": _NAME,
        "options": _MAP,
        "external_ids": _MAP,
        "ofport": _OPTIONAL_NUMBER,
        "link_state": _TEXT,
        "ingress_policing_rate": _NUMBER,
        "ingress_policing_burst": _NUMBER,
    },
    "QoS": {"type": _NAME, "other_config": _MAP, "external_ids": _MAP, "queues": _numbered_rows("Queue")},
    "Queue": {"other_config": _MAP, "external_ids": _MAP},
}


def schema() -> dict[str, Any]:
    """The cut-down schema in the form of RFC 7047, section 3.2."""
    tables = {name: {"columns": columns} for name, columns in _TABLES.items()}
    return {"name": "Open_vSwitch", "version": "8.3.0", "tables": tables}
