"""What the API says of itself, and of what it does not have."""

import http.client

import pytest

from tests.api.client import Client
from tests.api.samples import PATHS, UNKNOWN
from tests.api.waiting import eventually
from tests.service import Service


def test_versions_need_no_token(service: Service) -> None:
    """OpenStack's clients discover the version by it."""
    answer = service.call("GET", "/")
    (version,) = answer.body["versions"]
    assert (answer.status, version["id"], version["status"]) == (200, "v2.0", "CURRENT")
    assert version["links"] == [{"rel": "self", "href": f"{service.url}/v2.0/"}]


@pytest.mark.parametrize("path", ["/v2.0/", "/v2.0", "/engine/v2.0/", "/engine/v2.0"])
def test_the_root_lists_the_resources(administrator: Client, path: str) -> None:
    """With and without a slash, and without a redirect, which neither the engine nor OpenStack's clients follow."""
    answer = administrator.service.call("GET", path, token=administrator.token)
    assert answer.status == 200
    links = {one["collection"]: one["links"][0]["href"] for one in answer.body["resources"]}
    assert {"networks", "subnets", "ports", "policies", "network_segment_ranges"} <= set(links)
    assert links["networks"].endswith(f"{path.rstrip('/')}/networks")


def test_extensions_are_listed_and_shown(administrator: Client) -> None:
    """Clients ask for them before they use them."""
    found = administrator.send("GET", "extensions").body["extensions"]
    assert {"provider", "net-mtu", "qos", "network-segment-range"} <= {one["alias"] for one in found}
    for one in found:
        assert administrator.send("GET", f"extensions/{one['alias']}").body == {"extension": one}
    answer = administrator.send("GET", "extensions/no-such")
    assert (answer.status, "no-such" in answer.message) == (404, True)


@pytest.mark.parametrize(
    "unknown",
    ["routers", "security-groups", "networks/", "networks.json", f"networks/{UNKNOWN}/tags", "", "no/such/path"],
)
def test_a_path_that_there_is_not(administrator: Client, unknown: str) -> None:
    """404 in Neutron's form, and no redirect."""
    answer = administrator.send("GET", unknown or "/")
    assert (answer.status, answer.error) == (404, "HTTPNotFound")


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["PATCH", "PUT", "DELETE"])
def test_a_list_can_not_be_written(administrator: Client, path: str, method: str) -> None:
    """405, and which methods there are (RFC 9110 asks for them)."""
    answer = administrator.send(method, path, {})
    assert (answer.status, answer.error) == (405, "HTTPMethodNotAllowed")
    assert {"GET", "POST"} & set(answer.headers["allow"].split(", "))


def test_one_can_not_be_posted_to(administrator: Client) -> None:
    """405."""
    made = administrator.create("networks")
    assert administrator.send("POST", f"networks/{made['id']}", {}).status == 405


@pytest.mark.parametrize("path", ["/", "/v2.0/", "/v2.0/networks", "/v2.0/extensions"])
def test_head_is_get_without_a_body(administrator: Client, path: str) -> None:
    """With the length that the body would have."""
    whole = administrator.service.call("GET", path, token=administrator.token)
    head = administrator.service.call("HEAD", path, token=administrator.token)
    assert (head.status, head.body) == (200, None)
    assert head.headers["content-length"] == whole.headers["content-length"]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 200),
        ("GET", "/v2.0/networks", 200),
        ("POST", "/v2.0/networks", 400),
        ("GET", f"/v2.0/networks/{UNKNOWN}", 404),
        ("PUT", "/v2.0/networks", 405),
        ("GET", "/no/such/path", 404),
        ("POST", "/v2.0/tokens", 400),
        ("GET", "/v3", 200),
    ],
)
def test_every_answer_is_json(administrator: Client, method: str, path: str, status: int) -> None:
    """The engine fails on a body of any other type; and every answer can be found in the log by its id."""
    answer = administrator.service.call(method, path, token=administrator.token)
    assert (answer.status, answer.headers["content-type"]) == (status, "application/json")
    assert eventually(lambda: answer.headers["x-openstack-request-id"] in administrator.service.log.read_text())


@pytest.mark.parametrize(
    "line", [b"GARBAGE\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n", b"GET / HTTP/1.1\r\nno colon\r\n\r\n"]
)
def test_what_is_no_http_is_refused_in_neutrons_form(service: Service, line: bytes) -> None:
    """400 and the connection ends."""
    connection = http.client.HTTPConnection("127.0.0.1", service.port, timeout=10)
    connection.connect()
    connection.sock.sendall(line)
    answer = http.client.HTTPResponse(connection.sock)
    answer.begin()
    assert (answer.status, answer.headers["content-type"]) == (400, "application/json")
    assert b"NeutronError" in answer.read()
    connection.close()
