"""Address groups."""

from collections.abc import Sequence

from msgspec import structs

from ..errors import BadInput, Conflict, NotFound
from ..model import Actor, AddressGroup, SecurityGroupRule
from ..model.types import AddressBlock, IpPrefix
from ..model.wish import Wish
from ..store.transaction import Transaction
from .access import check_role, get_own, project_for


def create_address_group(tx: Transaction, actor: Actor, wish: Wish[AddressGroup]) -> AddressGroup:
    check_role(actor, AddressGroup)
    project_id = project_for(actor, wish.wanted.project_id)
    return tx.add(
        structs.replace(wish.wanted, project_id=project_id, addresses=list(dict.fromkeys(wish.wanted.addresses)))
    )


def update_address_group(tx: Transaction, actor: Actor, wish: Wish[AddressGroup]) -> AddressGroup:
    get_own(tx, actor, AddressGroup, wish.wanted.id)
    return tx.change(wish.wanted)


def delete_address_group(tx: Transaction, actor: Actor, id: str) -> None:
    """Refused while a rule refers to it."""
    group = get_own(tx, actor, AddressGroup, id)
    if tx.any(SecurityGroupRule, remote_address_group_id=group.id):
        raise Conflict("AddressGroupInUse", f"Address group {id} is in use on one or more security group rules.")
    tx.remove(group)


def add_addresses(tx: Transaction, actor: Actor, id: str, addresses: Sequence[IpPrefix]) -> AddressGroup:
    """Raises BadInput for those that are there already."""
    group, more = get_own(tx, actor, AddressGroup, id), _blocks(addresses)
    known = [block for block in more if block in group.addresses]
    if known:
        raise BadInput(
            "AddressesAlreadyExist", f"Addresses {', '.join(known)} already exist in the address group {id}."
        )
    return tx.change(structs.replace(group, addresses=[*group.addresses, *more]))


def remove_addresses(tx: Transaction, actor: Actor, id: str, addresses: Sequence[IpPrefix]) -> AddressGroup:
    """Raises NotFound for those that are not there."""
    group, fewer = get_own(tx, actor, AddressGroup, id), _blocks(addresses)
    unknown = [block for block in fewer if block not in group.addresses]
    if unknown:
        raise NotFound("AddressesNotFound", f"Addresses {', '.join(unknown)} not found in the address group {id}.")
    return tx.change(structs.replace(group, addresses=[block for block in group.addresses if block not in fewer]))


def _blocks(addresses: Sequence[IpPrefix]) -> list[AddressBlock]:
    return list(dict.fromkeys(AddressBlock.parse(address) for address in addresses))
