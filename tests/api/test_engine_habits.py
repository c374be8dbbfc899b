"""Habits of the engine that are served for it, and refused to everybody else."""

import pytest
from ovirt_quantum.plugin import PORT, Observed, Ref
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.observations import note
from ovirt_quantum.store.transaction import Transaction

from lab.engine import Engine
from lab.engine.errors import ProviderFailure
from lab.engine.inventory import Vnic
from tests.api.client import Client
from tests.api.samples import GROUP, HOST, MAC, OTHER
from tests.contract.memory_plugin import Memory
from tests.service import Service
from tests.store.cloud import memory_plugin


def test_what_the_engine_asked_of_a_port_outlives_a_migration(engine: Engine, administrator: Client) -> None:
    """Groups that nobody enforces are kept as intent when only the host changes."""
    vnic = Vnic("nic1", MAC, engine.create_network("blue", port_security=True), security_groups=GROUP)
    id = engine.allocate(vnic, HOST)["vnic_id"]
    engine.migrated(vnic, OTHER)
    port = administrator.show("ports", id)
    assert (port["security_groups"], port["port_security_enabled"]) == ([GROUP], True)
    assert "not enforced" in port["status_reason"]
    assert administrator.update("ports", id, name="x")["security_groups"] == [GROUP]


def test_a_mac_that_a_host_shows_is_not_taken_over(service: Service, engine: Engine) -> None:
    """A VM runs with it: the other one does not start."""
    network = engine.create_network("blue")
    id = engine.allocate(Vnic("nic1", MAC, network), HOST)["vnic_id"]
    database = Database(f"sqlite:///{service.data / 'quantum.db'}")
    with database.writing() as connection:
        note(
            Transaction(connection),
            memory_plugin(Memory()),
            [Observed(Ref(PORT, id), hosts=("host1",), up=True)],
            now=0.0,
        )
    database.close()
    with pytest.raises(ProviderFailure, match="Conflict"):
        engine.allocate(Vnic("nic1", MAC, network), OTHER)


def test_a_mac_is_taken_over_from_the_engines_own_port_alone(engine_client: Client, administrator: Client) -> None:
    """Not from anybody else's; and nobody but the engine takes one over."""
    network_id = engine_client.create("networks")["id"]
    orphan = {"network_id": network_id, "mac_address": MAC, "device_owner": "oVirt"}
    engine_client.create("ports", **orphan)
    assert administrator.post("ports", **orphan).status == 409
    assert engine_client.post("ports", **orphan).status == 201
    foreign = {"network_id": network_id, "mac_address": "56:6f:00:00:00:09"}
    administrator.create("ports", **foreign)
    assert engine_client.post("ports", **foreign, device_owner="oVirt").status == 409


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
