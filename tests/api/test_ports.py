"""Ports: MACs and addresses, given or made, IPv4 and IPv6."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.api.client import Client, Document
from tests.api.samples import UNKNOWN

MAC = "56:6f:00:00:00:01"
EUI64 = "546f:ff:fe00:1"
"""The interface id that a VM makes of MAC (RFC 4291, appendix A), written after a /64 prefix."""


@pytest.fixture
def net(administrator: Client) -> str:
    """The id of a network."""
    id: str = administrator.create("networks", name="net")["id"]
    return id


def subnet(client: Client, net: str, cidr: str, **attributes: Any) -> str:
    version = 6 if ":" in cidr else 4
    id: str = client.create("subnets", network_id=net, cidr=cidr, ip_version=version, **attributes)["id"]
    return id


def addresses(port: Document) -> list[str]:
    return [fixed["ip_address"] for fixed in port["fixed_ips"]]


def asked(*values: str | None) -> list[Document]:
    """`fixed_ips` of the addresses or subnet ids."""
    return [{"ip_address": v} if v and ("." in v or ":" in v) else {"subnet_id": v} for v in values]


def test_a_mac_is_made_where_none_is_given(administrator: Client, net: str) -> None:
    """Another one for each; any way of writing one is read."""
    made = [administrator.create("ports", network_id=net)["mac_address"] for _ in range(3)]
    assert len(set(made)) == 3
    assert all(mac.startswith("fa:16:3e:") for mac in made)
    assert (
        administrator.create("ports", network_id=net, mac_address=MAC.upper().replace(":", "-"))["mac_address"] == MAC
    )


def test_a_mac_is_once_on_a_network(administrator: Client, net: str) -> None:
    """409 on create and on update; on another network it is another."""
    first = administrator.create("ports", network_id=net, mac_address=MAC)
    second = administrator.create("ports", network_id=net)
    before = administrator.everything()
    for answer in (
        administrator.post("ports", network_id=net, mac_address=MAC),
        administrator.put("ports", second["id"], mac_address=MAC),
    ):
        assert (answer.status, answer.error, first["id"] in answer.message) == (409, "MacAddressInUse", True)
        assert "mac_address" in answer.message
    assert administrator.everything() == before
    other = administrator.create("networks")["id"]
    assert administrator.create("ports", network_id=other, mac_address=MAC)["mac_address"] == MAC
    assert administrator.update("ports", first["id"], mac_address=MAC)["mac_address"] == MAC


@pytest.mark.parametrize(
    "mac", ["01:00:5e:00:00:01", "33:33:00:00:00:01", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00", ""]
)
def test_a_mac_that_no_port_can_have(administrator: Client, net: str, mac: str) -> None:
    """Multicast, broadcast and zero."""
    before = administrator.everything()
    answer = administrator.post("ports", network_id=net, mac_address=mac)
    assert (answer.status, "mac_address" in answer.message) == (400, True)
    assert administrator.everything() == before


@pytest.mark.parametrize(
    ("fixed_ips", "status", "word"),
    [
        (asked("10.0.1.5"), 400, "10.0.1.5"),
        (asked("2001:db8::5"), 400, "2001:db8::5"),
        (asked("10.0.0.0"), 400, "10.0.0.0"),
        (asked("10.0.0.255"), 400, "10.0.0.255"),
        (asked("10.0.0.1"), 409, "gateway"),
        (asked("10.0.0.9"), 409, "10.0.0.9"),
        (asked("10.0.0.7", "10.0.0.7"), 400, "10.0.0.7"),
        (asked(UNKNOWN), 400, UNKNOWN),
        ([{}], 400, "fixed_ips"),
        ([{"no_such": 1}], 400, "fixed_ips"),
        ([{"subnet_id": UNKNOWN, "ip_address": "10.0.0.7"}], 400, UNKNOWN),
        (asked("fe80::1"), 400, "fe80::1"),
    ],
)
def test_an_address_that_can_not_be(
    administrator: Client, net: str, fixed_ips: list[Document], status: int, word: str
) -> None:
    """Outside, the network's own, broadcast, the gateway's, in use, of no subnet: nothing is written."""
    subnet(administrator, net, "10.0.0.0/24")
    other = administrator.create("ports", network_id=net)
    administrator.create("ports", network_id=net, fixed_ips=asked("10.0.0.9"))
    before = administrator.everything()
    for answer in (
        administrator.post("ports", network_id=net, fixed_ips=fixed_ips),
        administrator.put("ports", other["id"], fixed_ips=fixed_ips),
    ):
        assert (answer.status, word in answer.message, "fixed_ips" in answer.message) == (status, True, True), answer
    assert administrator.everything() == before


def test_one_address_a_family_and_every_one_that_the_vm_makes(administrator: Client, net: str) -> None:
    """Of two IPv4 subnets the first with room; IPv6 managed and automatic beside it."""
    v4 = [subnet(administrator, net, f"10.0.{n}.0/24") for n in range(2)]
    managed = subnet(administrator, net, "2001:db8:1::/64", ipv6_address_mode="dhcpv6-stateful")
    auto = [subnet(administrator, net, f"2001:db8:{n}::/64", ipv6_address_mode="slaac") for n in (2, 3)]
    port = administrator.create("ports", network_id=net, mac_address=MAC)
    given = {fixed["subnet_id"]: fixed["ip_address"] for fixed in port["fixed_ips"]}
    assert given.pop(managed) == "2001:db8:1::2"
    assert {given.pop(id) for id in auto} == {f"2001:db8:2:0:{EUI64}", f"2001:db8:3:0:{EUI64}"}
    assert set(given) < set(v4)
    assert len(given) == 1


def test_several_addresses_given_and_chosen(administrator: Client, net: str) -> None:
    """By address, by subnet, by both, in the order asked."""
    v4, v6 = subnet(administrator, net, "10.0.0.0/24"), subnet(administrator, net, "2001:db8::/64")
    wanted = [*asked("10.0.0.77", v4, "2001:DB8::0:77"), {"subnet_id": v6, "ip_address": "2001:db8::78"}]
    port = administrator.create("ports", network_id=net, fixed_ips=wanted)
    assert addresses(port) == ["10.0.0.77", "10.0.0.78", "2001:db8::77", "2001:db8::78"]
    assert administrator.create("ports", network_id=net, fixed_ips=[])["fixed_ips"] == []


def test_addresses_are_changed_kept_and_given_back(administrator: Client, net: str) -> None:
    """What an update names again stays; what it does not is free for others."""
    subnet(administrator, net, "10.0.0.0/24")
    port = administrator.create("ports", network_id=net, fixed_ips=asked("10.0.0.5", "10.0.0.6"))
    changed = administrator.update("ports", port["id"], fixed_ips=asked("10.0.0.6", "10.0.0.7"))
    assert addresses(changed) == ["10.0.0.6", "10.0.0.7"]
    assert addresses(administrator.create("ports", network_id=net, fixed_ips=asked("10.0.0.5"))) == ["10.0.0.5"]
    administrator.update("ports", port["id"], fixed_ips=[])
    assert addresses(administrator.create("ports", network_id=net, fixed_ips=asked("10.0.0.6"))) == ["10.0.0.6"]
    assert administrator.update("ports", port["id"], name="x")["fixed_ips"] == []


def test_the_vms_own_address_is_there_whatever_was_asked(administrator: Client, net: str) -> None:
    """SLAAC asks nobody. Another address of such a subnet can't be given; a router makes none."""
    subnet(administrator, net, "10.0.0.0/24")
    auto = subnet(administrator, net, "2001:db8::/64", ipv6_address_mode="slaac", ipv6_ra_mode="slaac")
    own = f"2001:db8::{EUI64}"
    port = administrator.create("ports", network_id=net, mac_address=MAC, fixed_ips=asked("10.0.0.5"))
    assert addresses(port) == ["10.0.0.5", own]
    assert addresses(administrator.update("ports", port["id"], fixed_ips=asked("10.0.0.6", own))) == ["10.0.0.6", own]
    refused = administrator.put("ports", port["id"], fixed_ips=asked("2001:db8::5"))
    assert (refused.status, refused.error) == (400, "AllocationOnAutoAddressSubnet")
    router = {"network_id": net, "device_owner": "network:router_centralized_snat"}
    assert auto not in [fixed["subnet_id"] for fixed in administrator.create("ports", **router)["fixed_ips"]]


