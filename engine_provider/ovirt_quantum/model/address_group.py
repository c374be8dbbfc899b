"""Address groups: named lists of address blocks that security group rules refer to."""

from typing import Annotated, ClassVar

from .resource import ON_CREATE, READ_ONLY, Resource
from .types import AddressBlock


class AddressGroup(Resource, frozen=True, kw_only=True):
    """Neutron's address group. After its creation `addresses` changes by `add_addresses` and `remove_addresses`."""

    member: ClassVar[str] = "address_group"
    collection: ClassVar[str] = "address_groups"
    path: ClassVar[str] = "address-groups"
    not_found: ClassVar[str] = "AddressGroupNotFound"
    feature: ClassVar[str] = "security-groups"

    addresses: Annotated[list[AddressBlock], ON_CREATE] = []
    """Each once, without host bits."""
    shared: Annotated[bool, READ_ONLY] = False
