"""Names of ports, as a VM finds them (busybox's nslookup)."""

import re

import pytest

from tests.api.client import Document
from tests.ovn.site import Site, Vm, until

pytestmark = pytest.mark.root


@pytest.fixture
def blue(site: Site) -> Document:
    return site.network("10.1.0.0/24", "fd00:1::/64", dns_domain="blue.example.org.")


def answer(vm: Vm, name: str, kind: str = "a") -> str:
    """What the VM is told of a name, "" for nothing. It asks a neighbour that serves no names."""
    ask = ["timeout", "3", "busybox", "nslookup", f"-type={kind}", name, neighbour(vm).address]
    told = vm.netns.run(ask, check=False).stdout.partition("\n\n")[2]
    found = re.findall(r"(?:Address: |name = )(\S+)", told)
    return " ".join(found)


def neighbour(vm: Vm) -> Vm:
    return next(other for other in vm.site.vms if other is not vm and other.port["network_id"] == vm.port["network_id"])


def test_a_name_is_found_by_its_neighbours(site: Site, blue: Document) -> None:
    """Alone and in full, in either family, and back from its address; by a VM of the other host."""
    web, asking = site.start(blue, site.host1, dns_name="web").configure(), site.start(blue, site.host2).ask_dhcp()
    assert asking.lease["domain"] == "blue.example.org"
    assert answer(asking, "web") == answer(asking, "web.blue.example.org") == web.address_of(4)
    assert answer(asking, "WEB.blue.example.org", "aaaa") == web.address_of(6)
    assert answer(asking, "2.0.1.10.in-addr.arpa", "ptr") == "web.blue.example.org"
    assert answer(asking, "nobody.blue.example.org") == ""


def test_a_name_is_known_on_its_network_alone(site: Site, blue: Document) -> None:
    """Another network of the same domain has names of its own."""
    red = site.network("10.1.0.0/24", dns_domain="blue.example.org.")
    site.start(blue, site.host1, dns_name="web").configure()
    asking, _ = site.start(red, site.host1).configure(), site.start(red, site.host1).configure()
    assert answer(asking, "web.blue.example.org") == ""


def test_a_name_that_changes_and_goes(site: Site, blue: Document) -> None:
    """With its domain, too; nothing is left of it in OVN."""
    web, asking = site.start(blue, site.host1, dns_name="web").configure(), site.start(blue, site.host2).configure()
    assert answer(asking, "web") == web.address
    site.admin.update("ports", web.port["id"], dns_name="db")
    until(lambda: answer(asking, "db") == web.address, "the new name is not found")
    assert answer(asking, "web") == ""
    site.admin.update("networks", blue["id"], dns_domain="green.example.org.")
    until(lambda: answer(asking, "db.green.example.org") == web.address, "the new domain is not known")
    assert answer(asking, "db.blue.example.org") == ""
    site.admin.update("ports", web.port["id"], dns_name="")
    until(lambda: answer(asking, "db") == "", "a name that was taken away is found")
    assert site.ovn.nbctl("list", "DNS") == ""


def test_a_record_that_is_changed_by_hand_is_put_right(site: Site, blue: Document) -> None:
    """Also one that is deleted; and with its port it goes."""
    port = site.admin.create("ports", network_id=blue["id"], dns_name="web")
    id = site.ovn.nbctl("--bare", "--columns=_uuid", "list", "DNS")
    right = site.ovn.nbctl("get", "DNS", id, "records")
    site.ovn.nbctl("set", "DNS", id, "records:web=192.0.2.1")
    until(lambda: site.ovn.nbctl("get", "DNS", id, "records") == right, "the record is not put right")
    site.ovn.nbctl("destroy", "DNS", id)
    until(
        lambda: id in site.ovn.nbctl("get", "Logical_Switch", blue["id"], "dns_records"), "the row does not come back"
    )
    site.admin.delete("ports", port["id"])
    assert site.ovn.nbctl("list", "DNS") == ""
