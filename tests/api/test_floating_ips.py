"""Floating IPs: where their addresses come from, what they stand for, what keeps them."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import UNKNOWN, outside
from tests.service import Answer


@pytest.fixture
def running(capable: Running) -> Running:
    return capable


@dataclass
class Site:
    """A tenant's network behind a router to the outside, with a VM's port on it."""

    member: Client
    administrator: Client

    def __post_init__(self) -> None:
        self.public = outside(self.administrator)
        self.router = self.member.create("routers", external_gateway_info={"network_id": self.public})
        self.subnet = self.joined("10.0.0.0/24")
        self.port = self.vm()

    def joined(self, cidr: str) -> Document:
        """A subnet on a network of its own, with an interface."""
        made = self.member.create("subnets", network_id=self.member.create("networks")["id"], cidr=cidr)
        assert self.interface("add", made).status == 200
        return made

    def interface(self, verb: str, subnet: Document) -> Answer:
        path = f"routers/{self.router['id']}/{verb}_router_interface"
        return self.member.send("PUT", path, {"subnet_id": subnet["id"]})

    def vm(self, **attributes: Any) -> Document:
        return self.member.create("ports", network_id=self.subnet["network_id"], **attributes)

    def floating(self, **attributes: Any) -> Document:
        return self.member.create("floatingips", floating_network_id=self.public, **attributes)


@pytest.fixture
def site(member: Client, administrator: Client) -> Site:
    return Site(member, administrator)


def refusal(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.error


def test_a_free_one_stands_for_nothing(site: Site) -> None:
    """Its address is held by a port of nobody's on the external network."""
    made = site.floating(description="d")
    assert {name: made[name] for name in ("port_id", "fixed_ip_address", "router_id", "port_details", "status")} == {
        "port_id": None,
        "fixed_ip_address": None,
        "router_id": None,
        "port_details": None,
        "status": "DOWN",
    }
    (holder,) = site.administrator.find("ports", f"device_id={made['id']}")
    assert [fixed["ip_address"] for fixed in holder["fixed_ips"]] == [made["floating_ip_address"]]
    assert (holder["device_owner"], holder["project_id"], holder["network_id"]) == (
        "network:floatingip",
        "",
        site.public,
    )
    site.member.delete("floatingips", made["id"])
    assert site.administrator.find("ports", f"device_id={made['id']}") == []


def test_it_is_given_taken_back_and_given_to_another(site: Site) -> None:
    """Shown alone and in lists with what it stands for."""
    made, other = site.floating(port_id=site.port["id"]), site.vm(name="other")
    assert (made["status"], made["router_id"], made["port_forwardings"]) == ("ACTIVE", site.router["id"], [])
    assert made["fixed_ip_address"] == site.port["fixed_ips"][0]["ip_address"]
    moved = site.member.update("floatingips", made["id"], port_id=other["id"])
    assert moved["fixed_ip_address"] == other["fixed_ips"][0]["ip_address"]
    assert moved["port_details"] == {
        name: other[name]
        for name in ("name", "network_id", "mac_address", "admin_state_up", "status", "device_id", "device_owner")
    }
    assert site.member.find("floatingips") == [moved] == [site.member.show("floatingips", made["id"])]
    assert site.member.find("floatingips", f"port_id={other['id']}") == [moved]
    assert site.member.update("floatingips", made["id"], description="d")["port_id"] == other["id"]
    back = site.member.update("floatingips", made["id"], port_id=None)
    assert (back["status"], back["router_id"], back["fixed_ip_address"]) == ("DOWN", None, None)
    assert back["floating_ip_address"] == made["floating_ip_address"]


def test_one_of_several_addresses_is_chosen(site: Site) -> None:
    """It must be, and can be changed alone."""
    several = site.vm(fixed_ips=[{"ip_address": "10.0.0.50"}, {"ip_address": "10.0.0.51"}])
    made = site.floating()
    assert refusal(site.member.put("floatingips", made["id"], port_id=several["id"])) == (400, "BadRequest")
    wanted = {"port_id": several["id"], "fixed_ip_address": "10.0.0.51"}
    assert site.member.update("floatingips", made["id"], **wanted)["fixed_ip_address"] == "10.0.0.51"
    alone = site.member.update("floatingips", made["id"], fixed_ip_address="10.0.0.50")
    assert (alone["port_id"], alone["fixed_ip_address"]) == (several["id"], "10.0.0.50")


def test_a_manager_chooses_the_address(manager: Client, member: Client, administrator: Client) -> None:
    """A tenant does not, but the subnet."""
    public = outside(administrator)
    made = manager.create("floatingips", floating_network_id=public, floating_ip_address="192.0.2.200")
    assert made["floating_ip_address"] == "192.0.2.200"
    refused = member.post("floatingips", floating_network_id=public, floating_ip_address="192.0.2.201")
    assert refusal(refused) == (403, "PolicyNotAuthorized")
    second = administrator.create("subnets", network_id=public, cidr="198.51.100.0/24")["id"]
    made = member.create("floatingips", floating_network_id=public, subnet_id=second)
    assert (made["floating_ip_address"], made["subnet_id"]) == ("198.51.100.2", second)