def test_the_vms_own_address_follows_its_mac(administrator: Client, net: str) -> None:
    """And the given ones stay."""
    subnet(administrator, net, "10.0.0.0/24")
    subnet(administrator, net, "2001:db8::/64", ipv6_address_mode="dhcpv6-stateless")
    port = administrator.create("ports", network_id=net, mac_address="56:6f:00:00:00:02")
    changed = administrator.update("ports", port["id"], mac_address=MAC)
    assert addresses(changed) == ["10.0.0.2", f"2001:db8::{EUI64}"]
    again = administrator.create("ports", network_id=net, mac_address="56:6f:00:00:00:02")
    assert addresses(again) == ["10.0.0.3", "2001:db8::546f:ff:fe00:2"]


def test_a_subnet_of_slaac_comes_and_goes_under_ports(administrator: Client, net: str) -> None:
    """Their VMs take addresses as soon as it is announced, and drop them with it; others keep theirs."""
    subnet(administrator, net, "10.0.0.0/24")
    port = administrator.create("ports", network_id=net, mac_address=MAC)
    auto = subnet(administrator, net, "2001:db8::/64", ipv6_address_mode="slaac")
    assert addresses(administrator.show("ports", port["id"])) == ["10.0.0.2", f"2001:db8::{EUI64}"]
    administrator.delete("subnets", auto)
    assert addresses(administrator.show("ports", port["id"])) == ["10.0.0.2"]
    assert administrator.post("ports", network_id=net, fixed_ips=asked("10.0.0.2")).status == 409


