"""The routes of a router, by tables, and what goes by its source (ovn-nb(5), Logical_Router_Static_Route, _Policy).

In OVN a route of the global table goes before every other one. So as soon as a router has tables besides its own, its
own is a named one as well, and nothing is global but the networks that it is connected to.
"""

from collections.abc import Collection, Iterator, Mapping

from ovirt_quantum.model import PolicyRoute
from ovirt_quantum.plugin import DesiredRouter

from .ovsdb import Writable
from .rows import Place, Row, derived

GLOBAL, MAIN = "", "main"
"""The table of a router that has but one; the router's own, where there are others."""


def tables_of_ports(desired: DesiredRouter) -> Mapping[str, str]:
    """The table that each of its ports looks into, by port id; nothing where there is but one."""
    if not desired.route_tables:
        return {}
    by_subnet = {subnet: table.id for table in desired.route_tables for subnet in table.subnets}
    ports = [*desired.interfaces, *([desired.gateway] if desired.gateway else [])]
    return {
        each.port.id: next((by_subnet[subnet.id] for subnet in each.subnets if subnet.id in by_subnet), MAIN)
        for each in ports
    }


def rows(desired: DesiredRouter) -> Iterator[Row]:
    """The router's own routes, with the default ones to the outer network unless it has such; then its tables'."""
    own = [(str(route.destination), str(route.nexthop)) for route in desired.router.routes]
    main = MAIN if desired.route_tables else GLOBAL
    for destination, hop in [*own, *_default_routes(desired, {destination for destination, _ in own})]:
        yield _row(desired.router.id, main, destination, hop)
    for table in desired.route_tables:
        for route in table.routes:
            yield _row(desired.router.id, table.id, str(route.destination), str(route.nexthop))


def policies(desired: DesiredRouter) -> Iterator[Row]:
    """What is decided by the source, before any table is looked at."""
    for policy in desired.policy_routes:
        columns: dict[str, Writable] = {
            "priority": policy.priority,
            "match": _match(policy),
            "action": policy.action,
            "nexthops": frozenset(str(hop) for hop in policy.nexthops),
        }
        yield Row(Place("Logical_Router_Policy", policy.id), columns)


def _default_routes(desired: DesiredRouter, own: Collection[str]) -> Iterator[tuple[str, str]]:
    for subnet in desired.gateway.subnets if desired.gateway else ():
        destination = "0.0.0.0/0" if subnet.ip_version == 4 else "::/0"
        if subnet.gateway_ip is not None and destination not in own:
            yield destination, str(subnet.gateway_ip)


def _row(router_id: str, table: str, destination: str, hop: str) -> Row:
    place = Place("Logical_Router_Static_Route", derived(router_id, f"{table} {destination} {hop}"))
    return Row(place, {"route_table": table, "ip_prefix": destination, "nexthop": hop, "policy": "dst-ip"})


def _match(policy: PolicyRoute) -> str:
    version = 6 if ":" in policy.source else 4
    parts = [f"ip{version}.src == {policy.source}"]
    if policy.destination is not None:
        parts.append(f"ip{version}.dst == {policy.destination}")
    return " && ".join(parts)
