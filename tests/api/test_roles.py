"""Who may see and do what."""

from collections.abc import Callable
from typing import Any

import pytest
from ovirt_quantum.model import RESOURCES, Resource, Role, fields
from ovirt_quantum.model.access import Actor

from tests.api.client import MEMBERS, Client, Document
from tests.api.samples import KINDS, PATHS, UNKNOWN, network, sample
from tests.service import Service

LogIn = Callable[[str], Client]
OWNED = ["networks", "subnets", "ports"]


@pytest.mark.parametrize(
    "path", ["/v2.0/", "/v2.0/networks", "/v2.0/no/such", f"/plug/{UNKNOWN}", "/engine/v2.0/networks"]
)
@pytest.mark.parametrize("token", [None, "", "garbage", "a.b.c", "x" * 20000])
def test_without_a_good_token_nothing_is_answered(service: Service, path: str, token: str | None) -> None:
    """401, also where there is nothing."""
    answer = service.call("GET", path, token=token)
    assert (answer.status, answer.error) == (401, "HTTPUnauthorized")
    assert "Keystone" in answer.headers["www-authenticate"]


def test_a_revoked_token_is_refused(service: Service) -> None:
    """At once, in the process that it was given back to."""
    token = service.token()
    assert service.call("GET", "/v2.0/networks", token=token).status == 200
    headers = {"X-Subject-Token": token}
    assert service.call("DELETE", "/v3/auth/tokens", token=token, headers=headers).status == 204
    assert service.call("GET", "/v2.0/networks", token=token).status == 401


def forged(token: str) -> str:
    """The same claims, signed by nobody."""
    return ".".join([*token.split(".")[:2], "AAAA"])


def test_a_token_with_another_signature_is_refused(administrator: Client) -> None:
    """The claims alone are no proof."""
    assert Client(administrator.service, forged(administrator.token or "")).send("GET", "networks").status == 401


@pytest.mark.parametrize("path", PATHS)
def test_a_reader_writes_nothing(administrator: Client, reader: Client, path: str) -> None:
    """403 for each of the verbs, on what it sees."""
    wanted = sample(administrator, path)
    if path in ("networks", "qos/policies", "ports"):
        administrator.update("networks", network(administrator), shared=True)
        wanted["shared" if path != "ports" else "project_id"] = True if path != "ports" else "blue-team"
    one = administrator.create(path, **wanted)
    before = administrator.everything()
    plain = {name: value for name, value in wanted.items() if name not in ("shared", "project_id")}
    assert reader.post(path, **plain).status in (403, 404 if path == "subnets" else 403)
    assert reader.post(path).status in (400, 403)
    if reader.send("GET", f"{path}/{one['id']}").status == 200:
        assert reader.put(path, one["id"], description="x").status == 403
        assert reader.send("DELETE", f"{path}/{one['id']}").status == 403
    assert administrator.everything() == before


@pytest.mark.parametrize("path", [kind.path for kind in KINDS if kind.written_by > Role.MEMBER])
def test_a_member_does_not_write_what_is_the_administrators(administrator: Client, member: Client, path: str) -> None:
    """403, and the role that may is named."""
    wanted = sample(administrator, path)
    before = administrator.everything()
    answer = member.post(path, **wanted)
    assert (answer.status, answer.error) == (403, "PolicyNotAuthorized")
    assert administrator.everything() == before


@pytest.mark.parametrize("path", OWNED)
def test_another_projects_objects_are_not_there(
    administrator: Client, member: Client, stranger: Client, path: str
) -> None:
    """404 rather than 403: who may not see it does not learn that it exists."""
    own = member.create("networks", name="sample")
    one = own if path == "networks" else member.create(path, **sample(member, path))
    before = administrator.everything()
    assert stranger.find(path) == []
    assert stranger.send("GET", f"{path}/{one['id']}").status == 404
    assert stranger.put(path, one["id"], name="mine").status == 404
    assert stranger.send("DELETE", f"{path}/{one['id']}").status == 404
    assert stranger.post("ports", network_id=own["id"]).status == 404
    assert stranger.post("subnets", network_id=own["id"], cidr="10.9.0.0/24").status == 404
    assert administrator.everything() == before


def test_a_projects_members_share_what_it_has(member: Client, reader: Client, manager: Client) -> None:
    """Seen by all of them, changed by those who may."""
    made = member.create("networks", name="ours")
    assert made["project_id"] == "blue-team"
    assert reader.find("networks") == [made]
    assert manager.update("networks", made["id"], name="still ours")["name"] == "still ours"