def test_one_that_can_not_be_is_refused(site: Site, manager: Client, stranger: Client) -> None:
    """With Neutron's error types, and nothing is written."""
    admin = site.administrator
    narrow = admin.create("networks", router__external=True)["id"]
    admin.create("subnets", network_id=narrow, cidr="198.51.100.0/30")
    admin.create("floatingips", floating_network_id=narrow)
    six = admin.create("networks", router__external=True)["id"]
    admin.create("subnets", network_id=six, cidr="2001:db8::/64", ip_version=6)
    foreign = stranger.create("ports", network_id=stranger.create("networks")["id"])
    lonely = site.member.create("subnets", network_id=site.member.create("networks")["id"], cidr="10.5.0.0/24")
    unreached = site.member.create("ports", network_id=lonely["network_id"])
    bare = site.member.create("ports", network_id=site.member.create("networks")["id"])
    taken = site.floating(port_id=site.port["id"])
    before = admin.everything()
    for attributes, expected in (
        ({"floating_network_id": site.subnet["network_id"]}, (400, "BadRequest")),
        ({"floating_network_id": UNKNOWN}, (400, "BadRequest")),
        ({"floating_network_id": six}, (400, "BadRequest")),
        ({"floating_network_id": narrow}, (409, "IpAddressGenerationFailure")),
        ({"floating_ip_address": taken["floating_ip_address"]}, (409, "IpAddressAlreadyAllocated")),
        ({"floating_ip_address": "192.0.2.1"}, (409, "IpAddressAlreadyAllocated")),
        ({"floating_ip_address": "10.9.9.9"}, (400, "InvalidIpForNetwork")),
        ({"floating_ip_address": "2001:db8::9"}, (400, "InvalidInput")),
        ({"subnet_id": site.subnet["id"]}, (400, "InvalidInput")),
        ({"fixed_ip_address": "10.0.0.2"}, (400, "BadRequest")),
        ({"port_id": UNKNOWN}, (404, "PortNotFound")),
        ({"port_id": foreign["id"]}, (404, "PortNotFound")),
        ({"port_id": unreached["id"]}, (404, "ExternalGatewayForFloatingIPNotFound")),
        ({"port_id": bare["id"]}, (400, "BadRequest")),
        ({"port_id": site.port["id"]}, (409, "FloatingIPPortAlreadyAssociated")),
        ({"port_id": site.port["id"], "fixed_ip_address": "10.0.0.99"}, (400, "BadRequest")),
        ({"port_id": site.port["id"], "fixed_ip_address": "2001:db8::9"}, (400, "BadRequest")),
    ):
        answer = manager.post("floatingips", **{"floating_network_id": site.public, **attributes})
        assert refusal(answer) == expected, attributes
    assert admin.everything() == before


def test_what_a_floating_ip_needs_stays(site: Site) -> None:
    """Interface, gateway, network, the port's address; taken back, they may go."""
    made = site.floating(port_id=site.port["id"])
    before = site.administrator.everything()
    assert refusal(site.interface("remove", site.subnet)) == (409, "RouterInterfaceInUseByFloatingIP")
    for gateway in (None, {}):
        answer = site.member.put("routers", site.router["id"], external_gateway_info=gateway)
        assert refusal(answer) == (409, "RouterExternalGatewayInUseByFloatingIp")
    (holder,) = site.administrator.find("ports", f"device_id={made['id']}")
    assert refusal(site.administrator.send("DELETE", f"ports/{holder['id']}")) == (409, "ServicePortInUse")
    assert refusal(site.administrator.send("DELETE", f"networks/{site.public}")) == (409, "NetworkInUse")
    answer = site.administrator.put("networks", site.public, router__external=False)
    assert refusal(answer) == (409, "ExternalNetworkInUse")
    answer = site.member.put("ports", site.port["id"], fixed_ips=[{"ip_address": "10.0.0.88"}])
    assert refusal(answer) == (400, "BadRequest")
    assert site.administrator.everything() == before
    site.member.update("floatingips", made["id"], port_id=None)
    assert site.interface("remove", site.subnet).status == 200
    site.member.delete("routers", site.router["id"])
    site.administrator.delete("networks", site.public)
    assert site.member.find("floatingips") == []


def test_a_port_that_goes_takes_its_association_along(site: Site) -> None:
    """The address stays its project's."""
    made = site.floating(port_id=site.port["id"])
    site.member.delete("ports", site.port["id"])
    left = site.member.show("floatingips", made["id"])
    assert (left["port_id"], left["router_id"], left["status"]) == (None, None, "DOWN")
    assert left["floating_ip_address"] == made["floating_ip_address"]


def test_it_is_its_projects(site: Site, stranger: Client) -> None:
    """To others it is not there."""
    made = site.floating()
    assert stranger.find("floatingips") == []
    for method in ("GET", "DELETE"):
        answer = stranger.send(method, f"floatingips/{made['id']}")
        assert refusal(answer) == (404, "FloatingIPNotFound")
    assert refusal(stranger.put("floatingips", made["id"], port_id=None)) == (404, "FloatingIPNotFound")


def test_a_small_pool_is_given_out_once(member: Client, administrator: Client) -> None:
    """To many who ask at once: each address to one, and the rest are told that there is none."""
    public = administrator.create("networks", router__external=True)["id"]
    administrator.create("subnets", network_id=public, cidr="198.51.100.0/28")
    with ThreadPoolExecutor(10) as pool:
        answers = list(pool.map(lambda _: member.post("floatingips", floating_network_id=public), range(30)))
    made = [answer.body["floatingip"]["floating_ip_address"] for answer in answers if answer.status == 201]
    assert len(set(made)) == len(made) == 13
    assert {refusal(answer) for answer in answers if answer.status != 201} == {(409, "IpAddressGenerationFailure")}


def test_a_port_gets_one_of_many_at_once(site: Site) -> None:
    """The others are refused and stay free."""
    floating = [site.floating() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        give = [pool.submit(site.member.put, "floatingips", one["id"], port_id=site.port["id"]) for one in floating]
    answers = [one.result() for one in give]
    assert sorted(answer.status for answer in answers) == [200, *[409] * 7]
    assert len([one for one in site.member.find("floatingips") if one["status"] == "ACTIVE"]) == 1
