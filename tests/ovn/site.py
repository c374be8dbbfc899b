"""Two hosts with OVN and the real service with the plugin `ovn`; namespaces stand for VMs."""

import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from pathlib import Path
from typing import Any

from lab.datacentre import DataCentre
from lab.errors import LabError
from lab.host import Host
from lab.namespace import Namespace
from lab.ovn import Ovn
from tests.api.client import Client, Document
from tests.service import Service

_LEASE = """\
#!/bin/sh
# busybox udhcpc's script: takes the address and the routes, and notes all that it was told
[ "$1" = bound ] || exit 0
ip addr replace "$ip/$mask" dev "$interface"
ip link set "$interface" mtu "${mtu:-1500}"
[ -z "$router" ] || ip route replace default via "$router"
env > "$LEASE"
"""


class Site:
    """The data centre, OVN in it, and the service beside it, on the machine's loopback."""

    def __init__(self, folder: Path, datacentre: DataCentre, ovn: Ovn, service: Service) -> None:
        self.folder = folder
        self.datacentre = datacentre
        self.ovn = ovn
        self.service = service
        self.admin = Client(service, service.token())
        self.host1, self.host2 = datacentre.hosts[:2]
        self.vms: list[Vm] = []

    def network(self, cidr: str, *more: str, **attributes: Any) -> Document:
        """A network with a subnet for each CIDR."""
        network = self.admin.create("networks", **attributes)
        for each in (cidr, *more):
            self.admin.create("subnets", network_id=network["id"], cidr=each, ip_version=6 if ":" in each else 4)
        return network

    def start(self, network: Document, host: Host, **port: Any) -> "Vm":
        """A VM with a port on the network, as the engine and libvirt would have it, once packets can flow."""
        vm = self.plug(network, host, **port)
        until(lambda: self.status(vm) == ("ACTIVE", [host.name]), f"{vm.port['id']} does not become ACTIVE")
        return vm

    def plug(self, network: Document, host: Host, **port: Any) -> "Vm":
        """As `start`, without waiting for OVN."""
        made = self.admin.create("ports", network_id=network["id"], **{"binding:host_id": host.name}, **port)
        vm = Vm(self, host, made, f"{self.datacentre.prefix}-v{len(self.vms)}")
        self.vms.append(vm)
        vm.plug()
        return vm

    def status(self, vm: "Vm") -> tuple[str, list[str]]:
        port = self.admin.show("ports", vm.port["id"])
        return port["status"], port["observed_hosts"]

    def clear(self) -> None:
        """Nothing of a test is left, neither here nor in OVN."""
        for vm in self.vms:
            vm.unplug()
        self.vms.clear()
        for floating in self.admin.find("floatingips"):
            for forwarding in floating["port_forwardings"]:
                self.admin.send("DELETE", f"floatingips/{floating['id']}/port_forwardings/{forwarding['id']}")
        self._remove("floatingips")
        self._remove_routers()
        firewall = ("fwaas/firewall_groups", "fwaas/firewall_policies", "fwaas/firewall_rules")
        others = ("ports", "networks", "security-groups", "address-groups", "qos/policies")
        for path in (*firewall, *others):
            self._remove(path)

    def _remove(self, path: str) -> None:
        for one in self.admin.find(path):
            self.admin.send("DELETE", f"{path}/{one['id']}")

    def _remove_routers(self) -> None:
        for path in ("policy_routes", "route_tables"):
            self._remove(path)
        for router in self.admin.find("routers"):
            self.admin.update("routers", router["id"], routes=[], external_gateway_info=None)
            for port in self.admin.find("ports", f"device_id={router['id']}"):
                remove = f"routers/{router['id']}/remove_router_interface"
                assert self.admin.send("PUT", remove, {"port_id": port["id"]}).status == 200
            self.admin.delete("routers", router["id"])


@contextmanager
def hearing(netns: Namespace, device: str, folder: Path, *what: str) -> Iterator[Callable[[], list[str]]]:
    """The packets of a device that match (tcpdump(8)), a line each, as far as they have come."""
    log = folder / f"{netns.name}-{device}.capture"
    log.unlink(missing_ok=True)
    watching = netns.popen(["tcpdump", "-n", "-l", "--immediate-mode", "-i", device, *what], log=log)
    until(lambda: "listening" in log.read_text(), "tcpdump does not start")
    try:
        yield lambda: [line for line in log.read_text().splitlines() if " IP" in line]
    finally:
        watching.terminate()
        watching.wait(10)


def connects(netns: Namespace, address: str, port: int) -> bool:
    """Whether a TCP connection to where somebody listens comes about."""
    with netns.entered(), suppress(OSError), socket.create_connection((address, port), timeout=1):
        return True
    return False


