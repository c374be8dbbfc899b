"""Security groups: the default one, their rules inside, what keeps them, whose they are."""

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN
from tests.service import Answer


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def default(client: Client) -> Document:
    """The default group of the client's project."""
    (found,) = client.find("security-groups", "name=default")
    return found


def said(group: Document) -> set[tuple[str, str, bool, bool]]:
    """Direction, family, whether from the group itself, whether of a default group; of rules that say no more."""
    return {
        (rule["direction"], rule["ethertype"], rule["remote_group_id"] == group["id"], rule["belongs_to_default_sg"])
        for rule in group["security_group_rules"]
        if (rule["protocol"], rule["remote_ip_prefix"], rule["port_range_min"]) == (None, None, None)
    }


@pytest.mark.parametrize("path", ["security-groups", "security-group-rules"])
def test_a_project_that_looks_has_its_default_group(stranger: Client, reader: Client, path: str) -> None:
    """With Neutron's four rules, once, also for one who may only read."""
    for client in (stranger, reader):
        assert client.find(path)
        group = default(client)
        assert (group["description"], group["stateful"], group["shared"]) == ("Default security group", True, False)
        assert len(group["security_group_rules"]) == 4
        assert said(group) == {
            ("egress", "IPv4", False, True),
            ("egress", "IPv6", False, True),
            ("ingress", "IPv4", True, True),
            ("ingress", "IPv6", True, True),
        }
    assert default(stranger)["project_id"] == "red-team"


def test_a_new_group_lets_everything_out(member: Client) -> None:
    """And nothing in; its project has its default group by then."""
    made = member.create("security-groups", name="web", stateful=False)
    assert said(made) == {("egress", "IPv4", False, False), ("egress", "IPv6", False, False)}
    assert (made["stateful"], made["name"], made["project_id"]) == (False, "web", "blue-team")
    assert {one["name"] for one in member.find("security-groups")} == {"default", "web"}


def test_rules_are_shown_inside_their_group_and_alone(member: Client) -> None:
    """The same documents, under both names of the project; also where the groups are filtered."""
    made = member.create("security-groups", name="web")
    rule = member.create("security-group-rules", security_group_id=made["id"], direction="ingress", protocol="tcp")
    shown = member.show("security-groups", made["id"])
    assert rule in shown["security_group_rules"]
    assert rule["tenant_id"] == "blue-team"
    assert (shown["revision_number"], len(shown["security_group_rules"])) == (2, 3)
    for query in (f"id={made['id']}", "name=web", "stateful=true&name=web", ""):
        assert shown in member.find("security-groups", query)
    by_group = member.find("security-group-rules", f"security_group_id={made['id']}")
    assert by_group == sorted(shown["security_group_rules"], key=lambda one: one["id"])


def test_the_default_group_keeps_its_name_and_stays(member: Client, administrator: Client) -> None:
    """A tenant neither renames nor deletes it, nor makes a second one; its description may change."""
    group, other = default(member), member.create("security-groups", name="web")
    before = administrator.everything()
    for answer, kind in (
        (member.put("security-groups", group["id"], name="mine"), "SecurityGroupCannotUpdateDefault"),
        (member.send("DELETE", f"security-groups/{group['id']}"), "SecurityGroupCannotRemoveDefault"),
        (member.post("security-groups", name="default"), "SecurityGroupDefaultAlreadyExists"),
        (member.post("security-groups", name="Default"), "SecurityGroupDefaultAlreadyExists"),
        (member.put("security-groups", other["id"], name="default"), "SecurityGroupDefaultAlreadyExists"),
        (administrator.put("security-groups", group["id"], name="mine"), "SecurityGroupCannotUpdateDefault"),
    ):
        assert refusal(answer) == (409, kind)
    assert administrator.everything() == before
    assert member.update("security-groups", group["id"], name="default", description="d")["description"] == "d"


def test_an_administrator_may_delete_a_default_group(member: Client, administrator: Client) -> None:
    """It is made anew when it is next needed."""
    old = default(member)
    administrator.delete("security-groups", old["id"])
    assert default(member)["id"] != old["id"]


