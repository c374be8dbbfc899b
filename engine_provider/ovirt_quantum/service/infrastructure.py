"""Ports that the service itself makes: of routers and of floating IPs.

They are ordinary ports but that the port API neither makes, moves nor deletes them.
"""

from collections.abc import Sequence

from ..errors import BadInput, Conflict
from ..model import FLOATING_IP_OWNER, ROUTER_GATEWAY, ROUTER_INTERFACE, FixedIp, Port
from ..model.types import MacAddress, Uuid
from ..store import allocations
from ..store.transaction import Transaction
from . import addresses

OWNERS = (ROUTER_INTERFACE, ROUTER_GATEWAY, FLOATING_IP_OWNER)
FIXED = ("network_id", "mac_address", "fixed_ips", "device_id", "device_owner", "admin_state_up")
"""What of such a port the port API does not change."""


def new_port(tx: Transaction, network_id: Uuid, owner: str, device_id: Uuid, project_id: str = "") -> Port:
    """Not stored yet, and without addresses. A port without a project is shown to its network's owner alone."""
    port = Port(
        network_id=network_id,
        device_owner=owner,
        device_id=device_id,
        project_id=project_id,
        status="N/A" if owner == FLOATING_IP_OWNER else "ACTIVE",  # no host ever plugs it
        port_security_enabled=False,
        security_groups=[],
        mac_address=MacAddress(""),
    )
    return addresses.with_mac(tx, port)


def ports_of(tx: Transaction, router_id: Uuid, owner: str) -> list[Port]:
    """A router's interfaces, or the one port of its gateway."""
    return [port for port in tx.find(Port, device_id=router_id) if port.device_owner == owner]


def remove_port(tx: Transaction, port: Port) -> None:
    """Gives its addresses back."""
    allocations.give_addresses_back(tx.connection, port.id)
    tx.remove(port)


def on_subnet(port: Port, subnet_id: Uuid) -> FixedIp | None:
    """The port's address of the subnet."""
    return next((fixed for fixed in port.fixed_ips if fixed.subnet_id == subnet_id), None)


def subnet_ids(ports: Sequence[Port]) -> list[Uuid]:
    """Of all the ports' addresses, each once."""
    return list(dict.fromkeys(f.subnet_id for port in ports for f in port.fixed_ips if f.subnet_id is not None))


def check_owner_free(port: Port) -> None:
    """Raises BadInput for a port that pretends to be one of these."""
    if port.device_owner in OWNERS:
        raise BadInput(
            "InvalidInput",
            f"Invalid input for device_owner: {port.device_owner} ports are made by routers and floating IPs alone.",
        )


def check_removable(port: Port) -> None:
    """Raises Conflict for one of these."""
    if port.device_owner in OWNERS:
        raise Conflict(
            "ServicePortInUse",
            f"Port {port.id} cannot be deleted directly via the port API: has device owner {port.device_owner}.",
        )


def check_unmoved(old: Port, wanted: Port) -> None:
    """Raises Conflict where one of these is to become what its router or floating IP did not make it."""
    if old.device_owner not in OWNERS:
        if wanted.device_owner != old.device_owner:
            check_owner_free(wanted)
        return
    moved = [name for name in FIXED if getattr(old, name) != getattr(wanted, name)]
    if moved:
        raise Conflict(
            "ServicePortInUse",
            f"Port {old.id} cannot be changed directly via the port API ({', '.join(moved)}): has device owner "
            f"{old.device_owner}.",
        )