class Vm:
    """A namespace whose eth0 is the other end of a device in a host's integration bridge."""

    def __init__(self, site: Site, host: Host, port: Document, name: str) -> None:
        self.site = site
        self.host = host
        self.port = port
        self.netns = Namespace(name)
        self.device = name.rpartition("-")[2]
        self.lease: dict[str, str] = {}

    @property
    def address(self) -> str:
        """The IPv4 address of its port."""
        return self.address_of(4)

    def address_of(self, version: int) -> str:
        """The first one of the family."""
        found = (fixed["ip_address"] for fixed in self.port["fixed_ips"])
        return next(address for address in found if (":" in address) == (version == 6))

    def plug(self) -> None:
        self.netns.create()
        peer = ["peer", "name", "eth0", "netns", self.netns.name]
        self.host.netns.ip("link", "add", "dev", self.device, "type", "veth", *peer)
        for netns, device in ((self.host.netns, self.device), (self.netns, "eth0")):
            netns.run(["ethtool", "-K", device, "tx", "off", "rxvlan", "off", "txvlan", "off"])
        self.netns.ip("link", "set", "eth0", "address", self.port["mac_address"])
        self.host.netns.ip("link", "set", self.device, "up")
        self.netns.ip("link", "set", "eth0", "up")
        told = self.site.service.call("GET", f"/plug/{self.port['id']}", token=self.site.admin.token).body["plug"]
        tag = [] if told["vlan"] is None else [f"tag={told['vlan']}"]
        interface = ["set", "Interface", self.device, f"external_ids:iface-id={self.port['id']}"]
        self.host.ovs_vsctl("add-port", told["bridge"], self.device, *tag, "--", *interface)

    def unplug(self) -> None:
        self.host.ovs_vsctl("--if-exists", "del-port", self.device)
        self.host.netns.ip("link", "del", "dev", self.device)  # with its namespace it would go some time later
        self.netns.delete()

    def configure(self) -> "Vm":
        """Takes its port's addresses without asking."""
        for fixed in self.port["fixed_ips"]:
            subnet = self.site.admin.show("subnets", fixed["subnet_id"])
            length = subnet["cidr"].partition("/")[2]
            nodad = ["nodad"] if ":" in fixed["ip_address"] else []
            self.netns.ip("addr", "replace", f"{fixed['ip_address']}/{length}", "dev", "eth0", *nodad)
        return self

    def ask_dhcp(self, tries: int = 5) -> "Vm":
        """Configures itself by DHCPv4; `lease` has what it was told, by udhcpc's names. Raises LabError."""
        script, lease = self.site.folder / "lease.sh", self.site.folder / f"{self.netns.name}.lease"
        script.write_text(_LEASE)
        script.chmod(0o755)
        ask = ["busybox", "udhcpc", "-i", "eth0", "-n", "-q", "-t", str(tries), "-T", "1", "-s", str(script)]
        options = [word for name in ("ntpsrv", "bootfile", "mtu", "staticroutes", "domain") for word in ("-O", name)]
        self.netns.run([*ask, *options], env={"LEASE": str(lease)})
        self.lease = dict(line.split("=", 1) for line in lease.read_text().splitlines() if "=" in line)
        return self

    def has_dhcp(self) -> bool:
        """Whether anybody answers when it asks for an IPv4 lease."""
        try:
            self.ask_dhcp(tries=2)
        except LabError:
            return False
        return True

    def reaches(self, address: str, *, tries: int = 3, source: str = "") -> bool:
        """Whether any of a few pings is answered."""
        ping = [
            "ping",
            "-c",
            str(tries),
            "-i",
            "0.2",
            "-W",
            "1",
            "-w",
            "2",
            *(["-I", source] if source else []),
            address,
        ]
        return self.netns.run(ping, check=False).returncode == 0

    def connects(self, address: str, port: int) -> bool:
        return connects(self.netns, address, port)

    def hearing(self, *what: str) -> AbstractContextManager[Callable[[], list[str]]]:
        return hearing(self.netns, "eth0", self.site.folder, *what)

    @contextmanager
    def listening(self, *ports: int) -> Iterator[None]:
        """Somebody accepts TCP connections."""
        with ExitStack() as servers:
            with self.netns.entered():
                for port in ports:
                    servers.enter_context(socket.create_server(("", port)))
            yield


@contextmanager
def site(folder: Path, plugins: Sequence[str] = ("ovn",), hosts: int = 2, more: str = "") -> Iterator[Site]:
    """more: further lines of the plugin's table."""
    with DataCentre(folder / "lab", prefix=f"ovn{os.getpid()}", hosts=hosts) as datacentre:
        ovn = Ovn(datacentre)
        ovn.up()
        for host in datacentre.hosts:
            ovn.join(host)
        settings = f"plugins = {list(plugins)}\n" + ovn.settings.replace('plugins = ["ovn"]\n', "") + more
        service = Service(folder / "service", settings).start()
        try:
            yield Site(folder, datacentre, ovn, service)
        finally:
            service.stop()


def until(happened: Callable[[], object], complaint: str, seconds: float = 10.0) -> None:
    """Fails with the complaint if it has not happened after some seconds."""
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, f"{complaint} (after {seconds:g} s)"
        time.sleep(0.05)
