"""What plugins are told of security groups, and what the database itself holds to."""

from collections.abc import Iterator

import pytest
from msgspec import structs
from ovirt_quantum.errors import BadInput, Conflict
from ovirt_quantum.model import AddressGroup, Port, SecurityGroup, SecurityGroupRule
from ovirt_quantum.model.types import IpPrefix, Uuid
from ovirt_quantum.model.wish import Wish
from ovirt_quantum.plugin import (
    ADDRESS_GROUP,
    PORT,
    SECURITY_GROUP,
    Desired,
    DesiredAddressGroup,
    DesiredSecurityGroup,
    Ref,
)
from ovirt_quantum.service import reading
from ovirt_quantum.service.address_group import add_addresses, create_address_group
from ovirt_quantum.service.port import create_port, delete_port, update_port
from ovirt_quantum.service.security_group import create_group, default_group, delete_group
from ovirt_quantum.service.security_group_rule import create_rule, delete_rule, update_rule
from ovirt_quantum.store import resync
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.tables import port_security_groups
from ovirt_quantum.store.transaction import Transaction
from ovirt_quantum.store.writer import Work
from sqlalchemy import Engine, event, select

from .cloud import ADMIN, PATIENCE_S, Cloud, all_of, found, guarding_plugin, new_port

UNKNOWN = "11111111-2222-4333-8444-555555555555"


@pytest.fixture
def cloud(database: Database) -> Iterator[Cloud]:
    """With a plugin that has security groups."""
    found(database)
    started = Cloud(database, (guarding_plugin(),))
    started.physical_network()
    yield started
    started.close()


def told(cloud: Cloud, work: Work[object]) -> dict[Ref, Desired | None]:
    """What the plugins get of a write."""
    return dict(cloud.writer.submit(work).result(PATIENCE_S).batch.desired)


def group_of(cloud: Cloud, name: str) -> SecurityGroup:
    wish = Wish(SecurityGroup(name=name), frozenset({"name"}))
    return cloud.write(lambda tx: create_group(tx, ADMIN, wish))


def rule_in(group: SecurityGroup, **attributes: object) -> Work[SecurityGroupRule]:
    rule = SecurityGroupRule(security_group_id=group.id, direction="ingress", **attributes)  # type: ignore[arg-type]
    return lambda tx: create_rule(tx, ADMIN, Wish(rule, frozenset()))


def in_groups(port: Port, groups: list[Uuid] | None) -> Work[Port]:
    def work(tx: Transaction) -> Port:
        wanted = structs.replace(tx.get(Port, port.id), security_groups=groups)
        return update_port(tx, ADMIN, Wish(wanted, frozenset({"security_groups"})))

    return work


def memberships(cloud: Cloud) -> set[tuple[str, str]]:
    with cloud.database.reading() as connection:
        return {(row.port_id, row.security_group_id) for row in connection.execute(select(port_security_groups))}


def by_documents(cloud: Cloud) -> set[tuple[str, str]]:
    return {(port.id, group) for port in all_of(cloud.database, Port) for group in port.security_groups or []}


def test_the_first_port_brings_its_projects_default_group(cloud: Cloud) -> None:
    """The plugin is told of the group first, with its four rules; of the second port, nothing but the port."""
    network = cloud.network()
    first = told(cloud, new_port(network.id))
    assert [ref.kind for ref in first] == [SECURITY_GROUP, PORT]
    (group,) = all_of(cloud.database, SecurityGroup)
    desired = first[Ref(SECURITY_GROUP, group.id)]
    assert isinstance(desired, DesiredSecurityGroup)
    assert (desired.group, len(desired.rules)) == (group, 4)
    assert [ref.kind for ref in told(cloud, new_port(network.id))] == [PORT]
    assert memberships(cloud) == by_documents(cloud)
    assert len(memberships(cloud)) == 2


def test_a_rule_is_its_groups_change_and_not_its_ports(cloud: Cloud) -> None:
    """Made and removed, it is told with all the group's rules; words are nobody's business."""
    group = group_of(cloud, "web")
    port = cloud.port(cloud.network())
    cloud.write(in_groups(port, [group.id]))
    rule = cloud.write(rule_in(group))
    (desired,) = told(cloud, rule_in(group, ethertype="IPv6")).values()
    assert isinstance(desired, DesiredSecurityGroup)
    assert len(desired.rules) == 4
    assert rule in desired.rules
    assert desired.group.revision_number == 3
    assert told(cloud, lambda tx: update_rule(tx, ADMIN, Wish(rule, frozenset()))) == {}
    (desired,) = told(cloud, lambda tx: delete_rule(tx, ADMIN, rule.id)).values()
    assert isinstance(desired, DesiredSecurityGroup)
    assert rule.id not in [one.id for one in desired.rules]


