"""The bytes of the engine's requests."""

from __future__ import annotations

import pytest

from lab.engine import Engine
from lab.engine.errors import Refused
from lab.engine.inventory import EngineHost, LogicalNetwork, Vnic
from lab.engine.provider import Provider

from .conftest import MAC, NETWORK_ID, PORT_ID, VNIC_ID, authenticating, our_port
from .recorder import Recorder, Reply, reply

NETWORK = reply({"network": {"id": NETWORK_ID, "name": "blue", "tenant_id": "oVirt"}})
TOKEN = reply({"access": {"token": {"id": "T"}}})


def test_a_plain_network_is_sent_with_the_least_of_keys(server: Recorder, engine: Engine) -> None:
    """No provider:* keys, no MTU, the tenant oVirt; printed as Jackson prints."""
    server.answer("POST /v2.0/networks", NETWORK)
    assert engine.create_network("blüe").external_id == NETWORK_ID
    (request,) = server.requests
    expected = (
        '{\n  "network" : {\n    "name" : "blüe",\n    "admin_state_up" : true,\n    "tenant_id" : "oVirt"\n  }\n}'
    )
    assert request.body == expected.encode()
    assert request.headers == {
        "Host": server.url.removeprefix("http://"),
        "Accept": "application/json",
        "Content-Type": "application/json",
        "Content-Length": str(len(expected.encode())),
        "Connection": "Keep-Alive",
        "User-Agent": "Apache-HttpClient/4.5.13 (Java/11.0.22)",
    }


def test_a_network_with_everything(server: Recorder, engine: Engine) -> None:
    """MTU, VLAN and port security come in the client's order of keys."""
    server.answer("POST /v2.0/networks", NETWORK)
    engine.create_network("red", 1400, port_security=True, physical_network="phys1", vlan=123)
    assert server.requests[0].body.decode() == (
        '{\n  "network" : {\n    "name" : "red",\n    "mtu" : 1400,\n    "admin_state_up" : true,\n'
        '    "tenant_id" : "oVirt",\n    "provider:physical_network" : "phys1",\n'
        '    "provider:network_type" : "vlan",\n    "provider:segmentation_id" : 123,\n'
        '    "port_security_enabled" : true\n  }\n}'
    )


def test_a_physical_network_without_vlan_is_flat(server: Recorder, engine: Engine) -> None:
    """And it sends no segmentation id."""
    server.answer("POST /v2.0/networks", NETWORK)
    engine.create_network("flat", physical_network="phys1")
    assert b'"provider:network_type" : "flat"' in server.requests[0].body
    assert b"segmentation_id" not in server.requests[0].body


def test_a_vlan_without_physical_network_is_refused_by_the_engine(server: Recorder, engine: Engine) -> None:
    """So a provider never sees it."""
    with pytest.raises(Refused):
        engine.create_network("red", vlan=5)
    assert server.requests == []


def test_with_authentication_no_tenant_is_sent(server: Recorder, signed_in: Engine) -> None:
    """The tenant is the provider's to derive from the token."""
    server.answer("POST /v2.0/tokens", TOKEN)
    server.answer("POST /v2.0/networks", NETWORK)
    signed_in.create_network("blue")
    assert b"tenant_id" not in server.requests[1].body


def test_a_subnet(server: Recorder, engine: Engine) -> None:
    """DHCP always, the tenant copied from the network, lists in one line."""
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", NETWORK)
    server.answer("POST /v2.0/subnets", reply({"subnet": {"id": "S"}}, 201))
    engine.add_subnet(NETWORK_ID, "s4", "10.77.0.0/24", 4, "10.77.0.1", ["8.8.8.8", "9.9.9.9"])
    assert server.lines == [f"GET /v2.0/networks/{NETWORK_ID}", "POST /v2.0/subnets"]
    assert server.requests[1].body.decode() == (
        '{\n  "subnet" : {\n    "name" : "s4",\n    "cidr" : "10.77.0.0/24",\n    "enable_dhcp" : true,\n'
        f'    "network_id" : "{NETWORK_ID}",\n    "tenant_id" : "oVirt",\n'
        '    "dns_nameservers" : [ "8.8.8.8", "9.9.9.9" ],\n    "ip_version" : 4,\n'
        '    "gateway_ip" : "10.77.0.1"\n  }\n}'
    )


def test_a_subnet_without_gateway_tenant_and_name_servers(server: Recorder, engine: Engine) -> None:
    """No gateway is an absent key; an empty list of name servers is `[ ]`."""
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", reply({"network": {"id": NETWORK_ID}}))
    server.answer("POST /v2.0/subnets", reply({"subnet": {}}))
    engine.add_subnet(NETWORK_ID, "s6", "fd00::/64", 6, dns=[])
    body = server.requests[1].body
    assert b"gateway_ip" not in body
    assert b"tenant_id" not in body
    assert b'"dns_nameservers" : [ ],\n    "ip_version" : 6\n' in body


