"""Address groups: blocks of addresses that rules refer to."""

from typing import Any

import pytest

from tests.api.client import Client
from tests.api.conftest import Running
from tests.service import Answer


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


def change(client: Client, id: str, verb: str, addresses: Any) -> Answer:
    return client.send("PUT", f"address-groups/{id}/{verb}", {"addresses": addresses})


def test_addresses_come_and_go(member: Client) -> None:
    """As blocks without host bits, each once."""
    made = member.create("address-groups", name="ours", addresses=["10.0.0.5/24", "10.0.0.0/24", "2001:DB8::1/128"])
    assert (made["addresses"], made["shared"]) == (["10.0.0.0/24", "2001:db8::1/128"], False)
    added = change(member, made["id"], "add_addresses", ["192.0.2.1", "192.0.2.1/32"])
    assert added.status == 200
    assert added.body["address_group"]["addresses"] == ["10.0.0.0/24", "2001:db8::1/128", "192.0.2.1/32"]
    assert added.body["address_group"] == member.show("address-groups", made["id"])
    left = change(member, made["id"], "remove_addresses", ["10.0.0.7/24", "2001:db8::1/128"])
    assert left.body["address_group"]["addresses"] == ["192.0.2.1/32"]
    assert left.body["address_group"]["revision_number"] == 3


@pytest.mark.parametrize(
    ("verb", "body", "status", "error"),
    [
        ("add_addresses", {"addresses": ["10.0.0.0/24"]}, 400, "AddressesAlreadyExist"),
        ("remove_addresses", {"addresses": ["10.0.0.0/25"]}, 404, "AddressesNotFound"),
        ("add_addresses", {"addresses": ["10.0.0.0/33"]}, 400, "HTTPBadRequest"),
        ("add_addresses", {"addresses": "10.1.0.0/24"}, 400, "HTTPBadRequest"),
        ("add_addresses", {"addresses": None}, 400, "HTTPBadRequest"),
        ("remove_addresses", {}, 400, "HTTPBadRequest"),
        ("add_addresses", {"address_group": {"addresses": []}}, 400, "HTTPBadRequest"),
    ],
)
def test_what_can_not_be_changed_is_refused(
    administrator: Client, member: Client, verb: str, body: object, status: int, error: str
) -> None:
    """And nothing is written."""
    made = member.create("address-groups", addresses=["10.0.0.0/24"])
    before = administrator.everything()
    answer = member.send("PUT", f"address-groups/{made['id']}/{verb}", body)
    assert (answer.status, answer.error) == (status, error)
    assert member.put("address-groups", made["id"], addresses=[]).status == 400
    assert administrator.everything() == before


def test_a_group_that_a_rule_refers_to_stays(member: Client) -> None:
    """409, until the rule is gone."""
    made = member.create("address-groups", addresses=["10.0.0.0/24"])
    group = member.create("security-groups", name="web")
    rule = member.create(
        "security-group-rules",
        security_group_id=group["id"],
        direction="ingress",
        remote_address_group_id=made["id"],
    )
    assert rule["remote_address_group_id"] == made["id"]
    answer = member.send("DELETE", f"address-groups/{made['id']}")
    assert (answer.status, answer.error) == (409, "AddressGroupInUse")
    member.delete("security-group-rules", rule["id"])
    member.delete("address-groups", made["id"])


def test_another_projects_group_is_not_there(
    administrator: Client, member: Client, reader: Client, stranger: Client
) -> None:
    """404 by every verb and reference; 403 for who may only read."""
    made = member.create("address-groups", addresses=["10.0.0.0/24"])
    (own,) = stranger.find("security-groups")
    before = administrator.everything()
    for verb in ("add_addresses", "remove_addresses"):
        assert change(stranger, made["id"], verb, ["10.0.0.0/24"]).status == 404
        assert change(reader, made["id"], verb, ["10.0.0.0/24"]).status == 403
    assert stranger.find("address-groups") == []
    assert stranger.send("GET", f"address-groups/{made['id']}").status == 404
    assert stranger.send("DELETE", f"address-groups/{made['id']}").status == 404
    wanted = {"security_group_id": own["id"], "direction": "ingress", "remote_address_group_id": made["id"]}
    refused = stranger.post("security-group-rules", **wanted)
    assert (refused.status, refused.error) == (404, "AddressGroupNotFound")
    assert administrator.everything() == before