def test_a_shared_network_is_used_by_all_and_changed_by_its_owner(
    administrator: Client, member: Client, stranger: Client
) -> None:
    """Its subnets are seen with it, its ports by their owners."""
    shared = administrator.create("networks", shared=True, project_id="blue-team")
    subnet = administrator.create("subnets", network_id=shared["id"], cidr="10.0.0.0/24", project_id="blue-team")
    assert [one["id"] for one in stranger.find("networks")] == [shared["id"]]
    assert [one["id"] for one in stranger.find("subnets")] == [subnet["id"]]
    port = stranger.create("ports", network_id=shared["id"])
    hidden = administrator.create("ports", network_id=shared["id"])
    assert [one["id"] for one in stranger.find("ports")] == [port["id"]]
    assert stranger.send("GET", f"ports/{hidden['id']}").status == 404
    assert {one["id"] for one in member.find("ports")} == {port["id"], hidden["id"]}
    for refused in (
        stranger.put("networks", shared["id"], name="mine"),
        stranger.send("DELETE", f"networks/{shared['id']}"),
        stranger.post("subnets", network_id=shared["id"], cidr="10.1.0.0/24"),
        stranger.put("subnets", subnet["id"], name="mine"),
    ):
        assert (refused.status, refused.error) == (403, "PolicyNotAuthorized")


def test_a_network_with_other_projects_ports_stays_shared(administrator: Client, stranger: Client) -> None:
    """Taking it back would leave them on a network that is not theirs (Neutron: InvalidSharedSetting)."""
    shared = administrator.create("networks", shared=True)
    port = stranger.create("ports", network_id=shared["id"])
    refused = administrator.put("networks", shared["id"], shared=False)
    assert (refused.status, refused.error) == (409, "InvalidSharedSetting")
    stranger.delete("ports", port["id"])
    assert administrator.update("networks", shared["id"], shared=False)["shared"] is False


@pytest.mark.parametrize(
    ("attributes", "role"),
    [
        (
            {"provider:network_type": "vlan", "provider:physical_network": "physnet1", "provider:segmentation_id": 7},
            "manager",
        ),
        ({"provider:segmentation_id": None}, "manager"),
        ({"shared": True}, "manager"),
        ({"router:external": True}, "manager"),
    ],
)
def test_a_member_may_not_choose(
    administrator: Client, member: Client, manager: Client, attributes: Document, role: str
) -> None:
    """403 that names the attribute and the role; a manager may."""
    before = administrator.everything()
    answer = member.send("POST", "networks", {"network": attributes})
    assert (answer.status, answer.error) == (403, "PolicyNotAuthorized")
    assert (next(iter(attributes)) in answer.message, role in answer.message) == (True, True)
    assert administrator.everything() == before
    made = manager.send("POST", "networks", {"network": attributes}).body["network"]
    assert attributes.items() <= made.items() or attributes == {"provider:segmentation_id": None}


@pytest.mark.parametrize("attribute", ["binding:host_id", "binding:profile"])
def test_a_member_does_not_bind_ports(member: Client, attribute: str) -> None:
    """403: where a port is plugged is the engine's to say."""
    network_id = member.create("networks")["id"]
    value: Any = {} if attribute == "binding:profile" else "host1"
    answer = member.send("POST", "ports", {"port": {"network_id": network_id, attribute: value}})
    assert (answer.status, attribute in answer.message) == (403, True)


@pytest.mark.parametrize("owner", ["oVirt", "network:dhcp", "network:router_centralized_snat"])
def test_a_member_does_not_pose_as_the_engine_or_as_infrastructure(
    member: Client, engine_client: Client, owner: str
) -> None:
    """The engine takes a port of owner oVirt for its vNIC's; infrastructure may have the gateway's address."""
    network_id = member.create("networks")["id"]
    refused = member.post("ports", network_id=network_id, device_owner=owner)
    assert (refused.status, "device_owner" in refused.message) == (403, True)
    port = member.create("ports", network_id=network_id, device_owner="compute:nova")
    assert member.put("ports", port["id"], device_owner=owner).status == 403
    kept = engine_client.create("ports", network_id=network_id, device_owner=owner, project_id="blue-team")
    assert member.update("ports", kept["id"], name="mine")["device_owner"] == owner


