"""What is outside of the cloud: a machine on the wire of the physical network, with a gateway's address."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

from lab.namespace import Namespace
from tests.api.client import Document
from tests.ovn.site import Site, connects, hearing

CIDR, GATEWAY = "172.24.0.0/24", "172.24.0.254"
CIDR6, GATEWAY6 = "fd00:24::/64", "fd00:24::fffe"
DEVICE = "data"
"""The bridge that is the wire; flat, for not every kernel has VLAN devices."""


class Outside:
    """In the data centre's central namespace, where the data network is a bridge."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.netns: Namespace = site.datacentre.central

    def up(self) -> None:
        self.netns.ip("addr", "add", f"{GATEWAY}/24", "dev", DEVICE)
        self.netns.ip("addr", "add", f"{GATEWAY6}/64", "dev", DEVICE, "nodad")
        self.netns.run(["ethtool", "-K", DEVICE, "tx", "off"])

    def down(self) -> None:
        self.netns.ip("addr", "del", f"{GATEWAY}/24", "dev", DEVICE)
        self.netns.ip("addr", "del", f"{GATEWAY6}/64", "dev", DEVICE)

    def network(self, **attributes: Any) -> Document:
        """The external network, with a subnet that has the machine as its gateway and no DHCP."""
        wire = {"provider:network_type": "flat", "provider:physical_network": "physnet1"}
        made = self.site.admin.create("networks", name="public", **{"router:external": True}, **wire, **attributes)
        for version, cidr, gateway in ((4, CIDR, GATEWAY), (6, CIDR6, GATEWAY6)):
            self.site.admin.create(
                "subnets",
                network_id=made["id"],
                cidr=cidr,
                ip_version=version,
                gateway_ip=gateway,
                enable_dhcp=False,
            )
        return made

    def reaches(self, address: str, *, tries: int = 3) -> bool:
        """Whether any of a few pings is answered."""
        ping = ["ping", "-c", str(tries), "-i", "0.2", "-W", "1", "-w", "2", address]
        return self.netns.run(ping, check=False).returncode == 0

    def connects(self, address: str, port: int) -> bool:
        return connects(self.netns, address, port)

    def hearing(self, *what: str) -> AbstractContextManager[Callable[[], list[str]]]:
        return hearing(self.netns, DEVICE, self.site.folder, *what)
