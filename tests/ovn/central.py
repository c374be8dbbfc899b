"""OVN's two databases without northd, so that only the service and the tests' own hands write to them."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ovirt_quantum_ovn.drift import COLUMNS

from tests.api.client import Client, Document
from tests.contract.ovn_central import OvnBackend, Row
from tests.ovn.routing import interface
from tests.ovsdb.cluster import Cluster
from tests.ovsdb.server import OvsdbServer, run
from tests.service import Service

SOUTHBOUND = "/usr/share/ovn/ovn-sb.ovsschema"
TABLES = tuple(COLUMNS)


class Central:
    """The databases, and the service on them."""

    def __init__(self, folder: Path, northbound: OvsdbServer, southbound: OvsdbServer, remote: str, more: str) -> None:
        self.northbound = northbound
        self.southbound = southbound
        settings = f'plugins = ["ovn"]\n[ovn]\nnorthbound = "{remote}"\nsouthbound = "{southbound.remote}"\n{more}'
        run("ovn-sbctl", f"--db={southbound.remote}", "--timeout=5", "chassis-add", "host1", "geneve", "127.0.0.1")
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
        self._limits_and_copies(port)
        self._router(subnet, port)
        return {"group": group, "overlay": overlay, "subnet": subnet, "wire": wire, "port": port, "blocks": blocks}

    def _limits_and_copies(self, port: Document) -> None:
        """A speed limit, a name and a mirror of the port."""
        policy = self.admin.create("qos/policies", name="slow")
        limit = {"bandwidth_limit_rule": {"max_kbps": 1000, "max_burst_kbps": 100, "direction": "egress"}}
        assert self.admin.send("POST", f"qos/policies/{policy['id']}/bandwidth_limit_rules", limit).status == 201
        self.admin.update("networks", port["network_id"], dns_domain="example.org.")
        self.admin.update("ports", port["id"], qos_policy_id=policy["id"], dns_name="vm")
        tunnel = {"remote_ip": "192.0.2.9", "mirror_type": "gre", "directions": {"IN": 1}}
        self.admin.create("taas/tap_mirrors", port_id=port["id"], **tunnel)

    def _router(self, subnet: Document, port: Document) -> None:
        """With a gateway, routes of each kind, a floating IP and a forwarding."""
        create = self.admin.create
        create("hosts", name="host1", gateway_priority=1)
        flat = {"provider:network_type": "flat", "provider:physical_network": "physnet1", "router:external": True}
        public = create("networks", name="public", **flat)
        create("subnets", network_id=public["id"], cidr="172.24.0.0/24", ip_version=4, enable_dhcp=False)
        outside = {"network_id": public["id"]}
        router = create("routers", name="way out", external_gateway_info=outside)
        interface(self.admin, router, "add", subnet_id=subnet["id"])
        route = [{"destination": "10.9.0.0/24", "nexthop": "10.1.0.9"}]
        self.admin.update("routers", router["id"], routes=route)
        create("route_tables", router_id=router["id"], routes=route, subnets=[subnet["id"]])
        create("policy_routes", router_id=router["id"], priority=1, source="10.1.0.0/24", nexthops=["10.1.0.9"])
        create("floatingips", floating_network_id=public["id"], port_id=port["id"])
        (other,) = [each for each in self.admin.find("ports", f"network_id={port['network_id']}&name=")
                    if not each["device_owner"]]  # fmt: skip
        shared = create("floatingips", floating_network_id=public["id"])
        wanted = {"protocol": "tcp", "external_port": 2222, "internal_port": 22, "internal_port_id": other["id"]}
        forwardings = f"floatingips/{shared['id']}/port_forwardings"
        answer = self.admin.send("POST", forwardings, {"port_forwarding": wanted})
        assert answer.status == 201, answer


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
