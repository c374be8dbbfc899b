"""Who asks: accounts act in a role, for a project."""

from dataclasses import dataclass
from enum import IntEnum


class Role(IntEnum):
    """Ordered: each may what the one below may. `HOST` and `ENGINE` stand beside the ladder.

    The oVirt engine works as an administrator of networks, subnets and ports, with the differences of
    `api/engine_view.py`; a host may only ask how to plug a port.
    """

    HOST = 0
    READER = 1
    MEMBER = 2
    MANAGER = 3
    ENGINE = 4
    ADMIN = 5


@dataclass(frozen=True)
class Actor:
    """The account behind a request."""

    name: str
    role: Role
    project_id: str

    @property
    def sees_all_projects(self) -> bool:
        return self.role >= Role.ENGINE

    @property
    def is_engine(self) -> bool:
        return self.role is Role.ENGINE


ENGINE_PROJECT = "oVirt"
"""The project of what the engine makes: the tenant_id that it sends without authentication."""
