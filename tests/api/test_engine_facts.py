"""The facts about the engine that bite, those that `test_engine.py` leaves: each has a test that names it."""

from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus

import pytest
from ovirt_quantum.api.errors import STATUS

from lab.engine import Engine
from lab.engine.client import Client as EngineClient
from lab.engine.inventory import EngineHost, Vnic
from tests.api.client import Client
from tests.api.samples import UNKNOWN, sample
from tests.api.test_engine import HOST, MAC, OTHER
from tests.service import Service

GROUP = UNKNOWN
JAX_RS = {200, 201, 202, 204, 205, 206, 301, 302, 303, 304, 305, 307, 400, 401, 402, 403, 404, 405, 406, 407, 408, 409}
JAX_RS |= {410, 411, 412, 413, 414, 415, 416, 417, 428, 429, 431, 500, 501, 502, 503, 504, 505, 511}
"""javax.ws.rs.core.Response.Status of JAX-RS 2.1."""


def test_fact_1_the_list_is_whole(engine: Engine, administrator: Client) -> None:
    """The engine sends no query: whatever there is comes in one answer, and without a paging link."""
    network_id = administrator.create("networks")["id"]
    wanted = {"ports": [{"network_id": network_id}] * 1100}
    assert administrator.send("POST", "ports", wanted).status == 201
    assert len(EngineClient(engine.provider).ports()) == 1100


def test_fact_2_owner_and_device_come_back_unchanged(engine_client: Client) -> None:
    """To the letter, case and spaces included, and after an update of something else."""
    network_id = engine_client.create("networks")["id"]
    words = {"device_owner": "oVirt", "device_id": "6E5C9F3A-0000-4000-8000-0000000000AA "}
    port = engine_client.create("ports", network_id=network_id, **words)
    engine_client.update("ports", port["id"], binding__host_id="elsewhere")
    assert words.items() <= engine_client.show("ports", port["id"]).items()


def test_fact_3_the_binding_maps_are_flat(engine_client: Client) -> None:
    """Scalars alone, in every port of the list."""
    network_id = engine_client.create("networks")["id"]
    engine_client.create("ports", network_id=network_id, binding__profile={"a": "b", "c": 1, "d": True, "e": None})
    for port in engine_client.find("ports"):
        for name in ("binding:profile", "binding:vif_details"):
            assert not any(isinstance(value, dict | list) for value in port[name].values())


@pytest.mark.parametrize("path", ["networks", "subnets", "ports"])
def test_fact_5_one_root_key(engine_client: Client, administrator: Client, path: str) -> None:
    """Whatever is asked of one object."""
    wanted = {"POST": sample(administrator, path)}
    made = engine_client.post(path, **wanted["POST"])
    (root,) = made.body
    one = f"{path}/{made.body[root]['id']}"
    assert list(engine_client.send("GET", one).body) == [root]
    assert list(engine_client.send("PUT", one, {root: {"name": "x"}}).body) == [root]


def test_fact_6_every_body_is_called_json(engine_client: Client) -> None:
    """An empty answer needs no type."""
    made = engine_client.post("networks")
    assert made.headers["content-type"] == "application/json"
    assert engine_client.send("GET", "networks").headers["content-type"] == "application/json"
    gone = engine_client.send("DELETE", f"networks/{made.body['network']['id']}")
    assert (gone.status, gone.body) == (204, None)


def test_facts_7_and_8_every_status_is_one_that_the_engines_client_knows() -> None:
    """422 and its like would break it on its own error path."""
    assert set(STATUS.values()) <= JAX_RS
    assert {HTTPStatus.UNPROCESSABLE_ENTITY, HTTPStatus.FAILED_DEPENDENCY}.isdisjoint(STATUS.values())


def test_fact_9_the_reason_is_in_the_log(service: Service, engine_client: Client) -> None:
    """Its user sees the bare status."""
    answer = engine_client.post("networks", name="x", mtu=60000)
    assert answer.status == 400
    lines = [line for line in service.log.read_text().splitlines() if answer.headers["x-openstack-request-id"] in line]
    assert any("60000 is more than" in line for line in lines)


def test_fact_10_a_port_that_is_gone_is_nothing_to_delete(engine: Engine, administrator: Client) -> None:
    """The engine lists before it deletes; a port that somebody else removed raises no event."""
    vnic = Vnic("nic1", MAC, engine.create_network("blue"))
    id = engine.allocate(vnic, HOST)["vnic_id"]
    administrator.delete("ports", id)
    engine.deallocate(vnic)
    assert engine.events == []


def test_fact_11_a_token_for_every_action(engine: Engine) -> None:
    """Many at once, each with its own log-in."""
    with ThreadPoolExecutor(8) as engines:
        assert list(engines.map(lambda _: len(engine.import_networks()), range(32))) == [0] * 32


