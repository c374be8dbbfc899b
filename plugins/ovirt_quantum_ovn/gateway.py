"""The hosts that a router's gateway may be on, in order (ovn-nb(5), HA_Chassis_Group)."""

from collections.abc import Collection, Iterator, Sequence

from ovirt_quantum.errors import Refused

from .ovsdb import Uuid
from .rows import Place, Row, derived

MOST_HOSTS = 5
"""Between all hosts of a group there is a BFD session: more of them find out no faster who lives."""


def hosts(marked: Sequence[str], chassis: Collection[str] | None) -> list[str]:
    """The hosts marked as gateways, the preferred one first, as far as OVN knows them; without any, all hosts.

    chassis: the hosts that OVN knows, None as long as it has not said. Raises Refused where nothing says a host: a
    gateway that is somewhere must not be taken away for that.
    """
    if chassis is None and not marked:
        raise Refused("OVN's southbound database has not said yet which hosts there are")
    known = [host for host in marked if chassis is None or host in chassis] or sorted(chassis or ())
    return known[:MOST_HOSTS]


def group_of(router_id: str) -> Place:
    return Place("HA_Chassis_Group", derived(router_id, "gateway"))


def rows(router_id: str, hosts: Sequence[str]) -> Iterator[Row]:
    """Nothing where there are no hosts."""
    if not hosts:
        return
    members = [_member(router_id, host, len(hosts) - place) for place, host in enumerate(hosts)]
    yield Row(
        group_of(router_id),
        {"name": router_id, "ha_chassis": frozenset(Uuid(member.place.uuid) for member in members)},
    )
    yield from members


def _member(router_id: str, host: str, priority: int) -> Row:
    place = Place("HA_Chassis", derived(router_id, f"gateway {host}"))
    return Row(place, {"chassis_name": host, "priority": priority})
