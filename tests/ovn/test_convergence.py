"""What somebody changes in the northbound database by hand comes back; what is his, stays."""

from collections.abc import Iterator
from typing import Any

import pytest

from tests.api.client import Document
from tests.contract.ovn_central import Row
from tests.ovn.central import Central, central
from tests.ovn.site import until

PUT_RIGHT_S = 5.0
Rows = dict[str, list[Row]]

WRONG = {
    "Logical_Switch": {"name": "wrong"},
    "Logical_Switch_Port": {
        "name": "wrong",
        "type": "virtual",
        "addresses": "unknown",
        "port_security": '"02:00:00:00:00:01"',
        "enabled": "false",
        "dhcpv4_options": "[]",
        "dhcpv6_options": "[]",
        "options": ":requested-chassis=elsewhere",
        "tag": "7",
    },
    "DHCP_Options": {"cidr": '"192.0.2.0/24"', "options": ":server_id=192.0.2.66"},
    "Port_Group": {"name": "wrong", "acls": "[]", "ports": "[]"},
    "ACL": {"direction": "from-lport", "priority": "7", "match": '"1"', "action": "allow"},
    "Address_Set": {"name": "wrong", "addresses": '"203.0.113.0/24"'},
    "DNS": {"records": ":wrong=203.0.113.1"},
    "QoS": {"direction": "to-lport", "priority": "7", "match": '"1"', "action": ":dscp=7", "bandwidth": ":rate=7"},
    "Mirror": {"name": "wrong", "filter": "from-lport", "sink": '"203.0.113.1"', "type": "erspan", "index": "7"},
    "Logical_Router": {
        "name": "wrong",
        "enabled": "false",
        "options": ":mac_binding_age_threshold=7",
        "ports": "[]",
        "static_routes": "[]",
        "policies": "[]",
        "nat": "[]",
        "load_balancer": "[]",
    },
    "Logical_Router_Port": {
        "name": "wrong",
        "mac": '"02:00:00:00:00:77"',
        "networks": '"203.0.113.1/24"',
        "enabled": "false",
        "ha_chassis_group": "[]",
        "options": ":gateway_mtu=99",
        "ipv6_ra_configs": ":mtu=99",
    },
    "Logical_Router_Static_Route": {
        "route_table": "wrong",
        "ip_prefix": '"198.51.100.0/24"',
        "nexthop": '"203.0.113.1"',
        "policy": "src-ip",
    },
    "Logical_Router_Policy": {"priority": "7", "match": '"ip4"', "action": "drop", "nexthops": '"203.0.113.1"'},
    "NAT": {
        "type": "dnat",
        "external_ip": '"203.0.113.9"',
        "logical_ip": '"203.0.113.8"',
        "gateway_port": "[]",
        "external_mac": '"02:00:00:00:00:77"',
        "logical_port": "wrong",
    },
    "Load_Balancer": {"name": "wrong", "protocol": "udp", "vips": "{}"},
    "HA_Chassis_Group": {"name": "wrong", "ha_chassis": "[]"},
    "HA_Chassis": {"chassis_name": "wrong", "priority": "7"},
}
"""For each column that we write, what is not so in any row of ours."""
WRITTEN_FOR = {
    "port_security": ("", "router"),
    "enabled": ("", "router"),
    "dhcpv4_options": ("",),
    "dhcpv6_options": ("",),
    "tag": ("localnet",),
}
"""Columns of switch ports that are written for some of their types alone."""
ROOTS = (
    "Logical_Switch",
    "DHCP_Options",
    "Port_Group",
    "Address_Set",
    "DNS",
    "Mirror",
    "Logical_Router",
    "Load_Balancer",
)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Central]:
    with central(tmp_path_factory.mktemp("central")) as made:
        made.cloud()
        yield made


@pytest.fixture
def right(site: Central) -> Iterator[Rows]:
    """The rows as they should be, before a test and after it."""
    rows = site.rows()
    assert all(rows.values()), "the cloud has a row of each table"
    yield rows
    comes_back(site, rows)


def comes_back(site: Central, rows: Rows) -> None:
    until(lambda: site.rows() == rows, "the rows are not as they were", PUT_RIGHT_S)


