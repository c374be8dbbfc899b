"""Networks: which segment and MTU they may have, VLAN pools, and who comes first."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.client import Client, Document

WIRE: Document = {
    "name": "blue-wire",
    "bridge": "br-blue",
    "mtu": 9000,
    "vlan_ranges": [{"minimum": 10, "maximum": 12}],
    "reserved_vlans": [11, 20],
}


@pytest.fixture
def wire(administrator: Client) -> Document:
    """A physical network with two free VLANs, 10 and 12, in its pool; 11 and 20 are reserved."""
    return administrator.create("physical_networks", **WIRE)


def on_wire(**attributes: Any) -> Document:
    return {"provider:physical_network": "blue-wire"} | {f"provider:{name}": v for name, v in attributes.items()}


def vlans(client: Client) -> list[int]:
    return [one["provider:segmentation_id"] for one in client.find("networks", "sort_key=name")]


@pytest.mark.parametrize(
    ("segment", "expected"),
    [
        (on_wire(network_type="vlan", segmentation_id=55), ("vlan", 55)),
        (on_wire(segmentation_id=12), ("vlan", 12)),
        (on_wire(network_type="vlan"), ("vlan", 10)),
        (on_wire(network_type="flat"), ("flat", None)),
        (on_wire(), ("flat", None)),
    ],
)
def test_a_segment_of_ones_own_choice(administrator: Client, wire: Document, segment: Document, expected: Any) -> None:
    """A VLAN inside or outside of the pools, any VLAN of that wire's pool, or the untagged wire."""
    made = administrator.create("networks", **segment)
    assert (made["provider:network_type"], made["provider:segmentation_id"]) == expected
    assert (made["provider:physical_network"], made["mtu"]) == ("blue-wire", 9000)


def test_a_vlan_of_whichever_wire(administrator: Client) -> None:
    """The type alone leaves the rest to the pools."""
    made = administrator.create("networks", provider__network_type="vlan")
    assert (made["provider:physical_network"], made["provider:segmentation_id"]) == ("physnet1", 100)


@pytest.mark.parametrize(
    ("attributes", "status", "words"),
    [
        (on_wire(network_type="vlan", segmentation_id=0), 400, "provider:segmentation_id"),
        (on_wire(network_type="vlan", segmentation_id=4095), 400, "provider:segmentation_id"),
        (on_wire(network_type="vlan", segmentation_id=5000), 400, "provider:segmentation_id"),
        (on_wire(network_type="vxlan", segmentation_id=5000), 400, "provider:network_type"),
        (on_wire(network_type="flat", segmentation_id=5), 400, "provider:segmentation_id"),
        (on_wire(network_type="vlan", segmentation_id=50), 409, "in use by network"),
        (on_wire(network_type="vlan", segmentation_id=11), 409, "reserved"),
        (on_wire(network_type="vlan", segmentation_id=20), 409, "reserved"),
        ({"provider:physical_network": "no-such"}, 400, "provider:physical_network"),
        ({"provider:network_type": "flat"}, 400, "provider:physical_network"),
        ({"provider:segmentation_id": 7}, 400, "provider:physical_network"),
        (on_wire(segmentation_id=60) | {"mtu": 9001}, 400, "mtu"),
        ({"mtu": 9001}, 400, "mtu"),
        ({"mtu": 67}, 400, "mtu"),
        ({"mtu": 65536}, 400, "mtu"),
        ({"mtu": 0}, 400, "mtu"),
    ],
)
def test_a_segment_or_mtu_that_can_not_be(
    administrator: Client, wire: Document, attributes: Document, status: int, words: str
) -> None:
    """Refused in words, nothing written; a VLAN tried in vain is free as before."""
    administrator.create("networks", name="fifty", **on_wire(network_type="vlan", segmentation_id=50))
    before = administrator.everything()
    answer = administrator.post("networks", **attributes)
    assert (answer.status, words in answer.message) == (status, True), answer
    assert any(name in answer.message for name in (*attributes, "provider:physical_network"))
    assert administrator.everything() == before


def test_one_flat_network_a_wire(administrator: Client, wire: Document) -> None:
    """Two would be one."""
    administrator.create("networks", **on_wire(network_type="flat"))
    answer = administrator.post("networks", **on_wire(network_type="flat"))
    assert (answer.status, answer.error, "blue-wire" in answer.message) == (409, "FlatNetworkInUse", True)


def test_a_segment_stays(administrator: Client, wire: Document) -> None:
    """Its VMs' tags are in libvirt's hands."""
    made = administrator.create("networks", **on_wire(segmentation_id=50))
    assert administrator.put("networks", made["id"], provider__segmentation_id=51).status == 400
    assert administrator.put("networks", made["id"], mtu=9001).status == 400
    assert administrator.update("networks", made["id"], mtu=8000)["mtu"] == 8000


def test_a_pool_hands_out_each_vlan_once_and_says_when_it_is_empty(administrator: Client, wire: Document) -> None:
    """Reserved ones never; 409 names the pool; a deleted network gives its VLAN back."""
    one, other = (administrator.create("networks", name=str(n), **on_wire(network_type="vlan")) for n in range(2))
    assert vlans(administrator) == [10, 12]
    before = administrator.everything()
    answer = administrator.post("networks", **on_wire(network_type="vlan"))
    assert (answer.status, answer.error) == (409, "NoNetworkAvailable")
    assert "blue-wire 10-12" in answer.message
    assert administrator.everything() == before
    administrator.delete("networks", one["id"])
    again = administrator.create("networks", name="2", **on_wire(network_type="vlan"))
    assert again["provider:segmentation_id"] == 10
    assert other["provider:segmentation_id"] == 12


