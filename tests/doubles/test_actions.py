"""What each action of the engine asks for, in which order, and what it makes of the answers."""

from __future__ import annotations

import pytest

from lab.engine import Engine
from lab.engine.errors import ProviderFailure, Refused
from lab.engine.inventory import Cluster, EngineDataCentre, EngineHost, LogicalNetwork, Vnic

from .conftest import MAC, NETWORK_ID, PORT_ID, our_port
from .recorder import Recorder, Reply, reply

GROUP = "5f1d8a6e-5b7c-4f6a-9a55-000000000001"
GONE = Reply(204, b"", None)


def test_allocate_gives_the_device_properties(server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost) -> None:
    """Those that VDSM's hooks get in their environment."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port()]}))
    assert engine.allocate(vnic, host) == {
        "vnic_id": PORT_ID,
        "provider_type": "EXTERNAL_NETWORK",
        "plugin_type": "OVIRT_QUANTUM",
        "security_groups": GROUP,
    }


def test_allocate_gives_the_groups_as_they_were_before_its_put(
    server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost
) -> None:
    """They are stale after a change; no groups are no property."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port(security_groups=[])]}))
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": our_port(security_groups=["new"])}))
    vnic.security_groups = "new"
    assert "security_groups" not in engine.allocate(vnic, host)


def test_a_failing_allocation_stops_the_vm(server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost) -> None:
    """It is not swallowed as a failing deallocation is."""
    server.answer("GET /v2.0/ports", reply({}, 503))
    with pytest.raises(ProviderFailure, match="Service Unavailable"):
        engine.allocate(vnic, host)


def test_after_a_migration_host_and_mac_are_sent_and_no_groups(server: Recorder, engine: Engine, vnic: Vnic) -> None:
    """Even if the profile's groups changed meanwhile."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port()]}))
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": {}}))
    vnic.security_groups = "other"
    engine.migrated(vnic, EngineHost("host2", {"OVIRT_QUANTUM": "host2-id"}))
    assert server.requests[1].body.decode() == (
        f'{{\n  "port" : {{\n    "binding:host_id" : "host2-id",\n    "mac_address" : "{MAC}"\n  }}\n}}'
    )


@pytest.mark.parametrize(
    ("capabilities", "sent"),
    [
        ({"openstack_binding_host_ids": {"OVIRT_QUANTUM": "id"}}, "id"),
        ({"openstack_binding_host_ids": {"ovirt_quantum": "id"}}, "host1"),
        ({"openstack_binding_host_ids": {"OVIRT_PROVIDER_OVN": "id"}}, "host1"),
        ({}, "host1"),
    ],
)
def test_the_binding_id_is_found_by_the_exact_plugin_type(
    server: Recorder, engine: Engine, vnic: Vnic, capabilities: dict[str, object], sent: str
) -> None:
    """Else the host's name is sent."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port(**{"binding:host_id": None})]}))
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": {}}))
    engine.allocate(vnic, EngineHost.from_capabilities("host1", capabilities))
    assert f'"binding:host_id" : "{sent}"'.encode() in server.requests[1].body


@pytest.mark.parametrize("ids", [{"OVIRT_QUANTUM": 7}, ["x"], {"OVIRT_QUANTUM": None}])
def test_binding_ids_must_be_strings(ids: object) -> None:
    """The engine casts them."""
    with pytest.raises(TypeError):
        EngineHost.from_capabilities("host1", {"openstack_binding_host_ids": ids})


def test_deallocate_deletes_the_port(server: Recorder, engine: Engine, vnic: Vnic) -> None:
    """Found in the list of all ports."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port(id="x", device_owner="y"), our_port()]}))
    server.answer(f"DELETE /v2.0/ports/{PORT_ID}", GONE)
    engine.deallocate(vnic)
    assert server.lines == ["GET /v2.0/ports", f"DELETE /v2.0/ports/{PORT_ID}"]
    assert engine.events == []


def test_deallocate_without_a_port_deletes_nothing(server: Recorder, engine: Engine, vnic: Vnic) -> None:
    """That is why no 404 is met in practice."""
    server.answer("GET /v2.0/ports", reply({"ports": []}))
    engine.deallocate(vnic)
    assert server.lines == ["GET /v2.0/ports"]


@pytest.mark.parametrize("status", [500, 422])
def test_deallocate_swallows_a_failure_into_an_event(server: Recorder, engine: Engine, vnic: Vnic, status: int) -> None:
    """And the port stays behind at the provider."""
    server.answer("GET /v2.0/ports", reply({}, status))
    engine.deallocate(vnic)
    assert [event.code for event in engine.events] == [1149]


def test_import_from_the_dialog_keeps_everything(server: Recorder, engine: Engine) -> None:
    """It reads the one network again."""
    shown = {"id": NETWORK_ID, "name": "blue", "mtu": 1400, "port_security_enabled": False}
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", reply({"network": shown}))
    network = engine.import_network(NETWORK_ID)
    assert (network.name, network.external_id, network.mtu, network.port_security) == ("blue", NETWORK_ID, 1400, False)


def test_import_by_rest_loses_all_but_the_name(server: Recorder, engine: Engine) -> None:
    """And lists all networks for it."""
    server.answer("GET /v2.0/networks", reply({"networks": [{"id": NETWORK_ID, "name": "blue", "mtu": 1400}]}))
    assert engine.import_network_by_rest(NETWORK_ID).mtu == 0


def test_a_read_only_provider_is_left_alone(server: Recorder, engine: Engine) -> None:
    """Networks and subnets; ports still work."""
    engine.provider.read_only = True
    with pytest.raises(Refused):
        engine.create_network("blue")
    with pytest.raises(Refused):
        engine.remove_network(LogicalNetwork("blue", NETWORK_ID))
    with pytest.raises(Refused):
        engine.add_subnet(NETWORK_ID, "s", "10.0.0.0/24", 4)
    with pytest.raises(Refused):
        engine.remove_subnet("S")
    assert server.requests == []


@pytest.fixture
def data_centre(vnic: Vnic) -> EngineDataCentre:
    """blue is known and a running VM is on it; ovirtmgmt is the data centre's own."""
    assert vnic.network is not None
    return EngineDataCentre(networks=[LogicalNetwork("ovirtmgmt"), vnic.network], vnics=[vnic])


