"""Firewalls on routers: rules, policies and groups, and what each of them refuses."""

from typing import Any
from uuid import uuid4

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN
from tests.api.test_floating_ips import Site, refusal
from tests.service import Answer

RULES, POLICIES, GROUPS = "fwaas/firewall_rules", "fwaas/firewall_policies", "fwaas/firewall_groups"


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


@pytest.fixture
def site(member: Client, administrator: Client) -> Site:
    return Site(member, administrator)


def interface(site: Site, router: Document | None = None) -> str:
    """The id of a port of a router."""
    id = (router or site.router)["id"]
    ports = site.administrator.find("ports", f"device_id={id}&device_owner=network:router_interface")
    found: str = ports[0]["id"]
    return found


def rules(client: Client, count: int, **attributes: Any) -> list[str]:
    return [client.create(RULES, name=str(number), **attributes)["id"] for number in range(count)]


def alter(client: Client, verb: str, policy: Document, **asked: str | None) -> Answer:
    return client.send("PUT", f"{POLICIES}/{policy['id']}/{verb}_rule", asked)


def test_a_rule_has_neutrons_defaults(member: Client) -> None:
    """And its ports come back as they were given."""
    made = member.create(RULES)
    shown = {name: made[name] for name in ("action", "ip_version", "protocol", "source_port", "enabled", "shared")}
    assert shown == {
        "action": "deny",
        "ip_version": 4,
        "protocol": None,
        "source_port": None,
        "enabled": True,
        "shared": False,
    }
    wanted = {
        "action": "reject",
        "protocol": "tcp",
        "source_ip_address": "10.0.0.0/24",
        "destination_ip_address": "10.1.0.5",
        "source_port": "1024:65535",
        "destination_port": "80",
    }
    made = member.create(RULES, **wanted)
    assert {name: made[name] for name in wanted} == wanted
    assert member.create(RULES, protocol="udp", destination_port=53)["destination_port"] == "53"
    assert member.update(RULES, made["id"], destination_port=None)["destination_port"] is None


def test_a_rule_that_can_not_be_is_refused(member: Client, administrator: Client) -> None:
    """By its making and by its change, with Neutron's error types; nothing is written."""
    made = member.create(RULES)
    before = administrator.everything()
    for attributes, expected in (
        ({"destination_port": "80"}, (400, "FirewallRuleWithPortWithoutProtocolInvalid")),
        ({"source_port": "80", "protocol": "icmp"}, (400, "FirewallRuleInvalidICMPParameter")),
        ({"destination_port": "99999", "protocol": "tcp"}, (400, "FirewallRuleInvalidPortValue")),
        ({"destination_port": "90:80", "protocol": "tcp"}, (400, "FirewallRuleInvalidPortValue")),
        ({"destination_port": "0", "protocol": "tcp"}, (400, "FirewallRuleInvalidPortValue")),
        ({"protocol": "carrier-pigeon"}, (400, "FirewallRuleInvalidProtocol")),
        ({"source_ip_address": "2001:db8::/64"}, (400, "FirewallIpAddressConflict")),
        ({"destination_ip_address": "10.0.0.1", "ip_version": 6}, (400, "FirewallIpAddressConflict")),
        ({"source_ip_address": "10.0.0.0/33"}, (400, "HTTPBadRequest")),
        ({"action": "burn"}, (400, "HTTPBadRequest")),
        ({"ip_version": 5}, (400, "HTTPBadRequest")),
        ({"shared": True}, (403, "PolicyNotAuthorized")),
    ):
        assert refusal(member.post(RULES, **attributes)) == expected, attributes
        assert refusal(member.put(RULES, made["id"], **attributes)) == expected, attributes
    assert administrator.everything() == before


