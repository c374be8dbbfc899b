"""What plugins are told of firewalls: when a group is due, and all that it comes with."""

from collections.abc import Iterator

import pytest
from ovirt_quantum.errors import Conflict
from ovirt_quantum.model import FirewallGroup, FirewallPolicy, FirewallRule, Port
from ovirt_quantum.model.types import Uuid
from ovirt_quantum.plugin import FIREWALL_GROUP, PORT, Desired, DesiredFirewallGroup, DesiredPort, Ref
from ovirt_quantum.service.firewall_group import create_group, delete_group, update_group
from ovirt_quantum.service.firewall_policy import (
    Insertion,
    Removal,
    create_policy,
    insert_rule,
    remove_rule,
    update_policy,
)
from ovirt_quantum.service.firewall_rule import create_rule, delete_rule, update_rule
from ovirt_quantum.service.router_interfaces import Interface, remove_interface
from ovirt_quantum.store.database import Database

from .cloud import ADMIN, Cloud, all_of, found, guarding_plugin
from .test_routers import Site

Told = dict[Ref, Desired | None]


@pytest.fixture
def site(database: Database) -> Iterator[Site]:
    found(database)
    cloud = Cloud(database, (guarding_plugin(),))
    cloud.physical_network()
    yield Site(cloud)
    cloud.close()


class Wall:
    """A rule in a policy for what comes in, in a group on the site's one interface."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.port = next(
            port
            for port in all_of(site.cloud.database, Port)
            if port.device_owner == "network:router_interface" and port.device_id == site.router.id
        )
        self.rule = site.make(create_rule, FirewallRule(name="first"))
        self.policy = site.make(create_policy, FirewallPolicy(firewall_rules=[self.rule.id]))
        self.group = self.make(ports=[self.port.id], policy=self.policy.id)

    def make(self, ports: list[Uuid], policy: Uuid | None) -> FirewallGroup:
        wanted = FirewallGroup(ports=ports, ingress_firewall_policy_id=policy, project_id=self.port.project_id)
        return self.site.make(create_group, wanted)


@pytest.fixture
def wall(site: Site) -> Wall:
    return Wall(site)


def only(told: Told) -> DesiredFirewallGroup:
    (desired,) = [desired for ref, desired in told.items() if ref.kind == FIREWALL_GROUP]
    assert isinstance(desired, DesiredFirewallGroup)
    return desired


def guards(told: Told) -> dict[str, str | None]:
    """The group of each port that was told."""
    return {ref.id: each.firewall_group for ref, each in told.items() if isinstance(each, DesiredPort)}


def names(desired: DesiredFirewallGroup) -> list[str]:
    return [rule.name for rule in desired.ingress]


def test_a_group_comes_whole(site: Site, wall: Wall) -> None:
    """With its ports, their networks, and the rules in their order."""
    told = site.change(update_group, wall.group, egress_firewall_policy_id=wall.policy.id)
    desired = only(told)
    assert [each.network.id for each in desired.ports] == [site.inside.id]
    assert names(desired) == ["first"] == [rule.name for rule in desired.egress]
    assert only(site.change(update_group, wall.group, admin_state_up=False)).ingress == ()


def test_a_group_follows_its_policies_and_their_rules(site: Site, wall: Wall) -> None:
    """Changed, put in, taken out, passed over; and nothing else is told."""
    told = site.change(update_rule, wall.rule, name="renamed", action="allow")
    assert [ref.kind for ref in told] == [FIREWALL_GROUP]
    assert [rule.action for rule in only(told).ingress] == ["allow"]
    second = site.make(create_rule, FirewallRule(name="second"))
    asked = Insertion(second.id)
    told = site.tell(lambda tx: insert_rule(tx, ADMIN, wall.policy.id, asked))
    assert names(only(told)) == ["second", "renamed"]
    assert names(only(site.change(update_rule, second, enabled=False))) == ["renamed"]
    told = site.tell(lambda tx: remove_rule(tx, ADMIN, wall.policy.id, Removal(wall.rule.id)))
    assert names(only(told)) == []
    assert site.tell(lambda tx: delete_rule(tx, ADMIN, wall.rule.id)) == {}
    told = site.change(update_policy, wall.policy, firewall_rules=[])
    assert only(told).ingress == ()


def test_ports_are_told_which_group_guards_them(site: Site, wall: Wall) -> None:
    """When they come to it, and when they leave."""
    told = site.change(update_group, wall.group, ports=[])
    assert guards(told) == {wall.port.id: None}
    told = site.change(update_group, wall.group, ports=[wall.port.id])
    assert guards(told) == {wall.port.id: wall.group.id}
    with pytest.raises(Conflict, match="still active"):
        site.tell(lambda tx: delete_group(tx, ADMIN, wall.group.id))


def test_an_interface_leaves_its_group_when_it_is_removed(site: Site, wall: Wall) -> None:
    """One batch tells of both."""
    asked = Interface(site.subnet.id)
    told = site.tell(lambda tx: remove_interface(tx, ADMIN, site.router.id, asked))
    assert only(told).ports == ()
    assert told[Ref(PORT, wall.port.id)] is None
    assert site.tell(lambda tx: delete_group(tx, ADMIN, wall.group.id)) == {Ref(FIREWALL_GROUP, wall.group.id): None}
