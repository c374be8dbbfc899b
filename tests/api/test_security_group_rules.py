"""Rules of security groups: Neutron's form of them, and Neutron's refusals."""

from typing import Any

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN

RULES = "security-group-rules"


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


@pytest.fixture
def group(member: Client) -> str:
    """A group without any rule."""
    made = member.create("security-groups", name="web")
    for rule in made["security_group_rules"]:
        member.delete(RULES, rule["id"])
    id: str = made["id"]
    return id


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({}, {"ethertype": "IPv4", "protocol": None, "port_range_min": None, "normalized_cidr": None}),
        ({"ethertype": "ipv6"}, {"ethertype": "IPv6"}),
        ({"protocol": "TCP"}, {"protocol": "tcp"}),
        ({"protocol": 6}, {"protocol": "6"}),
        ({"protocol": "006"}, {"protocol": "6"}),
        ({"protocol": "any"}, {"protocol": None}),
        ({"protocol": 0}, {"protocol": "0"}),
        ({"protocol": "icmp", "ethertype": "IPv6"}, {"protocol": "ipv6-icmp"}),
        ({"protocol": "icmpv6", "ethertype": "IPv6"}, {"protocol": "ipv6-icmp"}),
        ({"protocol": 1, "ethertype": "IPv6"}, {"protocol": "58"}),
        (
            {"protocol": "tcp", "port_range_min": "22", "port_range_max": 23},
            {"port_range_min": 22, "port_range_max": 23},
        ),
        ({"protocol": "udp", "port_range_min": 1, "port_range_max": 65535}, {"port_range_min": None}),
        ({"protocol": "icmp", "port_range_min": 8, "port_range_max": 0}, {"port_range_min": 8, "port_range_max": 0}),
        ({"protocol": "icmp", "port_range_min": 0}, {"port_range_min": 0, "port_range_max": None}),
        ({"remote_ip_prefix": "10.1.2.3/8"}, {"remote_ip_prefix": "10.1.2.3/8", "normalized_cidr": "10.0.0.0/8"}),
        ({"remote_ip_prefix": "10.1.2.3"}, {"remote_ip_prefix": "10.1.2.3/32"}),
        ({"remote_ip_prefix": "2001:DB8::1/64", "ethertype": "IPv6"}, {"normalized_cidr": "2001:db8::/64"}),
    ],
)
def test_a_rule_in_neutrons_form(member: Client, group: str, given: Document, shown: Document) -> None:
    made = member.create(RULES, security_group_id=group, direction="ingress", **given)
    assert shown.items() <= made.items()
    assert (made["security_group_id"], made["project_id"]) == (group, "blue-team")
    assert member.show("security-groups", group)["security_group_rules"] == [made]
    member.delete(RULES, made["id"])
    assert member.show("security-groups", group)["security_group_rules"] == []


