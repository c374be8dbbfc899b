"""A plan, done by the verbs that the API itself uses: their rules hold here too."""

import re
from typing import Any

from msgspec import structs

from ...errors import QuantumError
from ...model import Actor, Host, Link, NetworkSegmentRange, PhysicalNetwork, Resource
from ...model.wish import Wish
from ...store.database import Database
from ...store.transaction import Transaction
from ..verbs import VERBS
from .declaration import Declared, DeclaredHost, DeclaredLink, DeclaredPhysicalNetwork, DeclaredRange, Inventory
from .planning import Change, Plan, plan
from .steps import steps
from .stored import stored

RESOURCE: dict[type[Declared], type[Resource]] = {
    DeclaredPhysicalNetwork: PhysicalNetwork,
    DeclaredHost: Host,
    DeclaredLink: Link,
    DeclaredRange: NetworkSegmentRange,
}
AT_FAULT = {
    "BridgeInUse": ".bridge",
    "PhysicalNetworkInUse": ".bridge",
    "VlanIdInUse": ".reserved_vlans",
}
"""Error type -> the attribute of the change that it is about."""


def apply(tx: Transaction, actor: Actor, declared: Inventory, prune: bool) -> Plan:
    """Makes the database as declared; returns what that took. Raises QuantumError that begins with the file's place."""
    needed = plan(declared, stored(tx, actor), prune)
    for step in steps(needed.changes):
        try:
            _perform(tx, actor, step)
        except QuantumError as error:
            raise type(error)(error.kind, _placed(step, error.message, error.kind)) from None
    return needed


def rehearse(database: Database, actor: Actor, declared: Inventory, prune: bool) -> Plan:
    """What `apply` would do or refuse: it is done and undone, nothing is written."""
    with database.writing() as connection, connection.begin_nested() as attempt:
        needed = apply(Transaction(connection), actor, declared, prune)
        attempt.rollback()
    return needed


def _perform(tx: Transaction, actor: Actor, step: Change) -> None:
    kind = RESOURCE[step.kind]
    verbs = VERBS[kind]
    if step.new is None:
        verbs.delete(tx, actor, _existing(tx, step).id)
        return
    values = _attributes(tx, step.new, step.host)
    if step.old is None:
        verbs.create(tx, actor, Wish(kind(**values), frozenset(values)))
    else:
        verbs.update(tx, actor, Wish(structs.replace(_existing(tx, step), **values), frozenset(values)))


def _existing(tx: Transaction, step: Change) -> Resource:
    """The resource that `step.old` describes."""
    old, found = step.old, list[Resource]()
    if isinstance(old, DeclaredLink):
        found += tx.find(Link, host_id=_named(tx, Host, step.host).id, device=old.device)
    elif isinstance(old, DeclaredRange):
        pools = tx.find(NetworkSegmentRange, physical_network=old.physical_network)
        found += [pool for pool in pools if pool.minimum == old.minimum and not pool.default]
    elif isinstance(old, DeclaredPhysicalNetwork | DeclaredHost):
        found.append(_named(tx, RESOURCE[step.kind], old.name))
    return found[0]


def _named(tx: Transaction, kind: type[Resource], name: str) -> Resource:
    return tx.find(kind, name=name)[0]


def _attributes(tx: Transaction, declared: Declared, host: str) -> dict[str, Any]:
    """In the resource's own words: ids where the file has names."""
    values = structs.asdict(declared)
    if isinstance(declared, DeclaredHost):
        del values["links"]
    if isinstance(declared, DeclaredLink):
        values["physical_network_id"] = _named(tx, PhysicalNetwork, values.pop("physical_network")).id
        values["host_id"] = _named(tx, Host, host).id
    if isinstance(declared, DeclaredRange):
        values["project_id"] = values.pop("project")
    return values


def _placed(step: Change, message: str, kind: str) -> str:
    if step.new is None:
        return f"{step.path}: {step.name} can't be removed: {message}"
    named = re.match(r"Invalid input for (\w+): ", message)
    if named:
        return f"{step.path}.{named[1]}: {message.removeprefix(named[0])}"
    return f"{step.path}{AT_FAULT.get(kind, '')}: {message}"