def test_rules_stand_in_their_order(member: Client) -> None:
    """First where nothing is said, else before or after another; the answer has no root key, as Neutron's."""
    a, b, c, d = rules(member, 4)
    policy = member.create(POLICIES, firewall_rules=[a])
    assert alter(member, "insert", policy, firewall_rule_id=b).body["firewall_rules"] == [b, a]
    assert alter(member, "insert", policy, firewall_rule_id=c, insert_after=b).body["firewall_rules"] == [b, c, a]
    answer = alter(member, "insert", policy, firewall_rule_id=d, insert_before=a, insert_after=b)
    assert answer.body["firewall_rules"] == [b, c, d, a]
    assert answer.body == member.show(POLICIES, policy["id"])
    assert alter(member, "remove", policy, firewall_rule_id=c).body["firewall_rules"] == [b, d, a]
    assert member.update(POLICIES, policy["id"], firewall_rules=[a, b])["firewall_rules"] == [a, b]
    assert member.show(RULES, c)["id"] == c


def test_a_change_of_the_order_that_can_not_be_is_refused(member: Client, stranger: Client) -> None:
    """And nothing is written."""
    (inside, outside), (foreign,) = rules(member, 2), rules(stranger, 1)
    policy = member.create(POLICIES, firewall_rules=[inside])
    for verb, asked, expected in (
        ("insert", {}, (400, "FirewallRuleInfoMissing")),
        ("insert", {"firewall_rule_id": UNKNOWN}, (404, "FirewallRuleNotFound")),
        ("insert", {"firewall_rule_id": foreign}, (404, "FirewallRuleNotFound")),
        ("insert", {"firewall_rule_id": "x"}, (404, "FirewallRuleNotFound")),
        ("insert", {"firewall_rule_id": inside}, (409, "FirewallRuleAlreadyAssociated")),
        (
            "insert",
            {"firewall_rule_id": outside, "insert_before": UNKNOWN},
            (400, "FirewallRuleNotAssociatedWithPolicy"),
        ),
        ("insert", {"firewall_rule_id": outside, "position": "1"}, (400, "HTTPBadRequest")),
        ("remove", {}, (400, "FirewallRuleInfoMissing")),
        ("remove", {"firewall_rule_id": outside}, (400, "FirewallRuleNotAssociatedWithPolicy")),
    ):
        assert refusal(alter(member, verb, policy, **asked)) == expected, asked
    assert refusal(alter(stranger, "insert", policy, firewall_rule_id=foreign)) == (404, "FirewallPolicyNotFound")
    for wanted, expected in (
        ([foreign], (404, "FirewallRuleNotFound")),
        ([outside, outside], (400, "InvalidInput")),
        (["x"], (400, "HTTPBadRequest")),
        ([str(uuid4()) for _ in range(251)], (400, "InvalidInput")),
    ):
        assert refusal(member.post(POLICIES, firewall_rules=wanted)) == expected, wanted
        assert refusal(member.put(POLICIES, policy["id"], firewall_rules=wanted)) == expected, wanted
    assert member.show(POLICIES, policy["id"]) == policy


def test_what_is_shared_is_used_by_all_and_stays_shared(
    member: Client, stranger: Client, administrator: Client
) -> None:
    """And a shared policy has shared rules alone."""
    (private,), (public,) = rules(administrator, 1), rules(administrator, 1, shared=True)
    assert refusal(administrator.post(POLICIES, shared=True, firewall_rules=[private])) == (
        409,
        "FirewallPolicySharingConflict",
    )
    policy = administrator.create(POLICIES, shared=True, firewall_rules=[public])
    assert refusal(alter(administrator, "insert", policy, firewall_rule_id=private)) == (
        409,
        "FirewallPolicySharingConflict",
    )
    assert refusal(member.put(POLICIES, policy["id"], firewall_rules=[])) == (403, "PolicyNotAuthorized")
    own = member.create(POLICIES, firewall_rules=[public])
    group = stranger.create(GROUPS, ingress_firewall_policy_id=policy["id"])
    assert refusal(administrator.put(RULES, public, shared=False)) == (409, "FirewallRuleInUse")
    assert refusal(administrator.put(POLICIES, policy["id"], shared=False)) == (409, "FirewallPolicyInUse")
    assert refusal(administrator.put(POLICIES, own["id"], firewall_rules=[private])) == (409, "FirewallRuleConflict")
    stranger.delete(GROUPS, group["id"])
    assert administrator.update(POLICIES, policy["id"], shared=False)["shared"] is False
    assert refusal(administrator.put(RULES, public, shared=False)) == (409, "FirewallRuleInUse")
    member.update(POLICIES, own["id"], firewall_rules=[])
    assert administrator.update(RULES, public, shared=False)["shared"] is False


