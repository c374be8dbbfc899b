"""A network behind a firewall and one beside it, and what can be tried between them."""

import socket
import struct
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from tests.api.client import Document
from tests.ovn.routing import ports_on, routed, router
from tests.ovn.site import Site, Vm, until

RULES, POLICIES, GROUPS = "fwaas/firewall_rules", "fwaas/firewall_policies", "fwaas/firewall_groups"
ALLOW_ALL = ({"action": "allow"}, {"action": "allow", "ip_version": 6})
WEB = {"action": "allow", "protocol": "tcp", "destination_port": "80"}
PING = {"action": "allow", "protocol": "icmp"}
SCTP, GRE = 132, 47


def policy(site: Site, *rules: dict[str, Any]) -> str:
    made = [site.admin.create(RULES, **rule)["id"] for rule in rules]
    id: str = site.admin.create(POLICIES, firewall_rules=made)["id"]
    return id


@dataclass
class Walls:
    """Blue and red behind a router, a VM each on a host of its own, and one more on red; red is what is guarded."""

    site: Site
    blue: Document
    red: Document
    between: Document
    a: Vm
    b: Vm
    near: Vm

    def guard(self, ingress: list[dict[str, Any]] | None, egress: list[dict[str, Any]] | None) -> Document:
        """A group on red's router ports, by these rules; None: no policy at all."""
        policies = {
            f"{name}_firewall_policy_id": None if rules is None else policy(self.site, *rules)
            for name, rules in (("ingress", ingress), ("egress", egress))
        }
        made = self.site.admin.create(GROUPS, ports=ports_on(self.site, self.between, self.red), **policies)
        self.settle()
        return made

    def settle(self) -> None:
        """Until what is written is in force on the hosts."""
        self.site.ovn.nbctl("--wait=hv", "sync")


def walls(site: Site, **port: Any) -> Walls:
    blue, red = site.network("10.1.0.0/24", "fd00:1::/64"), site.network("10.2.0.0/24", "fd00:2::/64")
    between = router(site, blue, red)
    a, b, near = (
        routed(site.start(network, host, **port))
        for network, host in ((blue, site.host1), (red, site.host2), (red, site.host1))
    )
    until(lambda: a.reaches(b.address, tries=1), "no way before there is a wall")
    return Walls(site, blue, red, between, a, b, near)


def refused(vm: Vm, address: str, port: int) -> bool:
    """Whether the connection is refused by an answer, not by silence."""
    with vm.netns.entered():
        try:
            socket.create_connection((address, port), timeout=1).close()
        except ConnectionRefusedError:
            return True
        except OSError:
            return False
    return False


def sends(vm: Vm, address: str, protocol: int, to: Vm) -> bool:
    """Whether a packet of an IP protocol arrives."""
    with to.hearing(f"ip proto {protocol} and src host {vm.address}") as heard:
        with vm.netns.entered(), socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol) as raw:
            for _ in range(3):
                raw.sendto(bytes(16), (address, 0))
        with suppress(AssertionError):
            until(heard, "nothing", 1)
        return bool(heard())


def renews(vm: Vm, server: str) -> bool:
    """Whether a DHCPREQUEST in state RENEWING (RFC 2131), sent to the server's address, is answered by DHCPACK."""
    mac = bytes.fromhex(vm.port["mac_address"].replace(":", ""))
    head = struct.pack("!BBBBIHH4s12x16s192x", 1, 1, 6, 0, 0x1234, 0, 0, socket.inet_aton(vm.address), mac)
    with vm.netns.entered(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.bind(("", 68))
        client.settimeout(2)
        client.sendto(head + bytes.fromhex("63825363") + b"\x35\x01\x03\xff", (server, 67))
        with suppress(TimeoutError):
            return b"\x35\x01\x05" in client.recv(1500)
    return False