def test_a_group_that_ports_are_in_stays(member: Client, administrator: Client) -> None:
    """It is neither deleted nor made stateless, until the last port leaves it."""
    group = member.create("security-groups", name="web")
    network = member.create("networks")
    first, last = (member.create("ports", network_id=network["id"], security_groups=[group["id"]]) for _ in range(2))
    before = administrator.everything()
    assert refusal(member.send("DELETE", f"security-groups/{group['id']}")) == (409, "SecurityGroupInUse")
    assert refusal(member.put("security-groups", group["id"], stateful=False)) == (409, "SecurityGroupInUse")
    assert administrator.everything() == before
    member.update("security-groups", group["id"], stateful=True, description="still used")
    member.delete("ports", first["id"])
    assert refusal(member.send("DELETE", f"security-groups/{group['id']}")) == (409, "SecurityGroupInUse")
    member.update("ports", last["id"], security_groups=[])
    assert member.update("security-groups", group["id"], stateful=False)["stateful"] is False
    member.delete("security-groups", group["id"])


def test_a_groups_rules_go_with_it(member: Client) -> None:
    """Its own, and those of other groups that let its ports in, as in Neutron."""
    gone, other = (member.create("security-groups", name=name) for name in ("gone", "other"))
    inside = {"direction": "ingress", "remote_group_id": gone["id"]}
    member.create("security-group-rules", security_group_id=gone["id"], **inside)
    member.create("security-group-rules", security_group_id=other["id"], **inside)
    member.delete("security-groups", gone["id"])
    assert member.find("security-group-rules", f"security_group_id={gone['id']}") == []
    left = member.show("security-groups", other["id"])
    assert said(left) == said(other)
    assert left["revision_number"] == other["revision_number"] + 2


def test_another_projects_groups_are_not_there(member: Client, stranger: Client, administrator: Client) -> None:
    """404 rather than 403, by every verb, filter and reference."""
    group = member.create("security-groups", name="web")
    rule = group["security_group_rules"][0]
    own = default(stranger)
    before = administrator.everything()
    assert stranger.find("security-groups", f"id={group['id']}") == []
    assert stranger.find("security-group-rules", f"security_group_id={group['id']}") == []
    assert stranger.find("security-groups", "project_id=blue-team") == []
    inside = {"security_group_id": group["id"], "direction": "ingress"}
    for answer in (
        stranger.send("GET", f"security-groups/{group['id']}"),
        stranger.put("security-groups", group["id"], name="mine"),
        stranger.send("DELETE", f"security-groups/{group['id']}"),
        stranger.post("security-group-rules", **inside),
        stranger.post("security-group-rules", **inside | {"security_group_id": UNKNOWN}),
        stranger.post(
            "security-group-rules", **inside | {"security_group_id": own["id"], "remote_group_id": group["id"]}
        ),
        member.post("security-group-rules", **inside, project_id="red-team"),
    ):
        assert refusal(answer) in ((404, "SecurityGroupNotFound"), (403, "PolicyNotAuthorized"))
        assert (answer.status == 404) or "project_id" in answer.message
    for method in ("GET", "DELETE"):
        answer = stranger.send(method, f"security-group-rules/{rule['id']}")
        assert refusal(answer) == (404, "SecurityGroupRuleNotFound")
    assert stranger.put("security-group-rules", rule["id"], description="mine").status == 404
    assert administrator.everything() == before


def test_what_is_there_is_said(administrator: Client) -> None:
    """Extensions and resources that come with the plugin's features."""
    aliases = {one["alias"] for one in administrator.send("GET", "extensions").body["extensions"]}
    assert {"security-group", "stateful-security-group", "address-group", "port-security"} <= aliases
    assert administrator.send("GET", "extensions/allowed-address-pairs").status == 200
    collections = {one["collection"] for one in administrator.send("GET", "").body["resources"]}
    assert {"security_groups", "security_group_rules", "address_groups"} <= collections