def test_fact_14_the_mtu_is_in_every_network(engine_client: Client, administrator: Client) -> None:
    """Also where nobody gave one, or a null is meant to be none."""
    administrator.create("networks", provider__physical_network="physnet1", provider__network_type="flat")
    engine_client.create("networks")
    assert [one["mtu"] for one in engine_client.find("networks")] == [1500, 1500]


def test_fact_15_a_segment_is_shown_only_where_it_was_chosen(engine_client: Client, administrator: Client) -> None:
    """Then in full; hidden from the engine alone."""
    plain = engine_client.create("networks", name="plain")
    chosen = engine_client.create("networks", provider__physical_network="physnet1", provider__segmentation_id=5)
    assert not any(name.startswith("provider:") for name in plain)
    assert chosen["provider:network_type"] == "vlan"
    assert administrator.show("networks", plain["id"])["provider:network_type"] == "vlan"


def test_what_the_engine_asked_of_a_port_outlives_a_migration(engine: Engine, administrator: Client) -> None:
    """Groups that nobody enforces are kept as intent when only the host changes."""
    vnic = Vnic("nic1", MAC, engine.create_network("blue", port_security=True), security_groups=GROUP)
    id = engine.allocate(vnic, HOST)["vnic_id"]
    engine.migrated(vnic, OTHER)
    port = administrator.show("ports", id)
    assert (port["security_groups"], port["port_security_enabled"]) == ([GROUP], True)
    assert "not enforced" in port["status_reason"]
    assert administrator.update("ports", id, name="x")["security_groups"] == [GROUP]


def test_a_host_that_nobody_declared_is_accepted(engine: Engine, administrator: Client) -> None:
    """The engine may know it by another name."""
    vnic = Vnic("nic1", MAC, engine.create_network("blue"))
    id = engine.allocate(vnic, EngineHost("node-7", {"OVIRT_QUANTUM": "who-knows"}))["vnic_id"]
    assert administrator.show("ports", id)["binding:host_id"] == "who-knows"


def test_a_mac_in_use_by_a_vm_is_not_taken_over(engine_client: Client, administrator: Client) -> None:
    """Nor is one of a port that is not the engine's own; and nobody but the engine takes one over."""
    network_id = engine_client.create("networks")["id"]
    orphan = {"network_id": network_id, "mac_address": MAC, "device_owner": "oVirt"}
    engine_client.create("ports", **orphan)
    assert administrator.post("ports", **orphan).status == 409
    assert engine_client.post("ports", **orphan).status == 201
    foreign = {"network_id": network_id, "mac_address": "56:6f:00:00:00:09"}
    administrator.create("ports", **foreign)
    assert engine_client.post("ports", **foreign, device_owner="oVirt").status == 409


def test_dhcp_from_the_engine_is_kept_and_shown_as_missing(engine: Engine, administrator: Client) -> None:
    """It always asks for it, and has no way not to."""
    network = engine.create_network("blue")
    engine.add_subnet(network.external_id or "", "s", "10.0.0.0/24", 4)
    (subnet,) = administrator.find("subnets")
    assert (subnet["enable_dhcp"], "DHCP is not served" in subnet["status_reason"]) == (True, True)
    renamed = administrator.update("subnets", subnet["id"], name="x")
    assert renamed["enable_dhcp"] is True


@pytest.mark.parametrize(
    ("path", "attribute", "value"),
    [
        ("subnets", "enable_dhcp", True),
        ("networks", "port_security_enabled", True),
        ("ports", "port_security_enabled", True),
        ("ports", "security_groups", [GROUP]),
        ("ports", "allowed_address_pairs", [{"ip_address": "10.0.0.9"}]),
        ("ports", "extra_dhcp_opts", [{"opt_name": "mtu", "opt_value": "1400"}]),
    ],
)
def test_what_nobody_realises_is_refused_to_everybody_else(
    member: Client, administrator: Client, path: str, attribute: str, value: object
) -> None:
    """400 that names it, on create and update; left out, it is off and nothing is missing."""
    network_id = member.create("networks", name="net")["id"]
    wanted = {"subnets": {"network_id": network_id, "cidr": "10.0.0.0/24"}, "ports": {"network_id": network_id}}.get(
        path, {}
    )
    before = administrator.everything()
    refused = member.post(path, **wanted, **{attribute: value})
    assert (refused.status, attribute in refused.message) == (400, True)
    assert administrator.everything() == before
    made = member.create(path, **wanted)
    assert (made[attribute], made["status_reason"]) == (False if value is True else [], "")
    assert member.put(path, made["id"], **{attribute: value}).status == 400
    assert member.update(path, made["id"], **{attribute: made[attribute]})[attribute] == made[attribute]
