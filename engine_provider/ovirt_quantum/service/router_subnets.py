"""Which subnets a router may have ports on: no two that overlap."""

from collections.abc import Sequence

from .. import addressing
from ..errors import BadInput
from ..model import ROUTER_GATEWAY, ROUTER_INTERFACE, Router, Subnet
from ..store.transaction import Transaction
from .infrastructure import ports_of, subnet_ids


def subnets_of(tx: Transaction, router: Router) -> list[Subnet]:
    """Of all the router's ports."""
    ports = [*ports_of(tx, router.id, ROUTER_INTERFACE), *ports_of(tx, router.id, ROUTER_GATEWAY)]
    return [tx.get(Subnet, id) for id in subnet_ids(ports)]


def check_apart(tx: Transaction, router: Router, new: Sequence[Subnet]) -> None:
    """Raises BadInput where the router is on one of the subnets already, or on one that overlaps."""
    for other in subnets_of(tx, router):
        for subnet in new:
            if subnet.id == other.id:
                raise refuse_router(f"Router already has a port on subnet {subnet.id}")
            if addressing.overlaps(subnet.cidr, other.cidr):
                raise refuse_router(
                    f"Cidr {subnet.cidr} of subnet {subnet.id} overlaps with cidr {other.cidr} of subnet {other.id}"
                )


def refuse_router(reason: str) -> BadInput:
    """Neutron's words for a request to a router that can never be right."""
    return BadInput("BadRequest", f"Bad router request: {reason}.")
