"""What plugins are told of routers: when one is due, and all that it comes with."""

import statistics
import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, TypeVar

import pytest
from msgspec import structs
from ovirt_quantum.errors import Conflict
from ovirt_quantum.model import (
    Actor,
    ExternalGateway,
    FixedIp,
    FloatingIp,
    Host,
    Network,
    PolicyRoute,
    Port,
    PortForwarding,
    Resource,
    Router,
    RouteTable,
    Subnet,
)
from ovirt_quantum.model.types import Cidr, ForwardedProtocol, IpAddress, PortRange
from ovirt_quantum.model.wish import Wish
from ovirt_quantum.plugin import PORT, ROUTER, Desired, DesiredRouter, Ref
from ovirt_quantum.service.floating_ip import create_floating_ip, delete_floating_ip, update_floating_ip
from ovirt_quantum.service.network import create_network, update_network
from ovirt_quantum.service.physical import create_host, delete_host, update_host
from ovirt_quantum.service.policy_route import create_policy_route, delete_policy_route, update_policy_route
from ovirt_quantum.service.port import create_port, delete_port, update_port
from ovirt_quantum.service.port_forwarding import create_forwarding, delete_forwarding
from ovirt_quantum.service.route_table import create_route_table, delete_route_table, update_route_table
from ovirt_quantum.service.router import create_router, delete_router, update_router
from ovirt_quantum.service.router_interfaces import Interface, add_interface, remove_interface
from ovirt_quantum.service.subnet import create_subnet, update_subnet
from ovirt_quantum.store import resync
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.transaction import Transaction
from ovirt_quantum.store.writer import Work

from .cloud import ADMIN, PATIENCE_S, Cloud, all_of, found, guarding_plugin

R = TypeVar("R", bound=Resource)


class Site:
    """A network with a VM's port, a router on it that leads outside, and another router without anything."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.public = self.network("192.0.2.0/24", external=True)
        self.inside = self.network("10.0.0.0/24")
        self.router = self.make(create_router, Router(external_gateway_info=ExternalGateway(self.public.id)))
        self.other = self.make(create_router, Router())
        self.subnet = self.subnet_of(self.inside)
        self.join(self.router, self.inside)
        self.vm = self.make(create_port, Port(network_id=self.inside.id))

    def network(self, cidr: str, **attributes: bool) -> Network:
        network = self.make(create_network, Network(**attributes))
        self.make(create_subnet, Subnet(network_id=network.id, cidr=Cidr(cidr)))
        return network

    def subnet_of(self, network: Network) -> Subnet:
        return next(one for one in all_of(self.cloud.database, Subnet) if one.network_id == network.id)

    def join(self, router: Router, network: Network) -> dict[Ref, Desired | None]:
        """By an interface. What the plugins get of it."""
        asked = Interface(self.subnet_of(network).id)
        return self.tell(lambda tx: add_interface(tx, ADMIN, router.id, asked))

    def make(self, create: Callable[[Transaction, Actor, Wish[R]], R], wanted: R) -> R:
        return self.cloud.write(lambda tx: create(tx, ADMIN, Wish(wanted, frozenset({"external_gateway_info"}))))

    def tell(self, work: Work[object]) -> dict[Ref, Desired | None]:
        """What the plugins get of a write."""
        return dict(self.cloud.writer.submit(work).result(PATIENCE_S).batch.desired)

    def change(
        self, update: Callable[[Transaction, Actor, Wish[Any]], Resource], resource: Resource, **values: object
    ) -> dict[Ref, Desired | None]:
        def work(tx: Transaction) -> None:
            update(tx, ADMIN, Wish(structs.replace(tx.get(type(resource), resource.id), **values), frozenset(values)))

        return self.tell(work)

    def float(self, port: Port | None = None) -> FloatingIp:
        wanted = FloatingIp(floating_network_id=self.public.id, port_id=None if port is None else port.id)
        return self.make(create_floating_ip, wanted)


@pytest.fixture
def cloud(database: Database) -> Iterator[Cloud]:
    found(database)
    started = Cloud(database, (guarding_plugin(),))
    started.physical_network()
    yield started
    started.close()


@pytest.fixture
def site(cloud: Cloud) -> Site:
    return Site(cloud)


def routers(told: dict[Ref, Desired | None]) -> dict[str, Desired | None]:
    return {ref.id: desired for ref, desired in told.items() if ref.kind == ROUTER}


def only(told: dict[Ref, Desired | None], router: Router) -> DesiredRouter:
    """The one router that was told."""
    ((id, desired),) = routers(told).items()
    assert id == router.id
    assert isinstance(desired, DesiredRouter)
    return desired


def test_a_router_comes_whole(site: Site) -> None:
    """Ports with their networks, wires and subnets."""
    desired = only(site.change(update_router, site.router, admin_state_up=False), site.router)
    (interface,) = desired.interfaces
    assert desired.gateway is not None
    assert (interface.network.id, interface.subnets) == (site.inside.id, (site.subnet,))
    assert interface.physical is not None
    assert [fixed.ip_address for fixed in interface.port.fixed_ips] == ["10.0.0.1"]
    assert (desired.gateway.network.id, desired.gateway.subnets[0].cidr) == (site.public.id, "192.0.2.0/24")
    assert (desired.floating_ips, desired.gateway_hosts, desired.router.admin_state_up) == ((), (), False)


def test_an_interface_is_one_batch(site: Site) -> None:
    """The router and its port come together, and nothing else."""
    more = site.network("10.1.0.0/24")
    told = site.join(site.router, more)
    assert sorted(ref.kind for ref in told) == [PORT, ROUTER]
    assert len(only(told, site.router).interfaces) == 2
    asked = Interface(site.subnet_of(more).id)
    told = site.tell(lambda tx: remove_interface(tx, ADMIN, site.router.id, asked))
    assert sorted(ref.kind for ref in told) == [PORT, ROUTER]
    assert len(only(told, site.router).interfaces) == 1


def test_a_router_follows_what_it_is_on(site: Site) -> None:
    """Its networks and subnets; not the words on them, nor its VMs' ports."""
    assert only(site.change(update_network, site.inside, admin_state_up=False), site.router)
    desired = only(site.change(update_subnet, site.subnet, enable_dhcp=False), site.router)
    assert not desired.interfaces[0].subnets[0].enable_dhcp
    assert routers(site.change(update_network, site.inside, name="words")) == {}
    assert routers(site.change(update_port, site.vm, admin_state_up=False)) == {}