@pytest.mark.parametrize(
    ("table", "column", "value"),
    [(table, column, value) for table, columns in WRONG.items() for column, value in columns.items()],
)
def test_a_column_edited_by_hand_is_put_right(site: Central, right: Rows, table: str, column: str, value: str) -> None:
    """In every row of ours; those of the group that drops are among them."""
    for row in (row for row in right[table] if is_written(table, column, row)):
        unique = f"wrong{row['_uuid'][:8]}" if value == "wrong" else value
        site.hands.nbctl("set", table, row["_uuid"], f"{column}{'' if value.startswith(':') else '='}{unique}")
    comes_back(site, right)


@pytest.mark.parametrize("table", ROOTS)
def test_a_row_deleted_by_hand_comes_back(site: Central, right: Rows, table: str) -> None:
    """With all that went with it: a switch's ports, a group's rules and members."""
    for row in right[table]:
        site.hands.nbctl("destroy", table, row["_uuid"])
        comes_back(site, right)


def test_a_port_deleted_by_hand_comes_back(site: Central, right: Rows) -> None:
    """Into its switch and its groups; also the one to a network's wire."""
    for row in right["Logical_Switch_Port"]:
        site.hands.nbctl("lsp-del", row["name"])
        comes_back(site, right)


def test_a_rule_deleted_by_hand_comes_back(site: Central, right: Rows) -> None:
    """A row goes with the last group that has it."""
    for group in right["Port_Group"]:
        for rule in group["acls"]:
            site.hands.nbctl("remove", "Port_Group", group["_uuid"], "acls", rule)
            comes_back(site, right)


def test_a_port_taken_out_of_a_group_by_hand_is_put_back(site: Central, right: Rows) -> None:
    """Or it would be open."""
    for group in right["Port_Group"]:
        for port in group["ports"]:
            site.hands.nbctl("remove", "Port_Group", group["_uuid"], "ports", port)
            comes_back(site, right)


def test_everything_deleted_by_hand_comes_back(site: Central, right: Rows) -> None:
    """In one stroke."""
    site.hands.clear()
    comes_back(site, right)


def test_our_keys_come_back_and_those_of_others_stay(site: Central) -> None:
    """In external_ids of our rows; our mark alone says that the row is ours."""
    before = site.rows()
    for table, rows in before.items():
        for row in rows:
            site.hands.nbctl("set", table, row["_uuid"], "external_ids:theirs=1")
            site.hands.nbctl("remove", table, row["_uuid"], "external_ids", "ovirt-quantum-object")
    until(lambda: site.rows() == with_key(before), "our keys do not come back", PUT_RIGHT_S)
    site.admin.update("ports", port_of(site)["id"], name="renamed")
    until(lambda: '"renamed"' in str(site.rows()).replace("'", '"'), "the name is not written", PUT_RIGHT_S)
    assert all(row["external_ids"]["theirs"] == "1" for rows in site.rows().values() for row in rows)
    for table, rows in before.items():
        for row in rows:
            site.hands.nbctl("remove", table, row["_uuid"], "external_ids", "theirs")


def test_rows_of_others_are_not_touched(site: Central) -> None:
    """Neither while everything of ours is put back, nor by a new start."""
    site.hands.add_foreign()
    theirs = [row for rows in site.rows().values() for row in rows if is_foreign(row)]
    assert len(theirs) == 4
    before = site.rows()
    site.hands.nbctl("--all", "destroy", "DHCP_Options")
    site.service.kill()
    site.service.start()
    comes_back(site, before)


def is_written(table: str, column: str, row: Row) -> bool:
    return table != "Logical_Switch_Port" or row["type"] in WRITTEN_FOR.get(column, (row["type"],))


def is_foreign(row: Row) -> bool:
    return not row["external_ids"].get("ovirt-quantum-object")


def with_key(rows: Rows) -> Rows:
    def of(row: Row) -> dict[str, Any]:
        return {**row, "external_ids": {**row["external_ids"], "theirs": "1"}}

    return {table: [of(row) for row in found] for table, found in rows.items()}


def port_of(site: Central) -> Document:
    return site.admin.find("ports", "name=vm")[0]
