"""What holds for every resource: create, show, list, update, delete."""

import re
from typing import Any

import pytest

from tests.api.client import COLLECTIONS, MEMBERS, Client
from tests.api.samples import KINDS as ALONE
from tests.api.samples import PATHS, UNKNOWN, sample

KINDS = {kind.path: kind for kind in ALONE}
FOLLOW = {"security-group-rules", "route_tables", "policy_routes"}
"""They belong to the project of what they are part of."""
every_resource = pytest.mark.parametrize("path", PATHS)


@every_resource
def test_what_was_created_is_shown_listed_changed_and_deleted(administrator: Client, path: str) -> None:
    """Every answer has the same form."""
    made = administrator.create(path, **sample(administrator, path))
    assert administrator.show(path, made["id"]) == made
    assert made in administrator.find(path)
    changed = administrator.update(path, made["id"], description="another")
    assert changed == administrator.show(path, made["id"])
    assert changed == made | {
        "description": "another",
        "revision_number": made["revision_number"] + 1,
        "updated_at": changed["updated_at"],
    }
    administrator.delete(path, made["id"])
    assert administrator.send("GET", f"{path}/{made['id']}").status == 404
    assert made["id"] not in [one["id"] for one in administrator.find(path)]


def test_a_path_may_have_hyphens(administrator: Client) -> None:
    """As in Neutron: tempest asks for `network-segment-ranges`, openstacksdk for `network_segment_ranges`."""
    (pool,) = administrator.find("network_segment_ranges")
    assert administrator.send("GET", "network-segment-ranges").body == {"network_segment_ranges": [pool]}
    shown = administrator.send("GET", f"network-segment-ranges/{pool['id']}")
    assert shown.body == {"network_segment_range": pool}


@every_resource
def test_standard_attributes_are_filled_in(administrator: Client, path: str) -> None:
    """Id, times in Neutron's form, revision, and the project under both of its names."""
    made = administrator.create(path, **sample(administrator, path), description="d", tags=["a"])
    assert re.fullmatch(r"[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}", made["id"])
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", made["created_at"])
    assert made["updated_at"] == made["created_at"]
    assert (made["revision_number"], made["description"], made["tags"]) == (1, "d", ["a"])
    assert made["tenant_id"] == made["project_id"]


@every_resource
def test_many_are_created_at_once_in_their_order(administrator: Client, path: str) -> None:
    """Neutron's bulk create."""
    wanted = [sample(administrator, path, number) | {"description": str(number)} for number in range(3)]
    answer = administrator.send("POST", path, {COLLECTIONS[path]: wanted})
    assert answer.status == 201
    assert [one["description"] for one in answer.body[COLLECTIONS[path]]] == ["0", "1", "2"]
    ids = {one["id"] for one in administrator.find(path)}
    assert {one["id"] for one in answer.body[COLLECTIONS[path]]} <= ids


@every_resource
def test_each_of_many_may_have_its_root(administrator: Client, path: str) -> None:
    """Once more, as Neutron takes it."""
    wanted = [{MEMBERS[path]: sample(administrator, path, number)} for number in range(2)]
    answer = administrator.send("POST", path, {COLLECTIONS[path]: wanted})
    assert (answer.status, len(answer.body[COLLECTIONS[path]])) == (201, 2)


@every_resource
def test_of_many_all_or_none_are_created(administrator: Client, path: str) -> None:
    """The second one is refused."""
    wanted: list[dict[str, Any]] = [sample(administrator, path, 0), {"no_such": 1}]
    before = administrator.everything()
    assert administrator.send("POST", path, {COLLECTIONS[path]: wanted}).status == 400
    assert administrator.everything() == before


@every_resource
def test_a_revision_that_has_passed_is_refused(administrator: Client, path: str) -> None:
    """If-Match: two clients that read the same do not overwrite each other."""
    made = administrator.create(path, **sample(administrator, path))
    body, one = {MEMBERS[path]: {"description": "mine"}}, f"{path}/{made['id']}"
    assert administrator.send("PUT", one, body, {"If-Match": "revision_number=1"}).status == 200
    before = administrator.everything()
    refused = administrator.send("PUT", one, body, {"If-Match": "revision_number=1"})
    assert (refused.status, refused.error) == (412, "RevisionNumberConstraintFailed")
    assert administrator.send("DELETE", one, headers={"If-Match": "revision_number=1"}).status == 412
    assert administrator.everything() == before
    assert administrator.send("DELETE", one, headers={"If-Match": "revision_number=2"}).status == 204


@pytest.mark.parametrize("header", ["7", "revision_number=", "revision_number=x", "revision_number=²", "etag=1"])
def test_an_if_match_that_says_nothing_is_refused(administrator: Client, header: str) -> None:
    """Rather than ignored: its client counts on it."""
    made = administrator.create("networks")
    answer = administrator.send("PUT", f"networks/{made['id']}", {"network": {}}, {"If-Match": header})
    assert (answer.status, "If-Match" in answer.message) == (400, True)


@every_resource
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE"])
@pytest.mark.parametrize("id", [UNKNOWN, "no-uuid", "%00", "x" * 5000])
def test_an_unknown_id_is_not_found(administrator: Client, path: str, method: str, id: str) -> None:
    """With the kind in Neutron's error type; an id can be anything."""
    body = {MEMBERS[path]: {"description": "x"}} if method == "PUT" else None
    answer = administrator.send(method, f"{path}/{id}", body)
    assert (answer.status, answer.error) == (404, KINDS[path].not_found)


@every_resource
def test_only_the_fields_asked_for_are_shown(administrator: Client, path: str) -> None:
    """`fields`, also of one; what there is not is left out."""
    made = administrator.create(path, **sample(administrator, path))
    only = {"id": made["id"], "tenant_id": made["tenant_id"]}
    asked = "fields=id&fields=tenant_id&fields=no_such"
    answer = administrator.send("GET", f"{path}/{made['id']}?{asked}")
    assert answer.body == {MEMBERS[path]: only}
    assert only in administrator.find(path, asked)


@pytest.mark.parametrize("path", [path for path in PATHS if path not in FOLLOW])
def test_tenant_id_is_project_id(administrator: Client, path: str) -> None:
    """Both may be given if they agree; lists filter by either."""
    wanted = sample(administrator, path) | {"tenant_id": "green"}
    refused = administrator.post(path, **wanted, project_id="other")
    assert (refused.status, "tenant_id" in refused.message) == (400, True)
    if path == "network_segment_ranges":
        wanted["shared"] = False
    made = administrator.create(path, **wanted, project_id="green")
    assert (made["tenant_id"], made["project_id"]) == ("green", "green")
    for query in ("tenant_id=green", "project_id=green"):
        assert [one for one in administrator.find(path, query) if not one.get("default_of")] == [made]


@every_resource
def test_an_update_of_nothing_changes_nothing(administrator: Client, path: str) -> None:
    """But for the revision."""
    made = administrator.create(path, **sample(administrator, path))
    changed = administrator.update(path, made["id"])
    assert {name for name in made if made[name] != changed[name]} <= {"revision_number", "updated_at"}