def test_an_empty_gateway_is_sent_as_it_is(server: Recorder, engine: Engine) -> None:
    """The engine's REST API makes it of `<gateway/>`; its WebAdmin leaves the key out."""
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", NETWORK)
    server.answer("POST /v2.0/subnets", reply({"subnet": {}}))
    engine.add_subnet(NETWORK_ID, "s", "10.77.0.0/24", 4, gateway="")
    assert b'"gateway_ip" : ""\n' in server.requests[1].body


def test_a_port(server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost) -> None:
    """Neither an address nor the VM is sent."""
    server.answer("GET /v2.0/ports", reply({"ports": []}))
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", NETWORK)
    server.answer("POST /v2.0/ports", reply({"port": our_port()}, 201))
    vnic.security_groups = "a,  b"
    engine.allocate(vnic, host)
    assert server.lines == ["GET /v2.0/ports", f"GET /v2.0/networks/{NETWORK_ID}", "POST /v2.0/ports"]
    assert server.requests[2].body.decode() == (
        '{\n  "port" : {\n    "name" : "nic1",\n    "binding:host_id" : "host1-id",\n    "admin_state_up" : true,\n'
        f'    "device_id" : "{VNIC_ID}",\n    "device_owner" : "oVirt",\n    "mac_address" : "{MAC}",\n'
        f'    "network_id" : "{NETWORK_ID}",\n    "tenant_id" : "oVirt",\n'
        '    "security_groups" : [ "a", "b" ]\n  }\n}'
    )


@pytest.mark.parametrize(("written", "sent"), [(None, None), ("", b"[ ]"), ("a", b'[ "a" ]'), ("a,b", b'[ "a", "b" ]')])
def test_security_groups_of_a_new_port(
    server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost, written: str | None, sent: bytes | None
) -> None:
    """No property is an absent key, an empty property an empty list."""
    server.answer("GET /v2.0/ports", reply({"ports": []}))
    server.answer(f"GET /v2.0/networks/{NETWORK_ID}", NETWORK)
    server.answer("POST /v2.0/ports", reply({"port": our_port()}))
    vnic.security_groups = written
    engine.allocate(vnic, host)
    body = server.requests[2].body
    assert (b"security_groups" in body) is (sent is not None)
    assert sent is None or b'"security_groups" : ' + sent in body


@pytest.mark.parametrize(
    ("shown", "written", "sent"),
    [
        pytest.param({}, None, None, id="nothing changed"),
        pytest.param({"mac_address": "56:6f:00:00:00:99"}, None, None, id="a MAC alone is not sent"),
        pytest.param({"binding:host_id": "host2"}, None, ["binding:host_id", "mac_address"], id="host changed"),
        pytest.param({"binding:host_id": None}, None, ["binding:host_id", "mac_address"], id="host not shown"),
        pytest.param({"security_groups": []}, None, ["security_groups"], id="default to a port without groups"),
        pytest.param({"security_groups": None}, "", None, id="none wanted, none there"),
        pytest.param({"security_groups": ["b", "a"]}, "a,b", None, id="order does not matter"),
        pytest.param({"security_groups": ["a", "a"]}, "a", ["security_groups"], id="repetition does"),
        pytest.param(
            {"security_groups": ["a"], "binding:host_id": "x"},
            "",
            ["binding:host_id", "mac_address", "security_groups"],
            id="both",
        ),
    ],
)
def test_a_put_holds_only_what_changed(
    server: Recorder,
    engine: Engine,
    vnic: Vnic,
    host: EngineHost,
    shown: dict[str, object],
    written: str | None,
    sent: list[str] | None,
) -> None:
    """And there is none if nothing changed."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port(**shown)]}))
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": our_port()}))
    vnic.security_groups = written
    engine.allocate(vnic, host)
    puts = [request.body.decode() for request in server.requests[1:]]
    keys = [line.split('"')[1] for body in puts for line in body.splitlines()[2:-2]]
    assert keys == (sent or [])
    assert len(puts) == (sent is not None)


def test_default_groups_are_an_explicit_null(server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost) -> None:
    """A provider that shows no groups for a default port gets this on every VM start."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port(security_groups=[])]}))
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": {}}))
    engine.allocate(vnic, host)
    assert server.requests[1].body == b'{\n  "port" : {\n    "security_groups" : null\n  }\n}'


