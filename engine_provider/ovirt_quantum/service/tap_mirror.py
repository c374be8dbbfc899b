"""Tap mirrors: who looks at a port's packets."""

from msgspec import structs

from ..errors import BadInput, Conflict
from ..model import Actor, Port, TapMirror
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for


def create_tap_mirror(tx: Transaction, actor: Actor, wish: Wish[TapMirror]) -> TapMirror:
    """A mirror of a port of one's own. Tunnels to one address are told apart by their ids alone."""
    check_role(actor, TapMirror)
    mirror = structs.replace(wish.wanted, project_id=project_for(actor, wish.wanted.project_id))
    get_own(tx, actor, Port, mirror.port_id)
    ids = [tunnel for _, tunnel in mirror.directions.items()]
    if not ids:
        raise BadInput("InvalidInput", "Invalid input for directions: give a tunnel id for IN, for OUT or for both.")
    taken = [id for other in tx.find(TapMirror, remote_ip=mirror.remote_ip) for _, id in other.directions.items()]
    for id in ids:
        if id in taken or ids.count(id) > 1:
            raise Conflict(
                "TapMirrorTunnelConflict",
                f"Tunnel id {id} is used by another tap mirror to {mirror.remote_ip} already.",
            )
    return tx.add(mirror)


def update_tap_mirror(tx: Transaction, actor: Actor, wish: Wish[TapMirror]) -> TapMirror:
    get_own(tx, actor, TapMirror, wish.wanted.id)
    return tx.change(wish.wanted)


def delete_tap_mirror(tx: Transaction, actor: Actor, id: str) -> None:
    tx.remove(get_own(tx, actor, TapMirror, id))