def test_a_removed_group_changes_those_that_let_it_in(cloud: Cloud) -> None:
    """They lose the rule; it is gone."""
    gone, other = group_of(cloud, "gone"), group_of(cloud, "other")
    cloud.write(rule_in(other, remote_group_id=gone.id))
    cloud.write(rule_in(gone, remote_group_id=gone.id))
    changes = told(cloud, lambda tx: delete_group(tx, ADMIN, gone.id))
    assert changes[Ref(SECURITY_GROUP, gone.id)] is None
    left = changes[Ref(SECURITY_GROUP, other.id)]
    assert isinstance(left, DesiredSecurityGroup)
    assert [rule.direction for rule in left.rules] == ["egress", "egress"]
    assert len(changes) == 2


def test_an_address_group_is_told_alone(cloud: Cloud) -> None:
    """The groups whose rules refer to it do not change with it."""
    wish = Wish(AddressGroup(addresses=[IpPrefix("10.0.0.0/8")]), frozenset())
    made = cloud.write(lambda tx: create_address_group(tx, ADMIN, wish))
    cloud.write(rule_in(group_of(cloud, "web"), remote_address_group_id=made.id))
    changes = told(cloud, lambda tx: add_addresses(tx, ADMIN, made.id, [IpPrefix("192.0.2.0/24")]))
    (desired,) = changes.values()
    assert changes.keys() == {Ref(ADDRESS_GROUP, made.id)}
    assert isinstance(desired, DesiredAddressGroup)
    assert desired.group.addresses == ["10.0.0.0/8", "192.0.2.0/24"]


def test_many_groups_are_listed_with_their_rules_in_a_few_queries(cloud: Cloud) -> None:
    """As many for forty groups as for one, filtered or not."""
    costs = set()
    for name in ("a", *["b"] * 39):
        group_of(cloud, name)
        costs |= {queries(cloud, {}), queries(cloud, {"name": ["b"]})}
    assert len(costs) == 1
    listed = reading.index(cloud.database, ADMIN, SecurityGroup, {"name": ["b"]})
    assert [len(group["security_group_rules"]) for group in listed] == [2] * 39


def queries(cloud: Cloud, columns: dict[str, list[str]]) -> int:
    """Statements that a list of the groups takes."""
    sent: list[str] = []

    def count(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        sent.append(statement)

    event.listen(Engine, "before_cursor_execute", count)
    try:
        reading.index(cloud.database, ADMIN, SecurityGroup, columns)
    finally:
        event.remove(Engine, "before_cursor_execute", count)
    return len(sent)


def test_a_full_comparison_knows_the_groups(cloud: Cloud) -> None:
    """By the kinds that plugins name."""
    group = group_of(cloud, "web")
    with cloud.database.reading() as connection:
        assert Ref(SECURITY_GROUP, group.id) in resync.known(connection, SECURITY_GROUP)
        assert resync.known(connection, ADDRESS_GROUP) == []


def test_memberships_follow_the_ports(cloud: Cloud) -> None:
    """Changed with a port's groups, gone with the port."""
    group, port = group_of(cloud, "web"), cloud.port(cloud.network())
    cloud.write(in_groups(port, [group.id]))
    assert memberships(cloud) == by_documents(cloud) == {(port.id, group.id)}
    cloud.write(in_groups(port, []))
    assert memberships(cloud) == by_documents(cloud) == set()
    cloud.write(in_groups(port, None))
    assert memberships(cloud) == by_documents(cloud)
    cloud.write(lambda tx: delete_port(tx, ADMIN, port.id))
    assert memberships(cloud) == set()


def test_a_port_of_before_the_plugin_still_gets_its_host(database: Database) -> None:
    """Its groups, the engine's wish of then, are nobody's; they are checked when they are next given."""
    found(database)
    before = Cloud(database)
    before.physical_network()
    network = before.network()
    wanted = Port(network_id=network.id, port_security_enabled=False, security_groups=[Uuid(UNKNOWN)])
    given = frozenset({"security_groups", "port_security_enabled"})
    port = before.write(lambda tx: create_port(tx, ADMIN, Wish(wanted, given)))
    before.close()
    after = Cloud(database, (guarding_plugin(),))
    moved = structs.replace(port, host_id="host2")
    moved = after.write(lambda tx: update_port(tx, ADMIN, Wish(moved, frozenset({"host_id"}))))
    assert (moved.host_id, moved.security_groups) == ("host2", [UNKNOWN])
    with pytest.raises(BadInput) as refused:
        after.write(in_groups(moved, [Uuid(UNKNOWN)]))
    assert refused.value.kind == "PortSecurityAndIPRequiredForSecurityGroups"
    assert after.write(in_groups(moved, None)).security_groups == []
    after.close()


def test_the_database_keeps_a_group_that_ports_are_in(cloud: Cloud) -> None:
    """The last line of defence: also where the verb's check is passed by."""
    group, port = group_of(cloud, "web"), cloud.port(cloud.network())
    cloud.write(in_groups(port, [group.id]))
    with pytest.raises(Conflict):
        cloud.write(lambda tx: tx.remove(group))
    with pytest.raises(Conflict):
        cloud.write(lambda tx: tx.add(SecurityGroup(default_of=ADMIN.project_id)))
    assert cloud.write(lambda tx: default_group(tx, ADMIN.project_id)).name == "default"
