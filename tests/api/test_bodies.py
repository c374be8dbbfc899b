"""Request bodies that are no right JSON, or no right request."""

import time

import pytest

from tests.api.client import Client
from tests.api.samples import PATHS, sample

MOST_BYTES = 1024 * 1024
BODIES: dict[str, bytes] = {
    "empty": b"",
    "half": b'{"network": {"name": "a"',
    "trailing": b'{"network": {}} x',
    "single quotes": b"{'network': {}}",
    "not a number": b'{"network": {"mtu": NaN}}',
    "infinite": b'{"network": {"mtu": 1e999}}',
    "long number": b'{"network": {"mtu": %s}}' % (b"9" * 5000),
    "no UTF-8": b'{"network": {"name": "\xff"}}',
    "UTF-16": '{"network": {}}'.encode("utf-16"),
    "half a character": b'{"network": {"name": "\\ud800"}}',
    "NUL": b'{"network": {"name": "a\\u0000b"}}',
    "NUL in a name": b'{"network": {"na\\u0000me": "a"}}',
    "raw NUL": b'{"network": {"name": "a\x00b"}}',
    "twice": b'{"network": {"name": "a", "name": "b"}}',
    "root twice": b'{"network": {"name": "a"}, "network": {"name": "b"}}',
    "deep list": b'{"network": {"name": ' + b"[" * 100_000 + b"]" * 100_000 + b"}}",
    "rather deep list": b'{"network": {"name": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "rather deep id": b'{"network": {"qos_policy_id": ' + b"[" * 900 + b"]" * 900 + b"}}",
    "deep object": b'{"a":' * 100_000 + b"1" + b"}" * 100_000,
    "list": b"[]",
    "text": b'"network"',
    "null": b"null",
    "no root": b"{}",
    "another root": b'{"subnet": {}}',
    "two roots": b'{"network": {}, "subnet": {}}',
    "both roots": b'{"network": {}, "networks": [{}]}',
    "root of null": b'{"network": null}',
    "root of list": b'{"network": []}',
    "many of none": b'{"networks": []}',
    "many of object": b'{"networks": {}}',
    "many of text": b'{"networks": ["a"]}',
    "many of null": b'{"networks": [null]}',
}


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES.keys())
def test_a_body_that_makes_no_sense_is_refused(administrator: Client, body: bytes) -> None:
    """400 in Neutron's form, on create and update; nothing is written."""
    one = administrator.create("networks", name="one")
    before = administrator.everything()
    for answer in (
        administrator.send("POST", "networks", body),
        administrator.send("PUT", f"networks/{one['id']}", body),
    ):
        assert (answer.status, answer.error) == (400, "HTTPBadRequest"), answer
        assert len(answer.message) < 1100
    assert administrator.everything() == before


@pytest.mark.parametrize(("body", "word"), [("twice", "name"), ("NUL", "network.name")])
def test_what_is_ambiguous_is_named(administrator: Client, body: str, word: str) -> None:
    """Which one of two values was meant is anybody's guess."""
    assert word in administrator.send("POST", "networks", BODIES[body]).message


def test_many_names_take_no_longer_than_few(administrator: Client) -> None:
    """A hundred thousand of them, the last one twice: told within what one request may keep the others waiting."""
    names = [f"{number:06x}" for number in range(90_000)]
    body = b"{%s}" % b",".join(b'"%s":1' % name.encode() for name in [*names, names[-1]])
    started = time.monotonic()
    answer = administrator.send("POST", "networks", body)
    assert (answer.status, names[-1] in answer.message) == (400, True)
    assert time.monotonic() - started < 2


@pytest.mark.parametrize("path", PATHS)
def test_every_resource_wants_its_own_root(administrator: Client, path: str) -> None:
    """And names it."""
    wanted = sample(administrator, path)
    before = administrator.everything()
    for body in ({"resource": wanted}, wanted):
        assert administrator.send("POST", path, body).status == 400
    assert administrator.everything() == before


def test_a_body_up_to_the_limit_is_read(administrator: Client) -> None:
    """One byte more is 413; the connection and the service go on."""
    body = b'{"network": {"name": "a"}}'
    assert administrator.send("POST", "networks", body.ljust(MOST_BYTES)).status == 201
    before = administrator.everything()
    answer = administrator.send("POST", "networks", body.ljust(MOST_BYTES + 1))
    assert (answer.status, answer.error) == (413, "RequestTooLarge")
    assert administrator.everything() == before


def test_many_are_created_up_to_the_limit(administrator: Client) -> None:
    """A thousand ports in one request, all of them or none."""
    network_id = administrator.create("networks")["id"]
    wanted = [{"network_id": network_id, "name": f"port-{number}"} for number in range(1000)]
    answer = administrator.send("POST", "ports", {"ports": wanted})
    assert [port["name"] for port in answer.body["ports"]] == [f"port-{number}" for number in range(1000)]


@pytest.mark.parametrize("content_type", ["text/plain", "application/xml", ""])
def test_the_content_type_is_not_what_counts(administrator: Client, content_type: str) -> None:
    """What reads as JSON is JSON, as Neutron has it."""
    headers = {"Content-Type": content_type}
    assert administrator.send("POST", "networks", b'{"network": {"name": "a"}}', headers).status == 201