def test_a_router_follows_its_floating_ips(site: Site) -> None:
    """Given, taken back, given to a port behind another router: then both are told."""
    floating_ip = site.float()
    desired = only(site.change(update_floating_ip, floating_ip, port_id=site.vm.id), site.router)
    (held,) = desired.floating_ips
    assert (held.port, held.floating_ip.fixed_ip_address, held.forwardings) == (site.vm, "10.0.0.2", ())
    assert only(site.change(update_floating_ip, floating_ip, port_id=None), site.router).floating_ips == ()
    site.change(update_floating_ip, floating_ip, port_id=site.vm.id)
    site.change(update_router, site.other, external_gateway_info=ExternalGateway(site.public.id))
    away = site.network("10.9.0.0/24")
    site.join(site.other, away)
    elsewhere = site.make(create_port, Port(network_id=away.id))
    told = routers(site.change(update_floating_ip, floating_ip, port_id=elsewhere.id))
    shown = {id: len(one.floating_ips) for id, one in told.items() if isinstance(one, DesiredRouter)}
    assert shown == {site.router.id: 0, site.other.id: 1}
    assert only(site.tell(lambda tx: delete_floating_ip(tx, ADMIN, floating_ip.id)), site.other).floating_ips == ()


def test_a_router_follows_the_ports_that_floating_ips_stand_for(site: Site) -> None:
    """Moved to another MAC, and gone."""
    site.float(site.vm)
    mac = site.vm.mac_address[:-2] + ("00" if site.vm.mac_address[-2:] != "00" else "01")
    (held,) = only(site.change(update_port, site.vm, mac_address=mac), site.router).floating_ips
    assert held.port is not None
    assert held.port.mac_address == mac
    assert routers(site.change(update_port, site.vm, host_id="host1")) == {}
    assert only(site.tell(lambda tx: delete_port(tx, ADMIN, site.vm.id)), site.router).floating_ips == ()


def test_a_router_follows_its_port_forwardings(site: Site) -> None:
    """Made, removed, and gone with the port."""
    floating_ip = site.float()

    def forward(tx: Transaction) -> PortForwarding:
        wanted = PortForwarding(
            floatingip_id=floating_ip.id,
            protocol=ForwardedProtocol("tcp"),
            internal_port_id=site.vm.id,
            external_port_range=PortRange("80:80"),
            internal_port_range=PortRange("8080:8080"),
        )
        return create_forwarding(tx, ADMIN, Wish(wanted, frozenset({"external_port_range", "internal_port_range"})))

    (held,) = only(site.tell(forward), site.router).floating_ips
    (forwarding,) = held.forwardings
    assert (held.port, forwarding.internal_ip_address) == (None, "10.0.0.2")
    assert only(site.tell(lambda tx: delete_forwarding(tx, ADMIN, forwarding.id)), site.router).floating_ips == ()
    site.tell(forward)
    assert only(site.tell(lambda tx: delete_port(tx, ADMIN, site.vm.id)), site.router).floating_ips == ()


