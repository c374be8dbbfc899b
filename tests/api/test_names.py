"""Neutron's dns-integration: a network's domain, a port's name, and what is made of both."""

import pytest

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import network


class TestWithoutDns:
    """No loaded plugin serves names."""

    @pytest.mark.parametrize(
        ("path", "given"), [("networks", {"dns_domain": "example.org."}), ("ports", {"dns_name": "web"})]
    )
    def test_a_name_is_refused(self, administrator: Client, path: str, given: Document) -> None:
        """By the attribute's name; nothing is written. The extension is not listed."""
        where = {"network_id": network(administrator)} if path == "ports" else {}
        before = administrator.everything()
        refused = administrator.send("POST", path, {path.removesuffix("s"): where | given})
        assert (refused.status, next(iter(given)) in refused.message) == (400, True)
        assert administrator.everything() == before
        assert administrator.send("GET", "extensions/dns-integration").status == 404


class TestWithDns:
    @pytest.fixture
    def running(self, capable: Running) -> Running:
        return capable

    @pytest.fixture
    def blue(self, administrator: Client) -> str:
        id: str = administrator.create("networks", name="blue", dns_domain="Example.org.")["id"]
        administrator.create("subnets", network_id=id, cidr="10.0.0.0/24", ip_version=4)
        return id

    def test_a_name_is_assigned_to_each_address(self, administrator: Client, blue: str) -> None:
        """Shown and listed alike, and follows the network's domain. A port without a name has none."""
        assert administrator.send("GET", "extensions/dns-integration").status == 200
        named = administrator.create("ports", network_id=blue, dns_name="WEB")
        plain = administrator.create("ports", network_id=blue)
        address = named["fixed_ips"][0]["ip_address"]
        assigned = {"hostname": "web", "ip_address": address, "fqdn": "web.example.org."}
        assert (named["dns_name"], named["dns_assignment"]) == ("web", [assigned])
        assert (plain["dns_name"], plain["dns_assignment"]) == ("", [])
        administrator.update("networks", blue, dns_domain="")
        (found,) = administrator.find("ports", "dns_name=web")
        assert found["dns_assignment"] == [assigned | {"fqdn": "web."}]
        assert administrator.show("ports", named["id"])["dns_assignment"] == found["dns_assignment"]

    @pytest.mark.parametrize(
        ("attribute", "value"),
        [
            ("dns_name", "-web"),
            ("dns_name", "web_1"),
            ("dns_name", "web."),
            ("dns_name", "a..b"),
            ("dns_name", "x" * 64),
            ("dns_name", 7),
            ("dns_assignment", []),
            ("dns_domain", "example.org"),
            ("dns_domain", "."),
            ("dns_domain", "exa mple."),
            ("dns_domain", f"{'a.' * 96}"),
        ],
    )
    def test_what_is_no_name(self, administrator: Client, blue: str, attribute: str, value: object) -> None:
        """400 by the attribute's name; nothing is written."""
        path, where = ("networks", {}) if attribute == "dns_domain" else ("ports", {"network_id": blue})
        before = administrator.everything()
        refused = administrator.send("POST", path, {path.removesuffix("s"): where | {attribute: value}})
        assert (refused.status, attribute in refused.message) == (400, True), refused
        assert administrator.everything() == before
