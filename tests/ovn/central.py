"""OVN's two databases without northd, so that only the service and the tests' own hands write to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.api.client import Client, Document
from tests.contract.ovn_central import OvnBackend, Row
from tests.ovsdb.cluster import Cluster
from tests.ovsdb.server import OvsdbServer
from tests.service import Service

SOUTHBOUND = "/usr/share/ovn/ovn-sb.ovsschema"
TABLES = ("Logical_Switch", "Logical_Switch_Port", "DHCP_Options", "Port_Group", "ACL", "Address_Set")


class Central:
    """The databases, and the service on them."""

    def __init__(self, folder: Path, northbound: OvsdbServer, southbound: OvsdbServer, remote: str, more: str) -> None:
        self.northbound = northbound
        self.southbound = southbound
        settings = f'plugins = ["ovn"]\n[ovn]\nnorthbound = "{remote}"\nsouthbound = "{southbound.remote}"\n{more}'
        self.service = Service(folder / "service", settings).start()
        self.admin = Client(self.service, self.service.token())

    @property
    def hands(self) -> OvnBackend:
        """On the northbound server."""
        return OvnBackend(self.northbound, self.southbound)

    def rows(self) -> dict[str, list[Row]]:
        """All that the northbound database has."""
        return {table: sorted(self.hands.rows(table), key=lambda row: str(row["_uuid"])) for table in TABLES}

    def cloud(self) -> dict[str, Document]:
        """One of everything that the plugin realises."""
        create = self.admin.create
        blocks = create("address-groups", addresses=["192.0.2.0/24", "2001:db8::/64"])
        group = create("security-groups", name="web")
        rule = {"security_group_id": group["id"], "direction": "ingress", "protocol": "tcp"}
        create("security-group-rules", **rule, port_range_min=80, port_range_max=80)
        create("security-group-rules", **rule, remote_address_group_id=blocks["id"])
        overlay = create("networks", name="overlay")
        v4 = {"network_id": overlay["id"], "cidr": "10.1.0.0/24", "ip_version": 4, "dns_nameservers": ["192.0.2.53"]}
        subnet = create("subnets", **v4)
        v6 = {"ip_version": 6, "ipv6_address_mode": "dhcpv6-stateful", "ipv6_ra_mode": "dhcpv6-stateful"}
        create("subnets", network_id=overlay["id"], cidr="fd00:1::/64", **v6)
        wire = create("networks", name="wire", provider__network_type="vlan", provider__physical_network="physnet1")
        port = create("ports", network_id=overlay["id"], name="vm", security_groups=[group["id"]])
        options = [{"opt_name": "mtu", "opt_value": "1400"}]
        create("ports", network_id=overlay["id"], extra_dhcp_opts=options)
        return {"group": group, "overlay": overlay, "subnet": subnet, "wire": wire, "port": port, "blocks": blocks}


@contextmanager
def central(folder: Path, more: str = "") -> Iterator[Central]:
    """more: further lines of the plugin's settings."""
    with (
        OvsdbServer(folder / "n") as north,
        OvsdbServer(folder / "s", schema=SOUTHBOUND) as south,
        served(Central(folder, north, south, north.remote, more)) as made,
    ):
        yield made


@contextmanager
def clustered(folder: Path, cluster: Cluster) -> Iterator[Central]:
    """On a northbound database of three servers."""
    with (
        OvsdbServer(folder / "s", schema=SOUTHBOUND) as south,
        served(Central(folder, cluster.leader(), south, cluster.remote, "")) as made,
    ):
        yield made


@contextmanager
def served(made: Central) -> Iterator[Central]:
    try:
        yield made
    finally:
        made.service.kill()
