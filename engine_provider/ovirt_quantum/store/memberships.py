"""Which ports are in which security groups: a group is not removed under a port.

The ports' documents say the same; this is what the database can look up and hold to. A removed port's rows go with it.
"""

from collections.abc import Iterable

from sqlalchemy import Connection, bindparam, delete, insert, select

from .tables import port_security_groups as memberships

_JOIN = insert(memberships)
_LEAVE = delete(memberships).where(memberships.c.port_id == bindparam("port"))
_ONE_OF = select(memberships.c.port_id).where(memberships.c.security_group_id == bindparam("group_id")).limit(1)


def join(connection: Connection, port_id: str, groups: Iterable[str]) -> None:
    """Both must be there already."""
    connection.execute(_JOIN, [{"port_id": port_id, "security_group_id": group} for group in groups])


def leave(connection: Connection, port_id: str) -> None:
    connection.execute(_LEAVE, {"port": port_id})


def has_ports(connection: Connection, group: str) -> bool:
    return connection.scalar(_ONE_OF, {"group_id": group}) is not None
