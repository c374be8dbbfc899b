"""The fifteen facts of the engine that bite a provider: the double must fail where the engine fails."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from lab.engine import Engine
from lab.engine.errors import MessagelessFailure, NullPointer, ProviderFailure
from lab.engine.inventory import Cluster, EngineDataCentre, EngineHost, LogicalNetwork, Vnic

from .conftest import NETWORK_ID, PORT_ID, VNIC_ID, our_port
from .recorder import Recorder, Reply, reply

NETWORK = {"id": NETWORK_ID, "name": "blue"}
TOKEN = reply({"access": {"token": {"id": "T"}}})
Allocate = Callable[..., dict[str, str]]


@pytest.fixture
def allocate(server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost) -> Allocate:
    """Start a VM while the provider shows these ports."""

    def start(*ports: object) -> dict[str, str]:
        server.answer("GET /v2.0/ports", reply({"ports": ports}))
        return engine.allocate(vnic, host)

    return start


def test_1_no_query_is_ever_sent(server: Recorder, allocate: Allocate) -> None:
    """All ports are listed and sorted out here."""
    allocate(our_port(id="other", device_id="another vNIC"), our_port())
    assert server.lines == ["GET /v2.0/ports"]


@pytest.mark.parametrize("change", [{"device_owner": "ovirt"}, {"device_id": VNIC_ID.upper()}, {"device_owner": None}])
def test_2_a_port_is_ours_by_owner_and_device_alone(
    server: Recorder, allocate: Allocate, change: dict[str, object]
) -> None:
    """If either is not echoed letter by letter, a second port is asked for."""
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", reply({"network": NETWORK}))
    server.answer("POST /v2.0/ports", reply({"port": our_port()}, 201))
    allocate(our_port(**change))
    assert server.lines[-1] == "POST /v2.0/ports"


@pytest.mark.parametrize("key", ["binding:profile", "binding:vif_details"])
@pytest.mark.parametrize("nested", [{"a": {}}, {"a": []}, {"a": {"b": 1}}, []])
def test_3_one_nested_map_in_any_port_breaks_every_vm(allocate: Allocate, key: str, nested: object) -> None:
    """Though that port has nothing to do with us."""
    with pytest.raises(ProviderFailure, match=key):
        allocate(our_port(), our_port(device_owner="someone", **{key: nested}))


@pytest.mark.parametrize("flat", [{}, None, {"port_filter": True, "mtu": 1500, "x": None}, ""])
def test_3_flat_maps_are_fine(allocate: Allocate, flat: object) -> None:
    """Scalars of any kind."""
    assert allocate(our_port(**{"binding:vif_details": flat}))["vnic_id"] == PORT_ID


def test_4_host_routes_with_objects_break_all_subnets(server: Recorder, engine: Engine) -> None:
    """Also those of other networks."""
    route = {"destination": "10.0.0.0/8", "nexthop": "10.77.0.9"}
    server.answer("GET /v2.0/subnets", reply({"subnets": [{"id": "S", "network_id": "N2", "host_routes": [route]}]}))
    with pytest.raises(ProviderFailure, match="host_routes"):
        engine.list_subnets(NETWORK_ID)


@pytest.mark.parametrize("routes", [[], None, ["10.0.0.0/8"], "10.0.0.0/8"])
def test_4_other_host_routes_are_fine(server: Recorder, engine: Engine, routes: object) -> None:
    """Nothing, null or strings."""
    subnet = {"id": "S", "network_id": NETWORK_ID, "host_routes": routes}
    server.answer("GET /v2.0/subnets", reply({"subnets": [subnet, {"id": "S2", "network_id": "other"}]}))
    assert [subnet.id for subnet in engine.list_subnets(NETWORK_ID)] == ["S"]


@pytest.mark.parametrize(
    "answer",
    [{"network": NETWORK, "request_id": "x"}, {"a": 1, "network": NETWORK}, {}, NETWORK, [], {"network": None}],
)
def test_5_a_single_object_has_exactly_one_root_key(server: Recorder, engine: Engine, answer: object) -> None:
    """A second one, a wrong one or none is a failure."""
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", reply(answer))
    with pytest.raises(ProviderFailure):
        engine.import_network(NETWORK_ID)


def test_5_a_list_may_have_more_keys(server: Recorder, engine: Engine) -> None:
    """They are ignored."""
    server.answer("GET /v2.0/networks", reply({"networks_links": [{}], "networks": [NETWORK]}))
    assert [network.name for network in engine.import_networks()] == ["blue"]


@pytest.mark.parametrize("media_type", [None, "text/plain", "text/html; charset=utf-8", "application/octet-stream"])
def test_6_a_body_needs_a_json_type(server: Recorder, engine: Engine, media_type: str | None) -> None:
    """None is as bad as a wrong one."""
    server.answer("GET /v2.0/networks", reply({"networks": []}, media_type=media_type))
    with pytest.raises(ProviderFailure, match="MessageBodyReader"):
        engine.import_networks()


@pytest.mark.parametrize("media_type", ["application/json; charset=utf-8", "Application/JSON", "application/x+json"])
def test_6_json_types(server: Recorder, engine: Engine, media_type: str) -> None:
    """With parameters, in any case, with a suffix."""
    server.answer("GET /v2.0/networks", reply({"networks": []}, media_type=media_type))
    assert engine.import_networks() == []


@pytest.mark.parametrize("status", [200, 201, 202])
def test_7_success(server: Recorder, engine: Engine, status: int) -> None:
    """Whichever of them is used for whatever."""
    server.answer("GET /v2.0/networks", reply({"networks": []}, status))
    assert engine.import_networks() == []


@pytest.mark.parametrize(
    ("status", "phrase"), [(206, "Partial Content"), (301, "Moved Permanently"), (304, "Not Modified"), (307, "Temp")]
)
def test_7_any_other_status_is_a_failure(server: Recorder, engine: Engine, status: int, phrase: str) -> None:
    """And no redirect is followed."""
    location = f"Location: {server.url}/v2.0/elsewhere"
    server.answer("GET /v2.0/networks", Reply(status, b"", headers=(location,)))
    with pytest.raises(ProviderFailure, match=phrase):
        engine.import_networks()
    assert len(server.requests) == 1


@pytest.mark.parametrize("status", [203, 207, 308, 418, 422, 423, 424, 507, 599])
def test_8_a_status_unknown_to_jax_rs_is_a_null_pointer(server: Recorder, engine: Engine, status: int) -> None:
    """It has no reason phrase."""
    server.answer("GET /v2.0/networks", reply({}, status))
    with pytest.raises(MessagelessFailure):
        engine.import_networks()


@pytest.mark.parametrize("status", [400, 401, 403, 404, 409, 413, 429, 500, 503])
def test_8_statuses_to_use(server: Recorder, engine: Engine, status: int) -> None:
    """Failures that the administrator can read."""
    server.answer("GET /v2.0/networks", reply({}, status))
    with pytest.raises(ProviderFailure) as failure:
        engine.import_networks()
    assert not isinstance(failure.value, MessagelessFailure)
    assert failure.value.status == status


def test_9_the_error_body_is_thrown_away(server: Recorder, engine: Engine) -> None:
    """Only the standard phrase of the status is seen, not even the one that was sent."""
    server.answer("POST /v2.0/networks", reply({"NeutronError": {"message": "VLAN pool is empty"}}, 409))
    with pytest.raises(ProviderFailure) as failure:
        engine.create_network("blue")
    assert str(failure.value) == "Conflict"


def test_10_no_404_is_tolerated(server: Recorder, engine: Engine) -> None:
    """Not even where the thing was to be deleted."""
    with pytest.raises(ProviderFailure, match="Not Found"):
        engine.remove_subnet("S")
    with pytest.raises(ProviderFailure, match="Not Found"):
        engine.remove_network(LogicalNetwork("blue", "N"))


def test_10_a_404_on_delete_port_is_an_event(server: Recorder, engine: Engine, vnic: Vnic) -> None:
    """Only because it is swallowed does the VM's removal go on."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port()]}))
    engine.deallocate(vnic)
    assert server.lines == ["GET /v2.0/ports", f"DELETE /v2.0/ports/{PORT_ID}"]
    assert [event.code for event in engine.events] == [1149]
    assert "Not Found" in engine.events[0].text


