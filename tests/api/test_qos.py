"""QoS policies and their rules."""

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN, network
from tests.service import Answer


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


@pytest.mark.parametrize(("rule_type", "value"), [("dscp_marking", "dscp_mark"), ("minimum_bandwidth", "min_kbps")])
def test_what_no_plugin_realises_is_refused(administrator: Client, rule_type: str, value: str) -> None:
    """With Neutron's error type; and is not listed among the types."""
    policy = administrator.create("qos/policies", name="gold")
    before = administrator.everything()
    path = f"qos/policies/{policy['id']}/{rule_type}_rules"
    refused = administrator.send("POST", path, {f"{rule_type}_rule": {value: 8}})
    assert (refused.status, refused.error) == (409, "QosRuleNotSupported")
    assert rule_type in refused.message
    assert administrator.everything() == before
    assert administrator.send("GET", "qos/rule-types").body == {"rule_types": [{"type": "bandwidth_limit"}]}


class TestEveryType:
    """With a plugin that realises all types of rules."""

    @pytest.fixture
    def running(self, capable: Running) -> Running:
        return capable

    @pytest.fixture
    def policy(self, administrator: Client) -> str:
        """The path of a new policy."""
        return f"qos/policies/{administrator.create('qos/policies', name='gold')['id']}"

    def add(self, client: Client, policy: str, kind: str, **rule: object) -> Answer:
        return client.send("POST", f"{policy}/{kind}_rules", {f"{kind}_rule": rule})

    def test_the_types_of_rules_are_listed(self, administrator: Client) -> None:
        """Clients ask which there are."""
        types = [{"type": kind} for kind in ("bandwidth_limit", "dscp_marking", "minimum_bandwidth")]
        assert administrator.send("GET", "qos/rule-types").body == {"rule_types": types}

    def test_a_policy_has_rules_of_each(self, administrator: Client, policy: str) -> None:
        """Each is shown with its type, and found only among those of its own."""
        made = {
            kind: self.add(administrator, policy, kind, **rule).body[f"{kind}_rule"]
            for kind, rule in (
                ("bandwidth_limit", {"max_kbps": 2000}),
                ("dscp_marking", {"dscp_mark": 26}),
                ("minimum_bandwidth", {"min_kbps": 1000}),
            )
        }
        assert administrator.send("GET", policy).body["policy"]["rules"] == list(made.values())
        assert [rule["type"] for rule in made.values()] == list(made)
        for kind, rule in made.items():
            assert administrator.send("GET", f"{policy}/{kind}_rules").body == {f"{kind}_rules": [rule]}
        mark = made["dscp_marking"]
        assert administrator.send("GET", f"{policy}/minimum_bandwidth_rules/{mark['id']}").error == "QosRuleNotFound"
        changed = administrator.send(
            "PUT", f"{policy}/dscp_marking_rules/{mark['id']}", {"dscp_marking_rule": {"dscp_mark": 0}}
        )
        assert changed.body["dscp_marking_rule"] == mark | {"dscp_mark": 0}
        assert administrator.send("DELETE", f"{policy}/dscp_marking_rules/{mark['id']}").status == 204
        assert len(administrator.send("GET", policy).body["policy"]["rules"]) == 2

    @pytest.mark.parametrize(
        ("kind", "rule", "status", "error"),
        [
            ("dscp_marking", {}, 400, "HTTPBadRequest"),
            ("dscp_marking", {"dscp_mark": 7}, 400, "HTTPBadRequest"),
            ("dscp_marking", {"dscp_mark": -1}, 400, "HTTPBadRequest"),
            ("dscp_marking", {"dscp_mark": 8, "direction": "ingress"}, 400, "HTTPBadRequest"),
            ("dscp_marking", {"dscp_mark": 8, "type": "dscp_marking"}, 400, "HTTPBadRequest"),
            ("dscp_marking", {"dscp_mark": 8}, 409, "QoSRulesConflict"),
            ("minimum_bandwidth", {"min_kbps": -1}, 400, "HTTPBadRequest"),
            ("minimum_bandwidth", {"min_kbps": 0}, 400, "InvalidInput"),
            ("minimum_bandwidth", {"min_kbps": 1001}, 409, "QoSRuleParameterConflict"),
            ("bandwidth_limit", {"max_kbps": -1, "direction": "ingress"}, 400, "HTTPBadRequest"),
            ("bandwidth_limit", {"max_kbps": 499, "direction": "ingress"}, 409, "QoSRuleParameterConflict"),
        ],
    )
    def test_a_rule_that_can_not_be(
        self, administrator: Client, policy: str, kind: str, rule: Document, status: int, error: str
    ) -> None:
        """Nothing is written."""
        self.add(administrator, policy, "bandwidth_limit", max_kbps=1000)
        self.add(administrator, policy, "minimum_bandwidth", min_kbps=500, direction="ingress")
        self.add(administrator, policy, "dscp_marking", dscp_mark=26)
        before = administrator.everything()
        refused = self.add(administrator, policy, kind, **rule)
        assert (refused.status, refused.error) == (status, error), refused
        assert administrator.everything() == before