def test_a_pool_shows_what_is_used_and_left(administrator: Client, wire: Document) -> None:
    """By project, as of now."""
    administrator.create("networks", project_id="green", **on_wire(segmentation_id=12))
    (pool,) = administrator.find("network_segment_ranges", "physical_network=blue-wire")
    assert (pool["used"], pool["available"], pool["default"]) == ({"12": "green"}, [10], True)
    assert administrator.show("network_segment_ranges", pool["id"]) == pool


def test_pools_are_added_widened_and_kept_while_used(administrator: Client, wire: Document) -> None:
    """At once, without a restart."""
    pool = administrator.create("network_segment_ranges", physical_network="blue-wire", minimum=30, maximum=30)
    for number in range(3):
        administrator.create("networks", name=str(number), **on_wire(network_type="vlan"))
    assert vlans(administrator) == [10, 12, 30]
    for answer, error in (
        (administrator.put("network_segment_ranges", pool["id"], minimum=31, maximum=32), "ReferencedByNetwork"),
        (administrator.send("DELETE", f"network_segment_ranges/{pool['id']}"), "ReferencedByNetwork"),
        (administrator.put("network_segment_ranges", pool["id"], minimum=12), "Overlaps"),
    ):
        assert (answer.status, error in answer.error) == (409, True), answer
    assert administrator.put("network_segment_ranges", pool["id"], maximum=29).status == 400
    administrator.update("network_segment_ranges", pool["id"], maximum=31)
    assert administrator.create("networks", **on_wire(network_type="vlan"))["provider:segmentation_id"] == 31


def test_a_pool_of_the_wires_own_is_changed_there(administrator: Client, wire: Document) -> None:
    """Else pool and wire would say different things, and an export of the inventory would lose one of them."""
    (pool,) = administrator.find("network_segment_ranges", "physical_network=blue-wire")
    before = administrator.everything()
    for answer in (
        administrator.put("network_segment_ranges", pool["id"], maximum=200),
        administrator.send("DELETE", f"network_segment_ranges/{pool['id']}"),
    ):
        assert (answer.status, answer.error) == (400, "NetworkSegmentRangeDefaultReadOnly"), answer
        assert "vlan_ranges of physical network blue-wire" in answer.message
    assert administrator.everything() == before


def test_a_wire_in_use_stays(administrator: Client, wire: Document) -> None:
    """Nor may it shrink below its networks or reserve what they have."""
    made = administrator.create("networks", mtu=8000, **on_wire(segmentation_id=50))
    before = administrator.everything()
    for answer, words in (
        (administrator.send("DELETE", f"physical_networks/{wire['id']}"), made["id"]),
        (administrator.put("physical_networks", wire["id"], bridge="br-new"), "bridge"),
        (administrator.put("physical_networks", wire["id"], mtu=7999), made["id"]),
        (administrator.put("physical_networks", wire["id"], reserved_vlans=[50]), made["id"]),
        (administrator.post("physical_networks", name="blue-wire", bridge="br-x"), "blue-wire"),
        (administrator.post("physical_networks", name="other", bridge="br-blue"), "br-blue"),
    ):
        assert (answer.status, words in answer.message) == (409, True), answer
    assert administrator.everything() == before


@pytest.mark.parametrize(
    ("ranges", "status"),
    [
        ([{"minimum": 5, "maximum": 4}], 400),
        ([{"minimum": 5, "maximum": 9}, {"minimum": 9, "maximum": 12}], 409),
    ],
)
def test_ranges_of_a_wire_are_in_order_and_apart(administrator: Client, ranges: list[Document], status: int) -> None:
    """Or a VLAN would be in two pools."""
    before = administrator.everything()
    assert administrator.post("physical_networks", **WIRE | {"vlan_ranges": ranges}).status == status
    assert administrator.everything() == before


def test_a_network_in_use_stays(administrator: Client) -> None:
    """409, with the ports that are in the way; a subnet is not."""
    made = administrator.create("networks")
    administrator.create("subnets", network_id=made["id"], cidr="10.0.0.0/24")
    port = administrator.create("ports", network_id=made["id"])
    answer = administrator.send("DELETE", f"networks/{made['id']}")
    assert (answer.status, answer.error, port["id"] in answer.message) == (409, "NetworkInUse", True)
    administrator.delete("ports", port["id"])
    administrator.delete("networks", made["id"])
    assert administrator.find("subnets") == []


def test_concurrent_creates_never_share_a_vlan(administrator: Client) -> None:
    """Sixteen clients at once: sixteen VLANs; and of as many for the same VLAN one gets it."""
    with ThreadPoolExecutor(16) as clients:
        made = list(clients.map(lambda n: administrator.post("networks", name=str(n)), range(48)))
        same = list(clients.map(lambda _: administrator.post("networks", **PREDEFINED), range(16)))
    assert {answer.status for answer in made} == {201}
    assert len(set(vlans(administrator))) == 49
    assert sorted(answer.status for answer in same) == [201] + [409] * 15


PREDEFINED: Document = {"provider:physical_network": "physnet1", "provider:segmentation_id": 3000}