@pytest.mark.parametrize(
    ("given", "status", "error"),
    [
        ({"port_range_min": 1, "port_range_max": 2}, 400, "SecurityGroupProtocolRequiredWithPorts"),
        ({"protocol": "tcp", "port_range_min": 1, "port_range_max": 99999}, 400, "SecurityGroupInvalidPortValue"),
        ({"protocol": "tcp", "port_range_min": -1, "port_range_max": 5}, 400, "SecurityGroupInvalidPortValue"),
        ({"protocol": "tcp", "port_range_min": "ssh", "port_range_max": 5}, 400, "SecurityGroupInvalidPortValue"),
        ({"protocol": "tcp", "port_range_min": 0, "port_range_max": 5}, 400, "SecurityGroupInvalidPortValue"),
        ({"protocol": "tcp", "port_range_min": 23, "port_range_max": 22}, 400, "SecurityGroupInvalidPortRange"),
        ({"protocol": "sctp", "port_range_min": 23}, 400, "SecurityGroupInvalidPortRange"),
        ({"protocol": "17", "port_range_max": 23}, 400, "SecurityGroupInvalidPortRange"),
        ({"protocol": "gre", "port_range_min": 1, "port_range_max": 2}, 400, "SecurityGroupInvalidProtocolForPort"),
        ({"protocol": "tpc"}, 400, "SecurityGroupRuleInvalidProtocol"),
        ({"protocol": 256}, 400, "SecurityGroupRuleInvalidProtocol"),
        ({"protocol": "icmp", "port_range_min": 256}, 400, "SecurityGroupInvalidIcmpValue"),
        ({"protocol": "icmp", "port_range_min": 8, "port_range_max": 256}, 400, "SecurityGroupInvalidIcmpValue"),
        ({"protocol": "1", "port_range_max": 0}, 400, "SecurityGroupMissingIcmpType"),
        ({"protocol": "ipv6-icmp"}, 400, "SecurityGroupEthertypeConflictWithProtocol"),
        ({"protocol": "44"}, 400, "SecurityGroupEthertypeConflictWithProtocol"),
        ({"ethertype": "IPv5"}, 400, "SecurityGroupRuleInvalidEtherType"),
        ({"remote_ip_prefix": "10.0.0.0/33"}, 400, "InvalidCIDR"),
        ({"remote_ip_prefix": "2001:db8::/32"}, 400, "SecurityGroupRuleParameterConflict"),
        ({"remote_ip_prefix": "10.0.0.0/8", "ethertype": "IPv6"}, 400, "SecurityGroupRuleParameterConflict"),
        ({"remote_ip_prefix": "10.0.0.0/8", "remote_group_id": UNKNOWN}, 400, "SecurityGroupMultipleRemoteEntites"),
        ({"remote_group_id": UNKNOWN, "remote_address_group_id": UNKNOWN}, 400, "SecurityGroupMultipleRemoteEntites"),
        ({"remote_group_id": UNKNOWN}, 404, "SecurityGroupNotFound"),
        ({"remote_address_group_id": UNKNOWN}, 404, "AddressGroupNotFound"),
        ({"security_group_id": UNKNOWN}, 404, "SecurityGroupNotFound"),
        ({"security_group_id": "web"}, 404, "SecurityGroupNotFound"),
        ({"remote_group_id": "default"}, 404, "SecurityGroupNotFound"),
        ({"direction": "inbound"}, 400, "HTTPBadRequest"),
        ({"name": "x"}, 400, "HTTPBadRequest"),
    ],
)
def test_a_rule_that_makes_no_sense_is_refused(
    administrator: Client, member: Client, group: str, given: Document, status: int, error: str
) -> None:
    """With Neutron's status and error type, alone and among good ones; nothing is written."""
    wanted: dict[str, Any] = {"security_group_id": group, "direction": "ingress"} | given
    before = administrator.everything()
    alone = member.send("POST", RULES, {"security_group_rule": wanted})
    assert (alone.status, alone.error) == (status, error)
    good = {"security_group_id": wanted["security_group_id"], "direction": "egress"}
    assert member.send("POST", RULES, {"security_group_rules": [good, wanted]}).status == status
    assert administrator.everything() == before


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ({}, {}),
        ({}, {"remote_ip_prefix": "0.0.0.0/0"}),
        ({"protocol": "tcp"}, {"protocol": "6"}),
        ({"protocol": "tcp"}, {"protocol": "TCP", "port_range_min": 1, "port_range_max": 65535}),
        ({"protocol": "icmpv6", "ethertype": "IPv6"}, {"protocol": "58", "ethertype": "ipv6"}),
        ({"description": "a"}, {"description": "b"}),
    ],
)
def test_the_same_rule_again_is_refused(
    administrator: Client, member: Client, group: str, one: Document, same: Document
) -> None:
    """However it is written; also twice in one request."""
    whole = {"security_group_id": group, "direction": "ingress"}
    both = {"security_group_rules": [whole | one, whole | same]}
    before = administrator.everything()
    answer = member.send("POST", RULES, both)
    assert (answer.status, answer.error) == (409, "DuplicateSecurityGroupRuleInPost")
    assert administrator.everything() == before
    made = member.create(RULES, **whole | one)
    before = administrator.everything()
    answer = member.post(RULES, **whole | same)
    assert (answer.status, answer.error, made["id"] in answer.message) == (409, "SecurityGroupRuleExists", True)
    assert administrator.everything() == before
    member.create(RULES, **whole | one | {"direction": "egress"})


def test_many_rules_are_made_at_once(member: Client, group: str) -> None:
    """Of one group; of two it is a 400."""
    wanted = [
        {
            "security_group_id": group,
            "direction": "ingress",
            "protocol": "tcp",
            "port_range_min": n,
            "port_range_max": n,
        }
        for n in range(1, 51)
    ]
    answer = member.send("POST", RULES, {"security_group_rules": wanted})
    assert answer.status == 201
    assert [one["port_range_min"] for one in answer.body["security_group_rules"]] == list(range(1, 51))
    assert len(member.show("security-groups", group)["security_group_rules"]) == 50
    other = member.create("security-groups", name="other")["id"]
    mixed = [{"security_group_id": id, "direction": "ingress"} for id in (group, other)]
    answer = member.send("POST", RULES, {"security_group_rules": mixed})
    assert (answer.status, answer.error) == (400, "SecurityGroupNotSingleGroupRules")


def test_an_administrators_rule_is_the_groups(administrator: Client, member: Client, group: str) -> None:
    """Whatever project it names: the group's owner sees and removes it."""
    wanted = {"security_group_id": group, "direction": "ingress", "project_id": "admin"}
    made = administrator.create(RULES, **wanted)
    assert made["project_id"] == "blue-team"
    assert member.find(RULES, f"id={made['id']}") == [made]
    member.delete(RULES, made["id"])


def test_a_wrong_port_is_said_in_neutrons_words(member: Client, group: str) -> None:
    """Clients match on them; the attribute is named too."""
    wanted = {"security_group_id": group, "direction": "ingress", "protocol": "tcp", "port_range_min": 1}
    answer = member.post(RULES, **wanted, port_range_max=99999)
    assert answer.message.startswith("Invalid value for port 99999 ")
    assert "port_range_max" in answer.message


def test_only_a_rules_words_change(member: Client, group: str) -> None:
    """Neutron: a rule is replaced by another one; its description may be corrected."""
    made = member.create(RULES, security_group_id=group, direction="ingress")
    assert member.update(RULES, made["id"], description="d")["description"] == "d"
    for attribute, value in {"direction": "egress", "protocol": "tcp", "security_group_id": group}.items():
        answer = member.put(RULES, made["id"], **{attribute: value})
        assert (answer.status, attribute in answer.message) == (400, True)
