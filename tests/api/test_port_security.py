"""What guards a port: groups, port security and address pairs, with a plugin that can do it."""

from typing import Any

import pytest

from lab.engine import Engine
from lab.engine.inventory import EngineHost, Vnic
from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN
from tests.service import Answer

MAC = "56:6f:00:00:00:01"
HOST = EngineHost("host1", {"OVIRT_QUANTUM": "host1"})
PAIR = {"ip_address": "10.0.0.9"}


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


@pytest.fixture
def network(member: Client) -> str:
    """Of a network with port security."""
    id: str = member.create("networks")["id"]
    return id


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def default(client: Client, project: str = "blue-team") -> str:
    (group,) = client.find("security-groups", f"name=default&project_id={project}")
    id: str = group["id"]
    return id


def test_a_port_is_in_its_projects_default_group(member: Client, administrator: Client, network: str) -> None:
    """The port's project, not that of who makes it; also where it says null."""
    ours = member.create("ports", network_id=network)
    assert (ours["security_groups"], ours["port_security_enabled"]) == ([default(member)], True)
    assert member.create("ports", network_id=network, security_groups=None)["security_groups"] == [default(member)]
    theirs = administrator.create("ports", network_id=network, project_id="green-team")
    assert theirs["security_groups"] == [default(administrator, "green-team")]
    assert member.find("ports", f"security_groups={default(member)}&id={ours['id']}") == [ours]


def test_groups_are_chosen_and_taken_back(member: Client, network: str) -> None:
    """A list is what it says; an empty one is none; null is the default again."""
    groups = [member.create("security-groups", name=name)["id"] for name in "ab"]
    port = member.create("ports", network_id=network, security_groups=groups)
    assert port["security_groups"] == groups
    for given, shown in (([groups[1]], [groups[1]]), ([], []), (None, [default(member)]), (None, [default(member)])):
        assert member.update("ports", port["id"], security_groups=given)["security_groups"] == shown
    assert member.update("ports", port["id"], name="x")["security_groups"] == [default(member)]
    assert member.create("ports", network_id=network, security_groups=[])["security_groups"] == []


def test_a_group_that_there_is_not_is_refused(
    administrator: Client, member: Client, stranger: Client, network: str
) -> None:
    """404, also where it is another project's; nothing is written."""
    (theirs,) = stranger.find("security-groups")
    port = member.create("ports", network_id=network)
    before = administrator.everything()
    for group in (UNKNOWN, theirs["id"]):
        for answer in (
            member.post("ports", network_id=network, security_groups=[default(member), group]),
            member.put("ports", port["id"], security_groups=[group]),
        ):
            assert refusal(answer) == (404, "SecurityGroupNotFound")
    assert administrator.post("ports", network_id=network, security_groups=[UNKNOWN]).status == 404
    assert member.post("ports", network_id=network, security_groups=["default"]).status == 400
    assert member.post("ports", network_id=network, security_groups=[default(member)] * 2).status == 400
    assert administrator.everything() == before


def test_stateful_and_stateless_do_not_mix(administrator: Client, member: Client, network: str) -> None:
    """409 (Neutron: SecurityGroupConflict)."""
    stateless = member.create("security-groups", name="s", stateful=False)["id"]
    before = administrator.everything()
    answer = member.post("ports", network_id=network, security_groups=[stateless, default(member)])
    assert refusal(answer) == (409, "SecurityGroupConflict")
    assert administrator.everything() == before
    assert member.create("ports", network_id=network, security_groups=[stateless])["security_groups"] == [stateless]


def test_a_port_without_port_security_is_in_no_group(member: Client, network: str) -> None:
    """Whether it says so itself or its network does."""
    port = member.create("ports", network_id=network, port_security_enabled=False)
    assert (port["port_security_enabled"], port["security_groups"]) == (False, [])
    assert member.update("ports", port["id"], security_groups=None)["security_groups"] == []
    member.update("networks", network, port_security_enabled=False)
    assert member.create("ports", network_id=network)["security_groups"] == []


@pytest.mark.parametrize(
    ("made", "given", "status", "error"),
    [
        (None, {"security_groups": True}, 400, "PortSecurityAndIPRequiredForSecurityGroups"),
        (None, {"allowed_address_pairs": [PAIR]}, 409, "AddressPairAndPortSecurityRequired"),
        ({}, {}, 409, "PortSecurityPortHasSecurityGroup"),
        ({}, {"security_groups": True}, 400, "PortSecurityAndIPRequiredForSecurityGroups"),
        ({"security_groups": []}, {"allowed_address_pairs": [PAIR]}, 409, "AddressPairAndPortSecurityRequired"),
        ({"allowed_address_pairs": [PAIR]}, {"security_groups": []}, 409, "AddressPairAndPortSecurityRequired"),
    ],
)
def test_port_security_is_not_switched_off_under_groups_and_pairs(
    administrator: Client,
    member: Client,
    network: str,
    made: Document | None,
    given: Document,
    status: int,
    error: str,
) -> None:
    """On create and on update, with Neutron's errors; nothing is written."""
    wanted: dict[str, Any] = given | {"port_security_enabled": False}
    if "security_groups" in given:
        wanted["security_groups"] = [default(member)] if given["security_groups"] else []
    port = None if made is None else member.create("ports", network_id=network, **made)
    before = administrator.everything()
    answer = (
        member.post("ports", network_id=network, **wanted)
        if port is None
        else member.put("ports", port["id"], **wanted)
    )
    assert refusal(answer) == (status, error)
    assert administrator.everything() == before


