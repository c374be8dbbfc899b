"""Neutron's tap mirrors."""

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN, port

SINK = "192.0.2.9"


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


def mirror(client: Client, port_id: str, **attributes: object) -> Document:
    given: Document = {"mirror_type": "gre", "remote_ip": SINK, "directions": {"IN": 1, "OUT": 2}}
    return client.create("taas/tap_mirrors", port_id=port_id, **(given | attributes))


def test_a_mirror_is_made_shown_and_renamed(administrator: Client) -> None:
    """With the directions that were given; numbers may come as text, as Neutron's clients send them."""
    made = mirror(administrator, port(administrator), directions={"IN": "101"})
    assert made["directions"] == {"IN": 101}
    assert administrator.show("taas/tap_mirrors", made["id"]) == made
    renamed = administrator.update("taas/tap_mirrors", made["id"], name="probe")
    assert (renamed["name"], renamed["directions"]) == ("probe", made["directions"])
    assert administrator.send("GET", "extensions/tap-mirror").status == 200
    administrator.delete("taas/tap_mirrors", made["id"])
    assert administrator.send("GET", f"taas/tap_mirrors/{made['id']}").error == "TapMirrorNotFound"


@pytest.mark.parametrize(
    ("given", "status", "error"),
    [
        ({"directions": {}}, 400, "InvalidInput"),
        ({"directions": {"IN": 0}}, 400, "HTTPBadRequest"),
        ({"directions": {"IN": 2**32}}, 400, "HTTPBadRequest"),
        ({"directions": {"BOTH": 3}}, 400, "HTTPBadRequest"),
        ({"directions": {"IN": 3, "OUT": 3}}, 409, "TapMirrorTunnelConflict"),
        ({"directions": {"OUT": 1}}, 409, "TapMirrorTunnelConflict"),
        ({"mirror_type": "erspanv2"}, 400, "HTTPBadRequest"),
        ({"remote_ip": "nobody"}, 400, "HTTPBadRequest"),
        ({"port_id": UNKNOWN}, 404, "PortNotFound"),
    ],
)
def test_a_mirror_that_can_not_be(administrator: Client, given: Document, status: int, error: str) -> None:
    """Nothing is written. Tunnels to one address are told apart by their ids."""
    mirrored = port(administrator)
    mirror(administrator, mirrored)
    before = administrator.everything()
    whole = {"mirror_type": "gre", "remote_ip": SINK, "directions": {"IN": 3}, "port_id": mirrored} | given
    refused = administrator.send("POST", "taas/tap_mirrors", {"tap_mirror": whole})
    assert (refused.status, refused.error) == (status, error), refused
    assert administrator.everything() == before
    mirror(administrator, mirrored, remote_ip="192.0.2.10")


def test_what_a_mirror_is_does_not_change(administrator: Client) -> None:
    """Only what people call it."""
    made = mirror(administrator, port(administrator))
    refused = administrator.send("PUT", f"taas/tap_mirrors/{made['id']}", {"tap_mirror": {"remote_ip": "192.0.2.10"}})
    assert (refused.status, "remote_ip" in refused.message) == (400, True)


def test_a_mirror_goes_with_its_port(administrator: Client) -> None:
    """Nobody has to look for it first."""
    mirrored = port(administrator)
    mirror(administrator, mirrored)
    administrator.delete("ports", mirrored)
    assert administrator.find("taas/tap_mirrors") == []


def test_members_mirror_nothing(administrator: Client, member: Client) -> None:
    """The copies travel on the hosts' own network: that is a manager's decision."""
    whole = {"mirror_type": "gre", "remote_ip": SINK, "directions": {"IN": 3}, "port_id": port(administrator)}
    assert member.send("POST", "taas/tap_mirrors", {"tap_mirror": whole}).status == 403
