"""The engine's actions, in its own strictness, on the real service."""

import pytest

from lab.engine import Engine
from lab.engine.errors import ProviderFailure
from lab.engine.inventory import Cluster, EngineDataCentre, LogicalNetwork, Vnic
from lab.engine.provider import Provider
from tests.api.samples import HOST, MAC, OTHER
from tests.service import Service


def ports(service: Service, token: str) -> list[dict[str, object]]:
    found: list[dict[str, object]] = service.call("GET", "/v2.0/ports", token=token).body["ports"]
    return found


def test_the_connection_test_passes(engine: Engine) -> None:
    """GET /v2.0/ is a JSON object."""
    engine.test_connection()


def test_a_wrong_password_fails_the_log_in(service: Service) -> None:
    """The engine then sees Unauthorized."""
    provider = Provider(
        service.url, requires_authentication=True, auth_url=f"{service.url}/v2.0", username="engine", password="wrong"
    )
    with pytest.raises(ProviderFailure, match="Unauthorized"):
        Engine(provider).import_networks()


@pytest.mark.parametrize(("version", "tenant"), [("v2.0", ""), ("v2.0", "whatever"), ("v3", ""), ("v3", "whatever")])
def test_every_form_of_log_in_works(service: Service, version: str, tenant: str) -> None:
    """Facts 12 and 13: v2.0 with and without a tenant, v3, and v2's body at /v3/tokens."""
    provider = Provider(
        service.url,
        requires_authentication=True,
        auth_url=f"{service.url}/{version}",
        username="engine",
        password=service.password("engine"),
        tenant_name=tenant,
        user_domain_name="Default" if version == "v3" else None,
    )
    assert Engine(provider).import_networks() == []


def test_a_plain_network_takes_a_vlan_and_keeps_it_to_itself(service: Service, engine: Engine, admin: str) -> None:
    """The engine sends no segment and is shown none: its clusters may be of any switch type (fact 15)."""
    network = engine.create_network("blue")
    (seen,) = engine.import_networks()
    assert (seen.name, seen.mtu, seen.physical_network, seen.segmentation_id) == ("blue", 1500, None, None)
    stored = service.call("GET", f"/v2.0/networks/{network.external_id}", token=admin).body["network"]
    assert (stored["provider:network_type"], stored["provider:segmentation_id"]) == ("vlan", 100)


def test_a_network_with_a_vlan_of_the_engines_choice_shows_it(engine: Engine) -> None:
    """`provider:*` is shown on what the engine itself created with them."""
    engine.create_network("red", physical_network="physnet1", vlan=77)
    (seen,) = engine.import_networks()
    assert (seen.physical_network, seen.network_type, seen.segmentation_id) == ("physnet1", "vlan", 77)


def test_a_vm_starts_stops_and_goes(service: Service, engine: Engine, admin: str) -> None:
    """One port, made once, found by owner and device (facts 1 and 2), gone with the NIC."""
    network = engine.create_network("blue")
    engine.add_subnet(network.external_id or "", "s", "10.0.0.0/24", 4, gateway="10.0.0.1")
    vnic = Vnic("nic1", MAC, network)
    properties = engine.allocate(vnic, HOST)
    (port,) = ports(service, admin)
    assert properties["vnic_id"] == port["id"]
    assert (port["device_owner"], port["device_id"], port["binding:host_id"]) == ("oVirt", vnic.id, "host1")
    assert port["mac_address"] == MAC
    assert port["fixed_ips"][0]["ip_address"] == "10.0.0.2"  # type: ignore[index]
    assert engine.allocate(vnic, HOST)["vnic_id"] == port["id"]
    engine.migrated(vnic, OTHER)
    (port,) = ports(service, admin)
    assert port["binding:host_id"] == "host2"
    engine.deallocate(vnic)
    assert ports(service, admin) == []
    assert engine.events == []


def test_security_groups_from_the_engine_are_kept_and_shown_as_not_enforced(
    service: Service, engine: Engine, admin: str
) -> None:
    """Nothing that the engine asks of a VM start is refused; the status says what is missing."""
    group = "11111111-2222-4333-8444-555555555555"
    network = engine.create_network("blue", port_security=True)
    engine.allocate(Vnic("nic1", MAC, network, security_groups=group), HOST)
    (port,) = ports(service, admin)
    assert port["security_groups"] == [group]
    assert "security groups are not enforced" in str(port["status_reason"])


def test_the_default_groups_put_is_answered(engine: Engine) -> None:
    """A port without groups gets `{"security_groups": null}` at each start."""
    vnic = Vnic("nic1", MAC, engine.create_network("blue"))
    engine.allocate(vnic, HOST)
    engine.allocate(vnic, HOST)


def test_a_network_in_use_is_not_removed(engine: Engine) -> None:
    """409: the engine shows Conflict."""
    network = engine.create_network("blue")
    engine.allocate(Vnic("nic1", MAC, network), HOST)
    with pytest.raises(ProviderFailure, match="Conflict"):
        engine.remove_network(network)


def test_autosync_brings_in_what_is_new(engine: Engine) -> None:
    """And attaches it to clusters of any switch type."""
    engine.create_network("blue")
    centre = EngineDataCentre(clusters=[Cluster("Default")])
    assert engine.autosync(centre).code == 217
    assert [network.name for network in centre.networks] == ["blue"]
    assert centre.networks[0].clusters == {"Default"}


def test_an_unknown_network_is_not_found(engine: Engine) -> None:
    """404, as its status says."""
    with pytest.raises(ProviderFailure, match="Not Found"):
        engine.remove_network(LogicalNetwork("ghost", "11111111-2222-4333-8444-555555555555"))
