"""The fifteen facts about the engine that bite, a test each; fact 13 is in `test_tls.py`.

What the engine does where a provider gets one wrong: `tests/doubles/test_facts.py`.
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from ovirt_quantum.api.errors import STATUS

from lab.engine import Engine
from lab.engine.client import Client as EngineClient
from lab.engine.inventory import Cluster, EngineDataCentre, Vnic
from tests.api.client import MEMBERS, Client
from tests.api.samples import HOST, MAC, sample
from tests.service import Service

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


def test_fact_3_the_binding_maps_are_flat(engine: Engine, administrator: Client) -> None:
    """One nested value in any port would stop every VM: it can't even be stored; scalars of all kinds read as a map."""
    network = engine.create_network("blue")
    wanted = {"network_id": network.external_id, "binding__profile": {"a": {"b": 1}}}
    assert administrator.post("ports", **wanted).status == 400
    administrator.create("ports", **wanted | {"binding__profile": {"a": "b", "c": 1, "d": True, "e": None}})
    engine.allocate(Vnic("nic1", MAC, network), HOST)
    for port in administrator.find("ports"):
        for name in ("binding:profile", "binding:vif_details"):
            assert not any(isinstance(value, dict | list) for value in port[name].values())


def test_fact_4_no_host_routes_are_shown(engine: Engine, administrator: Client) -> None:
    """It reads them as strings: Neutron's objects would break its list of all subnets."""
    network_id = engine.create_network("blue").external_id or ""
    route = {"destination": "10.9.0.0/16", "nexthop": "10.1.0.9"}
    administrator.create("subnets", network_id=network_id, cidr="10.1.0.0/24", host_routes=[route])
    engine.add_subnet(network_id, "s", "10.2.0.0/24", 4)
    assert [subnet.host_routes for subnet in engine.list_subnets(network_id)] == [[], []]


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


@pytest.mark.parametrize("path", ["networks", "subnets", "ports"])
def test_fact_7_success_is_200_201_or_204(engine_client: Client, administrator: Client, path: str) -> None:
    """And nothing is redirected, not even the connection test's URL with a slash at its end."""
    made = engine_client.create(path, **sample(administrator, path))
    change = {MEMBERS[path]: {"name": "x"}}
    one = f"{path}/{made['id']}"
    asked = [("GET", ""), ("GET", path), ("GET", one), ("PUT", one), ("DELETE", one)]
    got = [engine_client.send(method, where, change if method == "PUT" else None).status for method, where in asked]
    assert got == [200, 200, 200, 200, 204]


def test_fact_8_every_failure_is_a_status_of_jax_rs(engine_client: Client) -> None:
    """422 and its like would break it on its own error path."""
    bad: list[tuple[str, str, object, int]] = [
        ("POST", "networks", b"{", 400),
        ("POST", "networks", {"network": {"mtu": "much"}}, 400),
        ("POST", "networks", {"network": {"provider:physical_network": "none"}}, 400),
        ("GET", "networks/nobody", None, 404),
        ("GET", "nothing", None, 404),
        ("PATCH", "networks", None, 405),
        ("POST", "networks", b" " * (20 << 20), 413),
    ]
    assert [engine_client.send(method, path, body).status for method, path, body, _ in bad] == [row[3] for row in bad]
    assert set(STATUS.values()) <= JAX_RS


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


def test_fact_11_a_token_for_every_action(service: Service, engine: Engine) -> None:
    """Many at once, each with its own log-in; and a dead token is a 401, with which it logs in anew."""
    with ThreadPoolExecutor(8) as engines:
        assert list(engines.map(lambda _: len(engine.import_networks()), range(32))) == [0] * 32
    assert service.call("GET", "/v2.0/networks", token="dead").status == 401


def test_fact_12_v2_is_answered_at_v3(service: Service, engine: Engine) -> None:
    """Without a tenant name an external provider is asked for v2.0 tokens there too."""
    engine.provider = replace(engine.provider, auth_url=f"{service.url}/v3")
    assert engine.import_networks() == []


def test_fact_14_the_mtu_is_in_every_network(engine_client: Client, administrator: Client) -> None:
    """Also where nobody gave one, or a null is meant to be none."""
    administrator.create("networks", provider__physical_network="physnet1", provider__network_type="flat")
    engine_client.create("networks")
    assert [one["mtu"] for one in engine_client.find("networks")] == [1500, 1500]


def test_fact_15_a_segment_is_shown_only_where_the_engine_chose_it(engine: Engine, administrator: Client) -> None:
    """Else autosync would attach pools' and predefined networks to clusters of switch type OVS alone."""
    engine.create_network("plain")
    engine.create_network("chosen", physical_network="physnet1", vlan=5)
    segment = {"provider__physical_network": "physnet1", "provider__segmentation_id": 6}
    administrator.create("networks", name="predefined", **segment)
    centre = EngineDataCentre(clusters=[Cluster("bridge"), Cluster("ovs", "OVS")])
    engine.autosync(centre)
    everywhere = {"bridge", "ovs"}
    clusters = {one.name: one.clusters for one in centre.networks}
    assert clusters == {"plain": everywhere, "predefined": everywhere, "chosen": {"ovs"}}
