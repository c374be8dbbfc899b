"""Port mirroring: copies of a port's packets, sent through a tunnel to somebody who looks at them."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

import msgspec

from .access import Role
from .resource import ON_CREATE, Attribute, Resource
from .types import IpAddress, Name, Uuid

TunnelId = Annotated[int, msgspec.Meta(ge=1, le=4_294_967_295)]
"""GRE's key (RFC 2890), or the number of an ERSPAN session."""
Way = Literal["IN", "OUT"]
"""The VM's: IN comes to it, OUT leaves it."""


class Directions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """By which tunnel id the copies go of what comes to the VM, and of what leaves it; at least one of both."""

    to_vm: TunnelId | None = msgspec.field(default=None, name="IN")
    from_vm: TunnelId | None = msgspec.field(default=None, name="OUT")

    def items(self) -> Iterator[tuple[Way, int]]:
        """The directions that are mirrored, with their tunnel ids."""
        if self.to_vm is not None:
            yield "IN", self.to_vm
        if self.from_vm is not None:
            yield "OUT", self.from_vm


class TapMirror(Resource, frozen=True, kw_only=True):
    """Neutron's tap mirror. Of it only name and description can be changed."""

    member: ClassVar[str] = "tap_mirror"
    collection: ClassVar[str] = "tap_mirrors"
    path: ClassVar[str] = "taas/tap_mirrors"
    written_by: ClassVar[Role] = Role.MANAGER
    not_found: ClassVar[str] = "TapMirrorNotFound"
    feature: ClassVar[str] = "tap-mirror"

    port_id: Annotated[Uuid, Attribute("create", column=True)]
    """Of the mirror's project."""
    directions: Annotated[Directions, ON_CREATE]
    remote_ip: Annotated[IpAddress, Attribute("create", column=True)]
    """Where the tunnel ends: an address that the hosts reach, not one of a virtual network."""
    mirror_type: Annotated[Literal["gre", "erspanv1"], ON_CREATE]
    status: Annotated[Name, Attribute()] = "ACTIVE"
    status_reason: Annotated[Name, Attribute()] = ""