def test_routers_follow_the_gateways_hosts(site: Site) -> None:
    """All of them; the preferred host is first."""
    low = site.make(create_host, Host(name="low", gateway_priority=1))
    site.make(create_host, Host(name="none"))
    high = Host(name="high", gateway_priority=9)
    told = routers(site.tell(lambda tx: create_host(tx, ADMIN, Wish(high, frozenset()))))
    assert told.keys() == {site.router.id, site.other.id}
    desired = told[site.router.id]
    assert isinstance(desired, DesiredRouter)
    assert desired.gateway_hosts == ("high", "low")
    told = routers(site.change(update_host, low, gateway_priority=10))
    assert [one.gateway_hosts for one in told.values() if isinstance(one, DesiredRouter)] == [("low", "high")] * 2
    told = routers(site.tell(lambda tx: delete_host(tx, ADMIN, low.id)))
    assert [one.gateway_hosts for one in told.values() if isinstance(one, DesiredRouter)] == [("high",)] * 2


def test_a_removed_router_is_told_with_its_gateway(site: Site) -> None:
    """And a full comparison knows those that are left."""
    site.tell(lambda tx: remove_interface(tx, ADMIN, site.router.id, Interface(site.subnet.id)))
    told = site.tell(lambda tx: delete_router(tx, ADMIN, site.router.id))
    assert set(told.values()) == {None}
    assert sorted(ref.kind for ref in told) == [PORT, ROUTER]
    with site.cloud.database.reading() as connection:
        assert resync.known(connection, ROUTER) == [Ref(ROUTER, site.other.id)]


def test_the_database_keeps_a_port_that_has_a_floating_ip(site: Site) -> None:
    """The last line of defence: also where the verb's checks are passed by."""
    floating_ip = site.float(site.vm)
    with pytest.raises(Conflict):
        site.cloud.write(lambda tx: tx.remove(site.vm))
    twin = FloatingIp(
        floating_network_id=site.public.id, port_id=site.vm.id, fixed_ip_address=floating_ip.fixed_ip_address
    )
    with pytest.raises(Conflict):
        site.cloud.write(lambda tx: tx.add(twin))


def test_addresses_are_those_of_ports(site: Site) -> None:
    """Of a gateway that moves, too: what it had is free again."""
    site.change(
        update_router,
        site.router,
        external_gateway_info=ExternalGateway(
            site.public.id, external_fixed_ips=[FixedIp(ip_address=IpAddress("192.0.2.99"))]
        ),
    )
    held = [fixed.ip_address for port in all_of(site.cloud.database, Port) for fixed in port.fixed_ips]
    assert sorted(map(str, held)) == ["10.0.0.1", "10.0.0.2", "192.0.2.99"]


def test_an_interface_costs_a_few_milliseconds(site: Site) -> None:
    """On a router that has fifty already: what an interface costs does not grow into seconds."""
    taken = []
    for number in range(50):
        network = site.network(f"10.{number + 1}.0.0/24")
        subnet = site.subnet_of(network)
        begun = time.perf_counter()
        site.tell(partial(add_interface, actor=ADMIN, id=site.router.id, asked=Interface(subnet.id)))
        taken.append(time.perf_counter() - begun)
    assert statistics.median(taken[40:]) < 0.1


def test_a_router_follows_its_tables_and_policies(site: Site) -> None:
    """Made, changed, removed."""
    table = site.make(create_route_table, RouteTable(router_id=site.router.id))
    told = site.change(update_route_table, table, subnets=[site.subnet.id])
    assert [one.subnets for one in only(told, site.router).route_tables] == [[site.subnet.id]]
    assert only(site.tell(lambda tx: delete_route_table(tx, ADMIN, table.id)), site.router).route_tables == ()
    wanted = PolicyRoute(router_id=site.router.id, priority=1, source=Cidr("10.0.0.0/24"), action="drop")
    policy = site.make(create_policy_route, wanted)
    told = site.change(update_policy_route, policy, priority=2)
    assert [one.priority for one in only(told, site.router).policy_routes] == [2]
    assert only(site.tell(lambda tx: delete_policy_route(tx, ADMIN, policy.id)), site.router).policy_routes == ()
