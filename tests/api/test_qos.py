"""QoS policies and their bandwidth rules."""

import pytest

from tests.api.client import Client, Document
from tests.api.samples import UNKNOWN, network


@pytest.fixture
def rules(administrator: Client) -> str:
    """The path of a new policy's rules."""
    return f"qos/policies/{administrator.create('qos/policies', name='gold')['id']}/bandwidth_limit_rules"


def test_a_rule_is_made_shown_changed_and_deleted(administrator: Client, rules: str) -> None:
    """And is seen in its policy, whose revision it counts up."""
    made = administrator.send("POST", rules, {"bandwidth_limit_rule": {"max_kbps": 1000, "max_burst_kbps": 100}})
    rule = made.body["bandwidth_limit_rule"]
    assert (made.status, rule["direction"], rule["max_kbps"]) == (201, "egress", 1000)
    one = f"{rules}/{rule['id']}"
    assert administrator.send("GET", one).body == made.body
    assert administrator.send("GET", rules).body == {"bandwidth_limit_rules": [rule]}
    changed = administrator.send("PUT", one, {"bandwidth_limit_rule": {"max_kbps": 2000}}).body["bandwidth_limit_rule"]
    assert changed == rule | {"max_kbps": 2000}
    (policy,) = administrator.find("qos/policies")
    assert (policy["rules"], policy["revision_number"]) == ([changed], 3)
    assert administrator.send("DELETE", one).status == 204
    assert administrator.send("GET", rules).body == {"bandwidth_limit_rules": []}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("direction=ingress", [{"max_kbps": 20, "direction": "ingress"}]),
        ("max_kbps=10", [{"max_kbps": 10, "direction": "egress"}]),
        ("max_kbps=11", []),
        ("sort_key=max_kbps&sort_dir=desc&limit=1", [{"max_kbps": 20, "direction": "ingress"}]),
    ],
)
def test_rules_are_looked_for(administrator: Client, rules: str, query: str, expected: list[Document]) -> None:
    """By each attribute, as in any list; what is no attribute is refused by its name."""
    for rule in ({"max_kbps": 10, "direction": "egress"}, {"max_kbps": 20, "direction": "ingress"}):
        assert administrator.send("POST", rules, {"bandwidth_limit_rule": rule}).status == 201
    found = administrator.send("GET", f"{rules}?fields=max_kbps&fields=direction&{query}")
    assert found.body == {"bandwidth_limit_rules": expected}
    refused = administrator.send("GET", f"{rules}?no_such=1")
    assert (refused.status, "no_such" in refused.message) == (400, True)


@pytest.mark.parametrize(
    ("rule", "status", "word"),
    [
        ({}, 400, "max_kbps"),
        ({"max_kbps": -1}, 400, "max_kbps"),
        ({"max_kbps": 0}, 400, "max_kbps"),
        ({"max_kbps": 2**31}, 400, "max_kbps"),
        ({"max_kbps": "fast"}, 400, "max_kbps"),
        ({"max_kbps": 1, "direction": "up"}, 400, "direction"),
        ({"max_kbps": 1, "no_such": 1}, 400, "no_such"),
        ({"max_kbps": 1, "id": UNKNOWN}, 400, "id"),
        ({"max_kbps": 1, "direction": "egress"}, 409, "egress"),
    ],
)
def test_a_rule_that_can_not_be(administrator: Client, rules: str, rule: Document, status: int, word: str) -> None:
    """Refused by name; one limit a direction; nothing is written."""
    administrator.send("POST", rules, {"bandwidth_limit_rule": {"max_kbps": 1}})
    before = administrator.everything()
    answer = administrator.send("POST", rules, {"bandwidth_limit_rule": rule})
    assert (answer.status, word in answer.message) == (status, True), answer
    assert administrator.everything() == before


def test_rules_and_policies_that_there_are_not(administrator: Client, rules: str) -> None:
    """404 for either."""
    for path in (f"{rules}/{UNKNOWN}", f"{rules}/x", f"qos/policies/{UNKNOWN}/bandwidth_limit_rules"):
        assert administrator.send("GET", path).status == 404
    body = {"bandwidth_limit_rule": {"max_kbps": 1}}
    assert administrator.send("PUT", f"{rules}/{UNKNOWN}", body).status == 404
    assert administrator.send("DELETE", f"{rules}/{UNKNOWN}").status == 404
    assert administrator.send("POST", f"qos/policies/{UNKNOWN}/bandwidth_limit_rules", body).status == 404


def test_a_member_reads_the_rules_of_a_shared_policy(administrator: Client, member: Client, rules: str) -> None:
    """And writes none."""
    assert member.send("GET", rules).status == 404
    (policy,) = administrator.find("qos/policies")
    administrator.update("qos/policies", policy["id"], shared=True)
    assert member.send("GET", rules).body == {"bandwidth_limit_rules": []}
    assert member.send("POST", rules, {"bandwidth_limit_rule": {"max_kbps": 1}}).status == 403


@pytest.mark.parametrize("user", ["networks", "ports"])
def test_a_policy_in_use_stays(administrator: Client, user: str) -> None:
    """409; a network or port lets go of it with null."""
    policy = administrator.create("qos/policies", name="gold")
    wanted = {"network_id": network(administrator)} if user == "ports" else {}
    one = administrator.create(user, **wanted, qos_policy_id=policy["id"])
    assert administrator.find(user, f"qos_policy_id={policy['id']}") == [one]
    refused = administrator.send("DELETE", f"qos/policies/{policy['id']}")
    assert (refused.status, one["id"] in refused.message) == (409, True)
    assert administrator.update(user, one["id"], qos_policy_id=None)["qos_policy_id"] is None
    administrator.delete("qos/policies", policy["id"])


def test_the_kinds_of_rules_are_listed(administrator: Client) -> None:
    """Clients ask which there are."""
    assert administrator.send("GET", "qos/rule-types").body == {"rule_types": [{"type": "bandwidth_limit"}]}
