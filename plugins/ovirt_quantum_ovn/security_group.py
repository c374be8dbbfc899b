"""A security group: a port group, and an access control list entry for each rule (ovn-nb(5), Port_Group and ACL).

From each port group OVN makes two address sets of its ports' addresses, $NAME_ip4 and $NAME_ip6: a remote group.
"""

from ovirt_quantum.plugin import SECURITY_GROUP, DesiredSecurityGroup, Ref

from . import acl, address_group
from .ovsdb import Uuid, Writable
from .rows import SHARED, Extent, Place, Row, Table, Wanted, derived, marked

MEMBERS: tuple[Table, str] = ("Port_Group", "ports")
"""The set that logical switch ports stand in."""


def group_of(id: str) -> Place:
    return Place("Port_Group", id)


def extent(id: str) -> Extent:
    """A rule's row goes with the last group that has it, so that none is looked for."""
    return Extent((group_of(id),))


def wanted(desired: DesiredSecurityGroup, deployment: str) -> Wanted:
    group = desired.group
    marks = marked(deployment, Ref(SECURITY_GROUP, group.id), group.name)
    rules = [
        Row(Place("ACL", rule.id), acl.of_rule(rule, group.stateful) | {"external_ids": marks})
        for rule in desired.rules
    ]
    columns: dict[str, Writable] = {
        "name": acl.group_name(group.id),
        "acls": frozenset(Uuid(rule.place.uuid) for rule in rules),
        "external_ids": marks,
    }
    remotes = {rule.remote_group_id for rule in desired.rules if rule.remote_group_id not in (None, group.id)}
    needs = [skeleton(id, deployment) for id in sorted(filter(None, remotes))]
    blocks = {rule.remote_address_group_id for rule in desired.rules}
    needs += [row for id in sorted(filter(None, blocks)) for row in address_group.skeletons(id, deployment)]
    return Wanted((Row(group_of(group.id), columns), *rules), tuple(needs))


def skeleton(id: str, deployment: str) -> Row:
    """A group that lets nothing through yet: for those that refer to one before it is made."""
    return Row(group_of(id), {"name": acl.group_name(id), "external_ids": marked(deployment, Ref(SECURITY_GROUP, id))})


def drop_group(deployment: str) -> tuple[Row, ...]:
    """The group of all ports that are held to their groups: what no rule allows is dropped."""
    id = derived(deployment, SHARED)
    marks = marked(deployment, Ref(SHARED, id))
    entries = [
        Row(Place("ACL", derived(id, str(number))), columns | {"external_ids": marks})
        for number, columns in enumerate(acl.of_drop_group(acl.group_name(id)))
    ]
    group: dict[str, Writable] = {
        "name": acl.group_name(id),
        "acls": frozenset(Uuid(entry.place.uuid) for entry in entries),
        "external_ids": marks,
    }
    return (Row(group_of(id), group), *entries)