def test_a_group_guards_interfaces(site: Site) -> None:
    """Its status says whether it does."""
    policy = site.member.create(POLICIES)
    made = site.member.create(GROUPS, ingress_firewall_policy_id=policy["id"])
    assert (made["status"], made["ports"], made["egress_firewall_policy_id"]) == ("INACTIVE", [], None)
    ports = [interface(site)]
    assert site.member.update(GROUPS, made["id"], ports=ports)["status"] == "ACTIVE"
    assert site.member.update(GROUPS, made["id"], admin_state_up=False)["status"] == "DOWN"
    assert refusal(site.member.send("DELETE", f"{GROUPS}/{made['id']}")) == (409, "FirewallGroupInUse")
    assert refusal(site.member.send("DELETE", f"{POLICIES}/{policy['id']}")) == (409, "FirewallPolicyInUse")
    site.member.update(GROUPS, made["id"], ports=[])
    site.member.delete(GROUPS, made["id"])
    site.member.delete(POLICIES, policy["id"])


def test_a_group_that_can_not_be_is_refused(site: Site, stranger: Client) -> None:
    """And nothing is written."""
    port, foreign_policy = interface(site), stranger.create(POLICIES)["id"]
    (gateway,) = site.administrator.find("ports", f"device_id={site.router['id']}&device_owner=network:router_gateway")
    foreign_router = stranger.create("routers")
    subnet = stranger.create("subnets", network_id=stranger.create("networks")["id"], cidr="10.7.0.0/24")
    stranger.send("PUT", f"routers/{foreign_router['id']}/add_router_interface", {"subnet_id": subnet["id"]})
    foreign_port = interface(site, foreign_router)
    site.member.create(GROUPS, ports=[port])
    made = site.member.create(GROUPS)
    before = site.administrator.everything()
    for attributes, expected in (
        ({"ports": [port]}, (409, "FirewallGroupPortInUse")),
        ({"ports": [port, port]}, (400, "InvalidInput")),
        ({"ports": [site.port["id"]]}, (409, "FirewallGroupPortInvalid")),
        ({"ports": [foreign_port]}, (404, "PortNotFound")),
        ({"ports": [UNKNOWN]}, (404, "PortNotFound")),
        ({"ingress_firewall_policy_id": foreign_policy}, (404, "FirewallPolicyNotFound")),
        ({"egress_firewall_policy_id": UNKNOWN}, (404, "FirewallPolicyNotFound")),
    ):
        assert refusal(site.member.post(GROUPS, **attributes)) == expected, attributes
        assert refusal(site.member.put(GROUPS, made["id"], **attributes)) == expected, attributes
    for attributes, expected in (
        ({"ports": [gateway["id"]]}, (409, "FirewallGroupPortInvalid")),
        ({"ports": [foreign_port]}, (409, "FirewallGroupPortInvalidProject")),
        ({"egress_firewall_policy_id": foreign_policy}, (404, "FirewallPolicyConflict")),
    ):
        assert refusal(site.administrator.put(GROUPS, made["id"], **attributes)) == expected, attributes
    assert refusal(stranger.send("GET", f"{GROUPS}/{made['id']}")) == (404, "FirewallGroupNotFound")
    assert site.administrator.everything() == before


def test_an_interface_that_goes_leaves_its_group(site: Site) -> None:
    """It may be guarded or not."""
    made = site.member.create(GROUPS, ports=[interface(site)])
    assert site.interface("remove", site.subnet).status == 200
    left = site.member.show(GROUPS, made["id"])
    assert (left["ports"], left["status"]) == ([], "INACTIVE")


def test_a_rule_in_use_stays(member: Client) -> None:
    """Until the last policy has lost it."""
    (rule,) = rules(member, 1)
    policy = member.create(POLICIES, firewall_rules=[rule])
    assert refusal(member.send("DELETE", f"{RULES}/{rule}")) == (409, "FirewallRuleInUse")
    member.delete(POLICIES, policy["id"])
    member.delete(RULES, rule)