@pytest.mark.parametrize("account", ["reader", "member", "manager", "engine", "admin"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_role_is_shown_what_its_declaration_says(
    administrator: Client, log_in: LogIn, account: str, kind: type[Resource]
) -> None:
    """No attribute more, none less, shown, listed and filtered alike."""
    client, role = log_in(account), {"admin": Role.ADMIN, "engine": Role.ENGINE}.get(account) or Role[account.upper()]
    administrator.update("networks", network(administrator), shared=True)
    wanted = sample(administrator, kind.path) | {"project_id": "blue-team"}
    wanted |= {"shared": False} if kind.path == "network_segment_ranges" else {}
    if kind.path == "security-group-rules":
        wanted["security_group_id"] = administrator.create("security-groups", project_id="blue-team")["id"]
    if "router_id" in wanted:
        wanted["router_id"] = administrator.create("routers", project_id="blue-team")["id"]
    one = administrator.create(kind.path, **wanted)
    visible = {name for name, field in fields(kind).items() if field.rule.seen_by <= role} | {"tenant_id"}
    if account == "engine" and kind.path == "networks":
        visible = {name for name in visible if not name.startswith("provider:")}
    assert set(client.show(kind.path, one["id"])) == visible
    assert {frozenset(shown) for shown in client.find(kind.path)} == {frozenset(visible)}
    for name in fields(kind).keys() - visible:
        if account != "engine":
            assert client.send("GET", f"{kind.path}?{name}=x").status == 400, name


def test_only_an_administrator_or_the_engine_names_another_project(member: Client, administrator: Client) -> None:
    """403."""
    refused = member.post("networks", project_id="red-team")
    assert (refused.status, "project_id" in refused.message) == (403, True)
    assert administrator.create("networks", project_id="red-team")["project_id"] == "red-team"


def test_a_private_pool_is_seen_by_its_project(administrator: Client, member: Client, stranger: Client) -> None:
    """And drawn from by it alone, before everybody's."""
    administrator.create(
        "network_segment_ranges",
        physical_network="physnet1",
        minimum=2000,
        maximum=2000,
        shared=False,
        project_id="blue-team",
    )
    assert [pool["minimum"] for pool in member.find("network_segment_ranges", "shared=false")] == [2000]
    assert stranger.find("network_segment_ranges", "shared=false") == []
    theirs, ours = stranger.create("networks"), member.create("networks")
    shown = {one["id"]: one["provider:segmentation_id"] for one in administrator.find("networks")}
    assert (shown[ours["id"]], shown[theirs["id"]] < 1000) == (2000, True)


def test_a_policy_is_its_projects_unless_it_is_shared(manager: Client, member: Client, stranger: Client) -> None:
    """A port can't be given one that its owner does not see."""
    policy = manager.create("qos/policies", name="gold")
    theirs = stranger.create("networks")
    assert member.find("qos/policies") == [policy]
    refused = stranger.post("ports", network_id=theirs["id"], qos_policy_id=policy["id"])
    assert (refused.status, refused.error) == (404, "QosPolicyNotFound")
    assert stranger.put("networks", theirs["id"], qos_policy_id=policy["id"]).status == 404
    manager.update("qos/policies", policy["id"], shared=True)
    assert (
        stranger.create("ports", network_id=theirs["id"], qos_policy_id=policy["id"])["qos_policy_id"] == policy["id"]
    )


def test_what_is_in_the_way_is_not_told_to_strangers(administrator: Client, manager: Client, stranger: Client) -> None:
    """A VLAN, a MAC, a policy in use: its holder's id is for those who may see it."""
    theirs = stranger.create("networks")["id"]
    vlan = administrator.show("networks", theirs)["provider:segmentation_id"]
    segment = {"provider__physical_network": "physnet1", "provider__segmentation_id": vlan}
    shared = administrator.create("networks", shared=True)["id"]
    policy = manager.create("qos/policies", shared=True)["id"]
    port = stranger.create("ports", network_id=shared, mac_address="56:6f:00:00:00:01", qos_policy_id=policy)
    for holder, send in (
        (theirs, lambda client: client.post("networks", **segment)),
        (port["id"], lambda client: client.post("ports", network_id=shared, mac_address=port["mac_address"])),
        (port["id"], lambda client: client.send("DELETE", f"qos/policies/{policy}")),
    ):
        told, untold = send(administrator), send(manager)
        assert (told.status, untold.status) == (409, 409)
        assert (holder in told.message, holder in untold.message) == (True, False)


def test_a_hosts_token_only_asks_how_to_plug(administrator: Client, host_token: str) -> None:
    """403 for all else, whatever the path looks like."""
    network_id = network(administrator)
    port = administrator.create("ports", network_id=network_id)
    host = Client(administrator.service, host_token)
    answer = administrator.service.call("GET", f"/plug/{port['id']}", token=host_token)
    assert (answer.status, answer.error) == (409, "PortNotPluggable"), "allowed, but there is no plugin that plugs"
    for path in (*PATHS, "", "extensions", "networks/plug/x", "ports?name=/plug/", "inventory"):
        assert host.send("GET", path).status == 403, path
    before = administrator.everything()
    assert host.post("networks").status == 403
    assert host.send("DELETE", f"ports/{port['id']}").status == 403
    assert host.send("PUT", f"ports/{port['id']}", {MEMBERS["ports"]: {}}).status == 403
    assert administrator.everything() == before


def test_nobody_but_hosts_and_administrators_asks_how_to_plug(administrator: Client, member: Client) -> None:
    """403; and what is not there is 404."""
    port = member.create("ports", network_id=member.create("networks")["id"])
    assert member.service.call("GET", f"/plug/{port['id']}", token=member.token).status == 403
    for id in (UNKNOWN, "no-uuid", "%00"):
        assert member.service.call("GET", f"/plug/{id}", token=administrator.token).status == 404


def test_roles_are_ordered() -> None:
    """`seen_by` and `set_by` rely on it; nobody may set what is not shown to them."""
    assert Role.HOST < Role.READER < Role.MEMBER < Role.MANAGER < Role.ENGINE < Role.ADMIN
    assert Actor("x", Role.ENGINE, "").sees_all_projects
    assert not Actor("x", Role.MANAGER, "").sees_all_projects
    for kind in RESOURCES:
        for field in fields(kind).values():
            assert field.rule.given == "never" or field.rule.seen_by <= max(field.rule.set_by, kind.written_by), field
