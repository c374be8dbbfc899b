"""Ports: what a VM's interface is plugged into."""

from msgspec import structs

from ..errors import Conflict, Forbidden
from ..model import ENGINE_DEVICE_OWNER, Actor, Network, Port, QosPolicy, TapMirror
from ..model.wish import Wish
from ..store.transaction import Transaction
from . import addresses, floating_ip, infrastructure, port_security
from .access import by_whom, check_role, get_own, get_visible, project_for


def create_port(tx: Transaction, actor: Actor, wish: Wish[Port]) -> Port:
    """A port with a MAC and addresses, chosen here where the client leaves them out."""
    check_role(actor, Port)
    network = get_visible(tx, actor, Network, wish.wanted.network_id)
    _check_owner(actor, wish)
    infrastructure.check_owner_free(wish.wanted)
    port = structs.replace(
        wish.wanted,
        project_id=project_for(actor, wish.wanted.project_id),
        profile=wish.wanted.profile or {},
    )
    if "port_security_enabled" not in wish.given:
        port = structs.replace(port, port_security_enabled=network.port_security_enabled)
    _check_policy(tx, actor, port)
    port = _with_mac(tx, actor, port)
    port = port_security.guard(tx, actor, port, wish.given)
    given = "fixed_ips" in wish.given
    fixed_ips = addresses.give(tx, port, port.fixed_ips) if given else addresses.give_any(tx, port)
    port = tx.add(structs.replace(port, fixed_ips=fixed_ips))
    port_security.note_groups(tx, port)
    return port


def update_port(tx: Transaction, actor: Actor, wish: Wish[Port]) -> Port:
    """Any host is accepted as `binding:host_id`: the engine may know it by another name."""
    old = get_own(tx, actor, Port, wish.wanted.id)
    _check_owner(actor, wish)
    infrastructure.check_unmoved(old, wish.wanted)
    _check_policy(tx, actor, wish.wanted)
    port = structs.replace(wish.wanted, profile=wish.wanted.profile or {})
    port = port_security.guard(tx, actor, port, wish.given)
    if port.mac_address != old.mac_address:
        _free_mac(tx, actor, port)
    if "fixed_ips" in wish.given:
        port = structs.replace(port, fixed_ips=addresses.change(tx, port, port.fixed_ips))
    elif port.mac_address != old.mac_address:
        port = structs.replace(port, fixed_ips=addresses.follow_mac(tx, port))
    if (port.mac_address, port.fixed_ips) != (old.mac_address, old.fixed_ips):
        floating_ip.follow_addresses(tx, port)
    port_security.note_changed_groups(tx, port, old)
    return tx.change(port)


def delete_port(tx: Transaction, actor: Actor, id: str) -> None:
    """Gives its addresses back; floating IPs stand for it no more, and with it go its mirrors."""
    port = get_own(tx, actor, Port, id)
    infrastructure.check_removable(port)
    floating_ip.release(tx, port)
    for mirror in tx.find(TapMirror, port_id=id):
        tx.remove(mirror)
    infrastructure.remove_port(tx, port)


def _with_mac(tx: Transaction, actor: Actor, port: Port) -> Port:
    if not port.mac_address:
        return addresses.with_mac(tx, port)
    _free_mac(tx, actor, port)
    return port


def _free_mac(tx: Transaction, actor: Actor, port: Port) -> None:
    """Raises Conflict for a MAC in use; but the engine takes one over from a port of its own that is up nowhere.

    The engine gives MACs out again after a removal whose DELETE it did not see fail.
    """
    for holder in tx.find(Port, network_id=port.network_id, mac_address=port.mac_address):
        orphan = holder.device_owner == ENGINE_DEVICE_OWNER and not holder.observed_hosts
        if not (actor.is_engine and orphan):
            raise Conflict(
                "MacAddressInUse",
                f"Unable to complete operation for network {port.network_id}. "
                f"The mac_address {port.mac_address} is in use{by_whom(tx, actor, holder)}.",
            )
        delete_port(tx, actor, holder.id)


def _check_owner(actor: Actor, wish: Wish[Port]) -> None:
    """The engine takes a port of its own word for its vNIC's; infrastructure may have the gateway's address."""
    owner = wish.wanted.device_owner
    special = owner == ENGINE_DEVICE_OWNER or owner.startswith("network:")
    if special and "device_owner" in wish.given and not actor.sees_all_projects:
        raise Forbidden("PolicyNotAuthorized", f"Attribute device_owner: '{owner}' may be set only by role engine.")


def _check_policy(tx: Transaction, actor: Actor, port: Port) -> None:
    if port.qos_policy_id is not None:
        get_visible(tx, actor, QosPolicy, port.qos_policy_id)
