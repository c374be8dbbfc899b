"""A router: a logical router with everything that hangs on it (ovn-nb(5), Logical_Router).

It is distributed: each host routes what its own VMs send. What goes outside goes through the gateway port, which is
on one host at a time, by a group of them in order; BFD between the hosts finds out which one lives.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from ovirt_quantum.plugin import ROUTER, DesiredRouter, Ref

from . import forwarding, gateway, nat, router_port, routes
from .ovsdb import Uuid, Writable
from .rows import Extent, Place, Row, Wanted, marked

OPTIONS = {
    "always_learn_from_arp_request": "false",
    "dynamic_neigh_routers": "true",
    "mac_binding_age_threshold": "300",
}
"""Neighbours are learnt when they are asked for and forgotten after 300 s, so that the tables stay small."""


def router_of(id: str) -> Place:
    return Place("Logical_Router", id)


def extent(id: str) -> Extent:
    """Ports, routes and NAT entries go with the router that has them, so that none is looked for."""
    return Extent((router_of(id), gateway.group_of(id), *forwarding.balancers_of(id)))


@dataclass(frozen=True)
class Site:
    """What a router's rows depend on besides the router.

    hosts: where its gateway may be, the preferred one first.  network_types: those whose ports OVN plugs.
    """

    hosts: Sequence[str]
    network_types: Collection[str]
    distributed_floating_ips: bool


def wanted(desired: DesiredRouter, deployment: str, site: Site) -> Wanted:
    router = desired.router
    marks = marked(deployment, Ref(ROUTER, router.id), router.name)
    inner = [each for each in desired.interfaces if each.network.network_type in site.network_types]
    hosted = [each for each in (*desired.interfaces, desired.gateway) if each is not None and each not in inner]
    group = list(gateway.rows(router.id, site.hosts)) if hosted else []
    tables = routes.tables_of_ports(desired)
    ports = [
        *(router_port.row(each, None, tables.get(each.port.id)) for each in inner),
        *(router_port.row(each, group[0].place if group else None, tables.get(each.port.id)) for each in hosted),
    ]
    sets = {
        "ports": ports,
        "static_routes": list(routes.rows(desired)),
        "policies": list(routes.policies(desired)),
        "nat": list(nat.rows(desired, site.distributed_floating_ips)),
        "load_balancer": forwarding.rows(desired),
    }
    columns: dict[str, Writable] = {"name": router.id, "enabled": router.admin_state_up, "options": OPTIONS}
    references = {column: frozenset(Uuid(row.place.uuid) for row in rows) for column, rows in sets.items()}
    rows = [
        Row(router_of(router.id), columns | references),
        *group,
        *(row for several in sets.values() for row in several),
    ]
    return Wanted(tuple(Row(row.place, {**row.columns, "external_ids": marks}) for row in rows))