@pytest.mark.parametrize(("shown", "mtu"), [({}, 1442), ({"mtu": None}, 1442), ({"mtu": "1500"}, 1500)])
def test_14_without_an_mtu_vms_get_1442(server: Recorder, engine: Engine, shown: dict[str, object], mtu: int) -> None:
    """Even on a VLAN."""
    vlan = {"provider:network_type": "vlan", "provider:segmentation_id": 7}
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", reply({"network": NETWORK | vlan | shown}))
    assert engine.import_network(NETWORK_ID).vm_mtu == mtu


def test_15_a_physical_network_keeps_linux_bridge_clusters_out(server: Recorder, engine: Engine) -> None:
    """The network is imported, and attached to clusters of switch type OVS only."""
    shown = [NETWORK | {"provider:physical_network": "phys1"}, {"id": "2", "name": "red"}]
    server.answer("GET /v2.0/networks", reply({"networks": shown}))
    data_centre = EngineDataCentre(clusters=[Cluster("linux"), Cluster("ovs", "OVS")])
    engine.autosync(data_centre)
    clusters = {network.name: network.clusters for network in data_centre.networks}
    assert clusters == {"blue": {"ovs"}, "red": {"linux", "ovs"}}


@pytest.mark.parametrize("answer", [{}, {"networks": None}, {"networks": ""}, {"networks": [None]}, None])
def test_a_list_that_is_not_there_is_a_null_pointer(server: Recorder, engine: Engine, answer: object) -> None:
    """No action expects it."""
    server.answer("GET /v2.0/networks", reply(answer))
    with pytest.raises(NullPointer):
        engine.import_networks()