@pytest.mark.parametrize(
    ("cidr", "gateway", "expected"),
    [
        ("10.0.0.0/31", None, ["10.0.0.0", "10.0.0.1"]),
        ("10.0.0.7/32", None, ["10.0.0.7"]),
        ("10.0.0.0/30", None, ["10.0.0.1", "10.0.0.2"]),
        ("2001:db8::/127", None, ["2001:db8::", "2001:db8::1"]),
        ("2001:db8::7/128", None, ["2001:db8::7"]),
        ("2001:db8::/126", "fe80::1", ["2001:db8::1", "2001:db8::2", "2001:db8::3"]),
    ],
)
def test_a_small_block_is_given_out_to_its_end(
    administrator: Client, net: str, cidr: str, gateway: str | None, expected: Sequence[str]
) -> None:
    """Then 409; and an address that comes back is given out again."""
    subnet(administrator, net, cidr, gateway_ip=gateway)
    ports = [administrator.create("ports", network_id=net) for _ in expected]
    assert sorted(address for port in ports for address in addresses(port)) == expected
    before = administrator.everything()
    answer = administrator.post("ports", network_id=net)
    assert (answer.status, answer.error) == (409, "IpAddressGenerationFailure")
    assert administrator.everything() == before
    administrator.delete("ports", ports[0]["id"])
    assert addresses(administrator.create("ports", network_id=net)) == [expected[0]]


def test_pools_are_used_in_turn(administrator: Client, net: str) -> None:
    """The next begins where one is full; an address outside of them can be asked for; one huge block costs no more."""
    pools = [{"start": "2001:db8::10", "end": "2001:db8::11"}, {"start": "2001:db8:8000::", "end": "2001:db8:ffff::"}]
    subnet(administrator, net, "2001:db8::/32", allocation_pools=pools)
    given = [addresses(administrator.create("ports", network_id=net))[0] for _ in range(4)]
    assert given == ["2001:db8::10", "2001:db8::11", "2001:db8:8000::", "2001:db8:8000::1"]
    assert addresses(administrator.create("ports", network_id=net, fixed_ips=asked("2001:db8::1234"))) == [
        "2001:db8::1234"
    ]


def test_concurrent_creates_never_share_an_address_or_a_mac(administrator: Client, net: str) -> None:
    """Sixteen clients at once; and of as many for the same address or MAC one gets it."""
    subnet(administrator, net, "10.0.0.0/24")
    with ThreadPoolExecutor(16) as clients:
        made = list(clients.map(lambda _: administrator.post("ports", network_id=net), range(64)))
        address = list(
            clients.map(lambda _: administrator.post("ports", network_id=net, fixed_ips=asked("10.0.0.200")), range(16))
        )
        mac = list(clients.map(lambda _: administrator.post("ports", network_id=net, mac_address=MAC), range(16)))
    ports = [answer.body["port"] for answer in made]
    assert len({address for port in ports for address in addresses(port)}) == 64
    assert len({port["mac_address"] for port in ports}) == 64
    for answers in (address, mac):
        assert sorted(answer.status for answer in answers) == [201] + [409] * 15


def test_a_port_stays_on_its_network(administrator: Client, net: str) -> None:
    """400: it would change hands under a running VM."""
    port = administrator.create("ports", network_id=net)
    other = administrator.create("networks")["id"]
    answer = administrator.put("ports", port["id"], network_id=other)
    assert (answer.status, "network_id" in answer.message) == (400, True)
    assert administrator.post("ports", network_id=UNKNOWN).error == "NetworkNotFound"
