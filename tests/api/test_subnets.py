"""Subnets: blocks, gateways, pools; IPv4 and IPv6."""

from typing import Any

import pytest

from tests.api.client import Client, Document
from tests.api.samples import network


def subnet(client: Client, cidr: str, **attributes: Any) -> Document:
    """A subnet on the one network."""
    return client.create("subnets", **wanted(client, cidr, attributes))


def wanted(client: Client, cidr: str, attributes: Document) -> Document:
    version = {"ip_version": 6} if ":" in cidr else {}
    return {"network_id": network(client), "cidr": cidr} | version | attributes


def pool(start: str, end: str) -> Document:
    return {"start": start, "end": end}


@pytest.mark.parametrize(
    ("cidr", "gateway", "pools"),
    [
        ("10.0.0.0/24", "10.0.0.1", [pool("10.0.0.2", "10.0.0.254")]),
        ("10.0.0.0/30", "10.0.0.1", [pool("10.0.0.2", "10.0.0.2")]),
        ("10.0.0.0/31", "10.0.0.0", [pool("10.0.0.1", "10.0.0.1")]),
        ("10.0.0.7/32", "10.0.0.7", []),
        ("2001:db8::/64", "2001:db8::1", [pool("2001:db8::2", "2001:db8::ffff:ffff:ffff:ffff")]),
        ("2001:db8::/126", "2001:db8::1", [pool("2001:db8::2", "2001:db8::3")]),
        ("2001:db8::/127", "2001:db8::", [pool("2001:db8::1", "2001:db8::1")]),
        ("2001:db8::7/128", "2001:db8::7", []),
        ("2001:db8::/32", "2001:db8::1", [pool("2001:db8::2", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff")]),
        ("2000::/4", "2000::1", [pool("2000::2", "2fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")]),
    ],
)
def test_gateway_and_pools_left_out(administrator: Client, cidr: str, gateway: str, pools: list[Document]) -> None:
    """The first address, and all others; blocks of two and of one have no network address (RFC 3021, RFC 6164)."""
    made = subnet(administrator, cidr)
    assert (made["gateway_ip"], made["allocation_pools"], made["ip_version"]) == (
        gateway,
        pools,
        6 if ":" in cidr else 4,
    )
    assert administrator.show("networks", made["network_id"])["subnets"] == [made["id"]]


@pytest.mark.parametrize(
    ("cidr", "attributes", "pools"),
    [
        ("10.0.0.0/29", {"gateway_ip": None}, [pool("10.0.0.1", "10.0.0.6")]),
        ("10.0.0.0/29", {"gateway_ip": "10.0.0.3"}, [pool("10.0.0.1", "10.0.0.2"), pool("10.0.0.4", "10.0.0.6")]),
        ("10.0.0.0/29", {"gateway_ip": "10.0.0.6"}, [pool("10.0.0.1", "10.0.0.5")]),
        ("2001:db8::/125", {"gateway_ip": "fe80::1"}, [pool("2001:db8::1", "2001:db8::7")]),
        ("2001:DB8:0::/125", {"gateway_ip": "2001:DB8::0007"}, [pool("2001:db8::1", "2001:db8::6")]),
    ],
)
def test_a_gateway_given_is_kept_out_of_the_pools(
    administrator: Client, cidr: str, attributes: Document, pools: list[Document]
) -> None:
    """None where it is null; a link-local one is outside anyway."""
    assert subnet(administrator, cidr, **attributes)["allocation_pools"] == pools


@pytest.mark.parametrize(
    ("attributes", "status", "word"),
    [
        ({"cidr": "10.0.0.1/24"}, 400, "host bits"),
        ({"cidr": "10.0.0.0"}, 400, "cidr"),
        ({"cidr": "2001:db8::/64", "ip_version": 4}, 400, "cidr"),
        ({"cidr": "2001:db8::/64"}, 400, "ip_version"),
        ({"cidr": "10.0.0.0/24", "ip_version": 6}, 400, "cidr"),
        ({"cidr": "0.0.0.0/0"}, 400, "cidr"),
        ({"cidr": "::/0", "ip_version": 6}, 400, "cidr"),
        ({"cidr": "224.0.0.0/24"}, 400, "cidr"),
        ({"cidr": "127.0.0.0/24"}, 400, "cidr"),
        ({"cidr": "ff02::/64", "ip_version": 6}, 400, "cidr"),
        ({"cidr": "fe80::/64", "ip_version": 6}, 400, "cidr"),
        ({"cidr": "192.168.0.128/25"}, 400, "overlaps"),
        ({"cidr": "192.168.0.0/16"}, 400, "overlaps"),
        ({"gateway_ip": "10.0.1.1"}, 400, "gateway_ip"),
        ({"gateway_ip": "10.0.0.0"}, 400, "gateway_ip"),
        ({"gateway_ip": "10.0.0.255"}, 400, "gateway_ip"),
        ({"gateway_ip": "2001:db8::1"}, 400, "gateway_ip"),
        ({"gateway_ip": "fe80::1"}, 400, "gateway_ip"),
        ({"allocation_pools": [pool("10.0.0.1", "10.0.0.9")]}, 409, "10.0.0.1-10.0.0.9"),
        ({"gateway_ip": "10.0.0.5", "allocation_pools": [pool("10.0.0.1", "10.0.0.9")]}, 409, "10.0.0.5"),
        ({"allocation_pools": [pool("10.0.0.9", "10.0.0.2")]}, 400, "10.0.0.9-10.0.0.2"),
        ({"allocation_pools": [pool("10.0.0.2", "10.0.1.9")]}, 400, "10.0.0.2-10.0.1.9"),
        ({"allocation_pools": [pool("10.0.0.2", "10.0.0.255")]}, 400, "10.0.0.2-10.0.0.255"),
        ({"allocation_pools": [pool("10.0.0.2", "2001:db8::1")]}, 400, "10.0.0.2-2001:db8::1"),
        ({"allocation_pools": [pool("10.0.0.2", "10.0.0.9"), pool("10.0.0.9", "10.0.0.10")]}, 409, "overlap"),
        ({"allocation_pools": [pool("10.0.0.2", "10.0.0.9"), pool("10.0.0.2", "10.0.0.9")]}, 409, "overlap"),
        ({"dns_nameservers": ["8.8.8.8"] * 2}, 400, "dns_nameservers"),
        ({"dns_nameservers": [f"10.9.9.{n}" for n in range(1, 8)]}, 400, "dns_nameservers"),
        ({"host_routes": [{"destination": "10.9.0.0/16", "nexthop": "fe80::1"}]}, 400, "host_routes"),
        ({"host_routes": [{"destination": "10.9.0.1/16", "nexthop": "10.0.0.1"}]}, 400, "host_routes"),
        (
            {"host_routes": [{"destination": f"10.9.{n}.0/24", "nexthop": "10.0.0.1"} for n in range(30)]},
            400,
            "host_routes",
        ),
        ({"ipv6_address_mode": "slaac"}, 400, "ipv6_address_mode"),
        ({"ipv6_ra_mode": "slaac"}, 400, "ipv6_ra_mode"),
        ({"network_id": "11111111-2222-4333-8444-555555555555"}, 404, "11111111"),
    ],
)
def test_a_subnet_that_can_not_be(administrator: Client, attributes: Document, status: int, word: str) -> None:
    """Refused in words, nothing written."""
    subnet(administrator, "192.168.0.0/24")
    asked = {"network_id": network(administrator), "cidr": "10.0.0.0/24"} | attributes
    before = administrator.everything()
    answer = administrator.post("subnets", **asked)
    assert (answer.status, word in answer.message) == (status, True), answer
    assert status == 404 or any(name in answer.message for name in attributes)
    assert administrator.everything() == before


@pytest.mark.parametrize(
    ("attributes", "status"),
    [
        ({"gateway_ip": "10.0.0.5"}, 409),
        ({"gateway_ip": "10.0.1.5"}, 400),
        ({"gateway_ip": "10.0.0.100"}, 409),
        ({"allocation_pools": [pool("10.0.0.1", "10.0.0.9")]}, 409),
        ({"allocation_pools": [pool("10.0.1.1", "10.0.1.9")]}, 400),
        ({"cidr": "10.1.0.0/24"}, 400),
    ],
)
def test_an_update_that_can_not_be(administrator: Client, attributes: Document, status: int) -> None:
    """A gateway inside a pool, outside the subnet or in a port's hands; pools over the gateway; another block."""
    made = subnet(administrator, "10.0.0.0/24", allocation_pools=[pool("10.0.0.2", "10.0.0.9")])
    taken = [{"subnet_id": made["id"], "ip_address": "10.0.0.100"}]
    administrator.create("ports", network_id=made["network_id"], fixed_ips=taken)
    before = administrator.everything()
    assert administrator.put("subnets", made["id"], **attributes).status == status
    assert administrator.everything() == before


def test_a_subnet_is_updated(administrator: Client) -> None:
    """Pools, gateway, name servers, routes; ports keep their addresses."""
    made = subnet(administrator, "10.0.0.0/24")
    port = administrator.create("ports", network_id=made["network_id"])
    route = {"destination": "10.9.0.0/16", "nexthop": "10.0.0.9"}
    changes: Document = {
        "gateway_ip": "10.0.0.254",
        "allocation_pools": [pool("10.0.0.10", "10.0.0.19"), pool("10.0.0.30", "10.0.0.39")],
        "dns_nameservers": ["8.8.8.8", "2001:4860:4860::8888"],
        "host_routes": [route],
    }
    assert changes.items() <= administrator.update("subnets", made["id"], **changes).items()
    assert administrator.show("ports", port["id"]) == port
    assert administrator.update("subnets", made["id"], gateway_ip=None)["gateway_ip"] is None


@pytest.mark.parametrize("mode", ["slaac", "dhcpv6-stateless"])
def test_one_of_the_modes_says_enough(administrator: Client, mode: str) -> None:
    """Announced by Neutron's own router or by another one: a port's address is made of its MAC (RFC 4291)."""
    made = subnet(administrator, "2001:db8::/64", ipv6_ra_mode=mode)
    port = administrator.create("ports", network_id=made["network_id"], mac_address="56:6f:00:00:00:01")
    assert [fixed["ip_address"] for fixed in port["fixed_ips"]] == ["2001:db8::546f:ff:fe00:1"]
    refused = administrator.post("subnets", **wanted(administrator, "2001:db8:1::/80", {"ipv6_ra_mode": mode}))
    assert (refused.status, mode in refused.message) == (400, True)


@pytest.mark.parametrize("mode", [None, "slaac", "dhcpv6-stateful", "dhcpv6-stateless"])
def test_ipv6_modes(administrator: Client, mode: str | None) -> None:
    """Both attributes alike, or one of them; they must not differ, and SLAAC takes a /64 (RFC 4862)."""
    made = subnet(administrator, "2001:db8::/64", ipv6_address_mode=mode, ipv6_ra_mode=mode)
    assert (made["ipv6_address_mode"], made["ipv6_ra_mode"]) == (mode, mode)
    before = administrator.everything()
    for attributes in ({"ipv6_address_mode": mode, "ipv6_ra_mode": "dhcpv6-stateful"}, {"ipv6_address_mode": mode}):
        cidr = "2001:db8:1::/64" if len(attributes) == 2 else "2001:db8:1::/65"
        right = mode in (None, "dhcpv6-stateful")
        answer = administrator.post("subnets", **wanted(administrator, cidr, attributes))
        assert answer.status == (201 if right else 400), answer
        if right:
            administrator.delete("subnets", answer.body["subnet"]["id"])
    assert administrator.find("subnets") == before["subnets"]


def test_networks_may_have_the_same_blocks(administrator: Client) -> None:
    """Blue and red know nothing of each other."""
    for _ in range(2):
        made = administrator.create("networks")
        assert administrator.create("subnets", network_id=made["id"], cidr="10.0.0.0/24")["cidr"] == "10.0.0.0/24"


def test_a_subnet_in_use_stays(administrator: Client) -> None:
    """409; once its ports are gone it goes."""
    made = subnet(administrator, "10.0.0.0/24")
    port = administrator.create("ports", network_id=made["network_id"])
    answer = administrator.send("DELETE", f"subnets/{made['id']}")
    assert (answer.status, answer.error) == (409, "SubnetInUse")
    administrator.delete("ports", port["id"])
    administrator.delete("subnets", made["id"])
    assert administrator.show("networks", made["network_id"])["subnets"] == []