def test_deallocate_does_not_swallow_a_null_pointer(server: Recorder, engine: Engine, vnic: Vnic) -> None:
    """Only a PROVIDER_FAILURE becomes an event; this one breaks the removal of the NIC."""
    server.answer("GET /v2.0/ports", reply({}))
    with pytest.raises(NullPointer):
        engine.deallocate(vnic)
    assert engine.events == []


def test_a_204_where_an_object_is_due_is_a_null_pointer(server: Recorder, engine: Engine) -> None:
    """The new network's id is taken from it."""
    server.answer("POST /v2.0/networks", Reply(204, b"", None))
    with pytest.raises(NullPointer):
        engine.create_network("blue")


@pytest.mark.parametrize("answer", [[], [{}], "x", 1])
def test_the_connection_test_wants_an_object(server: Recorder, engine: Engine, answer: object) -> None:
    """Any will do, but not a list."""
    server.answer("GET /v2.0/", reply(answer))
    with pytest.raises(ProviderFailure):
        engine.test_connection()


def test_the_answer_to_a_put_is_parsed(server: Recorder, allocate: Allocate) -> None:
    """Though it is not used: what cannot be read stops the VM."""
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": our_port(), "extra": 1}))
    with pytest.raises(ProviderFailure, match="root key"):
        allocate(our_port(**{"binding:host_id": "x"}))


def test_a_dead_provider_is_a_provider_failure(server: Recorder, engine: Engine) -> None:
    """Nobody listens."""
    engine.provider.url = "http://127.0.0.1:1"
    with pytest.raises(ProviderFailure):
        engine.test_connection()