def test_a_delete_has_an_empty_body_that_is_declared(server: Recorder, engine: Engine) -> None:
    """Content-Length: 0, and no Content-Type."""
    server.answer(f"DELETE /v2.0/networks/{NETWORK_ID}", reply(None, 204, None))
    engine.remove_network(LogicalNetwork("blue", NETWORK_ID))
    headers = server.requests[0].headers
    assert headers["Content-Length"] == "0"
    assert "Content-Type" not in headers


def test_every_request_has_a_connection_of_its_own(
    server: Recorder, engine: Engine, vnic: Vnic, host: EngineHost
) -> None:
    """Though each says Keep-Alive."""
    server.answer("GET /v2.0/ports", reply({"ports": [our_port(**{"binding:host_id": "x"})]}))
    server.answer(f"PUT /v2.0/ports/{PORT_ID}", reply({"port": {}}))
    engine.allocate(vnic, host)
    assert [request.connection for request in server.requests] == [1, 2]


@pytest.mark.parametrize("slashes", ["/", "//"])
def test_a_trailing_slash_of_the_url_does_no_harm(server: Recorder, slashes: str) -> None:
    """Runs of slashes are made one."""
    server.answer("GET /v2.0/", reply({"resources": []}))
    Engine(Provider(server.url + slashes)).test_connection()
    assert server.lines == ["GET /v2.0/"]


def test_a_token_is_asked_for_without_a_tenant(server: Recorder, signed_in: Engine) -> None:
    """Type external, no tenant name: v2.0, and the token goes with the next request."""
    server.answer("POST /v2.0/tokens", TOKEN)
    server.answer("GET /v2.0/", reply({}))
    signed_in.test_connection()
    assert server.lines == ["POST /v2.0/tokens", "GET /v2.0/"]
    assert server.requests[0].body.decode() == (
        '{\n  "auth" : {\n    "passwordCredentials" : {\n      "username" : "admin@internal",\n'
        '      "password" : "secret"\n    }\n  }\n}'
    )
    assert "X-Auth-Token" not in server.requests[0].headers
    assert server.requests[1].headers["X-Auth-Token"] == "T"


def test_a_tenant_name_goes_into_a_v2_request(server: Recorder) -> None:
    """With /v2.0 at the end of the authentication URL."""
    server.answer("POST /v2.0/tokens", TOKEN)
    server.answer("GET /v2.0/", reply({}))
    Engine(authenticating(server, tenant_name="oVirt")).test_connection()
    assert server.requests[0].body.startswith(b'{\n  "auth" : {\n    "tenantName" : "oVirt",\n    "passwordCred')


def test_v3_with_a_project(server: Recorder) -> None:
    """A tenant name and /v3: Keystone v3; the token is the answer's header."""
    server.answer("POST /v3/auth/tokens", Reply(201, b"unread", None, ("X-Subject-Token: T3",)))
    server.answer("GET /v2.0/", reply({}))
    more = {"user_domain_name": "Default", "project_name": "admin", "project_domain_name": "Default"}
    Engine(authenticating(server, auth_url=f"{server.url}/v3", tenant_name="x", **more)).test_connection()
    assert server.requests[0].body.decode() == (
        '{\n  "auth" : {\n    "identity" : {\n      "methods" : [ "password" ],\n      "password" : {\n'
        '        "user" : {\n          "domain" : {\n            "name" : "Default"\n          },\n'
        '          "name" : "admin@internal",\n          "password" : "secret"\n        }\n      }\n    },\n'
        '    "scope" : {\n      "project" : {\n        "domain" : {\n          "name" : "Default"\n        },\n'
        '        "name" : "admin"\n      }\n    }\n  }\n}'
    )
    assert server.requests[1].headers["X-Auth-Token"] == "T3"


def test_v3_without_a_project_has_no_scope(server: Recorder) -> None:
    """Nor does a missing domain name make one up."""
    server.answer("POST /v3/auth/tokens", Reply(200, b"", None, ("X-Subject-Token: T3",)))
    server.answer("GET /v2.0/", reply({}))
    Engine(authenticating(server, auth_url=f"{server.url}/v3", tenant_name="x")).test_connection()
    assert b"scope" not in server.requests[0].body
    assert b'"domain" : { }' in server.requests[0].body


@pytest.mark.parametrize(
    "url",
    [
        "http://host/v2.0",
        "http://host:9696",
        "http://host:9696/v2.0/tokens",
        "http://host:9696/engine/v2.0",
        "host:1/v3",
    ],
)
def test_the_engine_refuses_an_authentication_url(url: str) -> None:
    """It wants an explicit port and a bare /v2.0 or /v3."""
    with pytest.raises(Refused):
        Provider("http://host:9696", requires_authentication=True, auth_url=url)