def test_autosync_imports_updates_and_attaches(server: Recorder, engine: Engine, data_centre: EngineDataCentre) -> None:
    """Name and MTU follow the provider; a new network joins."""
    shown = [{"id": NETWORK_ID, "name": "azure", "mtu": 1500}, {"id": "2", "name": "red"}]
    server.answer("GET /v2.0/networks", reply({"networks": shown}))
    assert engine.autosync(data_centre).code == 217
    assert {network.name: network.mtu for network in data_centre.networks} == {"ovirtmgmt": 0, "azure": 1500, "red": 0}
    assert data_centre.networks[1].clusters == {"Default"}
    assert [event.code for event in engine.events] == [223, 224, 217]


def test_an_empty_list_unplugs_every_nic(
    server: Recorder, engine: Engine, data_centre: EngineDataCentre, vnic: Vnic
) -> None:
    """What a provider with an empty database would do to a data centre."""
    server.answer("GET /v2.0/networks", reply({"networks": []}))
    engine.autosync(data_centre)
    assert [network.name for network in data_centre.networks] == ["ovirtmgmt"]
    assert (vnic.network, vnic.plugged) == (None, False)


def test_a_503_changes_nothing(server: Recorder, engine: Engine, data_centre: EngineDataCentre, vnic: Vnic) -> None:
    """The synchronisation failed, and will be tried again."""
    server.answer("GET /v2.0/networks", reply({"networks": []}, 503))
    assert engine.autosync(data_centre).code == 216
    assert vnic.plugged
    assert engine.provider.auto_sync


def test_a_401_switches_auto_sync_off(server: Recorder, engine: Engine, data_centre: EngineDataCentre) -> None:
    """The next round asks nothing."""
    server.answer("GET /v2.0/networks", reply({}, 401))
    assert engine.autosync(data_centre).code == 219
    engine.autosync(data_centre)
    assert len(server.requests) == 1


def test_a_name_that_is_taken_fails_alone(server: Recorder, engine: Engine, data_centre: EngineDataCentre) -> None:
    """The others are imported all the same."""
    shown = [{"id": NETWORK_ID, "name": "blue"}, {"id": "2", "name": "ovirtmgmt"}, {"id": "3", "name": "red"}]
    server.answer("GET /v2.0/networks", reply({"networks": shown}))
    assert engine.autosync(data_centre).code == 218
    assert [network.name for network in data_centre.networks] == ["ovirtmgmt", "blue", "red"]


def test_without_a_default_cluster_nothing_happens(
    server: Recorder, engine: Engine, data_centre: EngineDataCentre
) -> None:
    """Not even to networks that vanished."""
    server.answer("GET /v2.0/networks", reply({"networks": []}))
    data_centre.clusters = [Cluster("Default", has_default_provider=False)]
    engine.autosync(data_centre)
    assert len(data_centre.networks) == 2


@pytest.mark.parametrize(("vlan", "linked"), [(7, True), (8, False)])
def test_a_physical_network_is_linked_by_name_and_vlan(
    server: Recorder, engine: Engine, data_centre: EngineDataCentre, vlan: int, linked: bool
) -> None:
    """A linked network is not tunnelled."""
    data_centre.networks.append(LogicalNetwork("lan", vlan=7))
    provided = {
        "id": NETWORK_ID,
        "name": "blue",
        "provider:network_type": "vlan",
        "provider:physical_network": "lan",
        "provider:segmentation_id": vlan,
    }
    server.answer("GET /v2.0/networks", reply({"networks": [provided]}))
    engine.autosync(data_centre)
    assert data_centre.networks[1].vm_mtu == (1500 if linked else 1442)


@pytest.mark.parametrize(
    ("name", "bridge"),
    [("blue", "blue"), ("a" * 15, "a" * 15), ("a" * 16, "on0123456789abc"), ("Büro 1", "on0123456789abc")],
)
def test_vdsm_name(name: str, bridge: str) -> None:
    """The network's own name where a device may have it."""
    assert LogicalNetwork(name, id="01234567-89ab-cdef-0123-456789abcdef").vdsm_name == bridge