def test_port_security_is_switched_off_together_with_what_needs_it(member: Client, network: str) -> None:
    """In one request, and on again."""
    port = member.create("ports", network_id=network, allowed_address_pairs=[PAIR])
    nothing: Document = {"security_groups": [], "allowed_address_pairs": []}
    off = member.update("ports", port["id"], port_security_enabled=False, **nothing)
    assert (off["security_groups"], off["allowed_address_pairs"], off["port_security_enabled"]) == ([], [], False)
    on = member.update("ports", port["id"], port_security_enabled=True, security_groups=None)
    assert on["security_groups"] == [default(member)]


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ({"ip_address": "10.0.0.9"}, {"ip_address": "10.0.0.9", "mac_address": MAC}),
        ({"ip_address": "10.0.0.0/24", "mac_address": None}, {"ip_address": "10.0.0.0/24", "mac_address": MAC}),
        ({"ip_address": "2001:DB8::1"}, {"ip_address": "2001:db8::1", "mac_address": MAC}),
        (
            {"ip_address": "10.0.0.9", "mac_address": "56-6F-00-00-00-02"},
            {"ip_address": "10.0.0.9", "mac_address": "56:6f:00:00:00:02"},
        ),
    ],
)
def test_a_pair_without_a_mac_has_the_ports(member: Client, network: str, given: Document, shown: Document) -> None:
    """Stored as it was then: a new MAC of the port leaves it."""
    port = member.create("ports", network_id=network, mac_address=MAC, allowed_address_pairs=[given])
    assert port["allowed_address_pairs"] == [shown]
    assert member.update("ports", port["id"], allowed_address_pairs=[given])["allowed_address_pairs"] == [shown]
    assert member.update("ports", port["id"], mac_address="56:6f:00:00:00:03")["allowed_address_pairs"] == [shown]


@pytest.mark.parametrize(
    ("pairs", "error"),
    [
        ([PAIR, PAIR], "DuplicateAddressPairInRequest"),
        ([PAIR, {**PAIR, "mac_address": MAC.upper()}], "DuplicateAddressPairInRequest"),
        ([{"ip_address": f"10.0.0.{number}"} for number in range(11)], "AllowedAddressPairExhausted"),
        ([{"mac_address": MAC}], "HTTPBadRequest"),
        ([{"ip_address": "10.0.0.0/33"}], "HTTPBadRequest"),
        ([{**PAIR, "port": 1}], "HTTPBadRequest"),
    ],
)
def test_pairs_that_make_no_sense_are_refused(
    administrator: Client, member: Client, network: str, pairs: list[Document], error: str
) -> None:
    """400, nothing is written."""
    default(member)
    wanted: Document = {"network_id": network, "mac_address": MAC}
    before = administrator.everything()
    assert refusal(member.post("ports", **wanted, allowed_address_pairs=pairs)) == (400, error)
    assert administrator.everything() == before
    port = member.create("ports", **wanted)
    before = administrator.everything()
    assert refusal(member.put("ports", port["id"], allowed_address_pairs=pairs)) == (400, error)
    assert administrator.everything() == before


def test_on_a_network_of_others_a_tenant_is_guarded(
    administrator: Client, member: Client, stranger: Client, network: str
) -> None:
    """403 for port security and pairs, also later; its groups are its own (Neutron: RULE_ADMIN_OR_NET_OWNER)."""
    administrator.update("networks", network, shared=True)
    port = stranger.create("ports", network_id=network, security_groups=[])
    before = administrator.everything()
    for given in ({"port_security_enabled": False}, {"allowed_address_pairs": [PAIR]}):
        for answer in (
            stranger.post("ports", network_id=network, **given),
            stranger.put("ports", port["id"], **given),
        ):
            assert refusal(answer) == (403, "PolicyNotAuthorized")
    assert administrator.everything() == before
    assert member.create("ports", network_id=network, port_security_enabled=False)["security_groups"] == []


def test_infrastructure_is_not_guarded(administrator: Client, network: str) -> None:
    """A router's or a DHCP server's port has neither groups nor port security, as in Neutron."""
    port = administrator.create("ports", network_id=network, device_owner="network:dhcp")
    assert (port["security_groups"], port["port_security_enabled"]) == ([], False)


def test_the_engines_ports(engine: Engine, engine_client: Client, administrator: Client) -> None:
    """No property: the default group. A list, an empty one, and back to the default with null, again and again."""
    group = administrator.create("security-groups", name="web")["id"]
    vnic = Vnic("nic1", MAC, engine.create_network("blue", port_security=True))
    engine.allocate(vnic, HOST)
    (port,) = engine_client.find("ports")
    assert port["security_groups"] == [default(administrator, port["project_id"])]
    for given, shown in ((group, [group]), ("", []), (None, port["security_groups"])):
        vnic.security_groups = given
        engine.allocate(vnic, HOST)
        assert engine_client.show("ports", port["id"])["security_groups"] == shown
    again = engine_client.update("ports", port["id"], security_groups=None)
    assert again["security_groups"] == port["security_groups"]
