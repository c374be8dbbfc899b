"""What a firewall is in OVN: it comes back, it leaves nothing, and what can't be is refused whole."""

import pytest

from tests.ovn.routing import OPEN, interface, ports_on, router
from tests.ovn.site import Site, until
from tests.ovn.walls import GROUPS, WEB, policy, walls

pytestmark = pytest.mark.root


def test_what_is_edited_by_hand_comes_back(site: Site) -> None:
    """Entries that are gone or say something else, and the whole group."""
    there = walls(site, **OPEN)
    made = there.guard(None, None)
    name = f"fw_{made['id'].replace('-', '_')}"
    entry = site.ovn.nbctl("--bare", "--columns=acls", "list", "Port_Group", name).split()[0]
    for by_hand in (
        ("clear", "Port_Group", name, "acls"),
        ("set", "ACL", entry, "action=allow", "options:apply-after-lb=false"),
        ("pg-del", name),
    ):
        before = site.ovn.nbctl("list", "Port_Group", name) + site.ovn.nbctl("list", "ACL", entry)
        site.ovn.nbctl(*by_hand)
        until(lambda before=before: rows(site, name, entry) == before, f"{by_hand} is left as it is")  # type: ignore[misc]
    there.settle()
    assert not there.a.reaches(there.b.address)


def rows(site: Site, group: str, entry: str) -> str:
    """What OVN has of them."""
    find = "--if-exists"
    return site.ovn.nbctl(find, "list", "Port_Group", group) + site.ovn.nbctl(find, "list", "ACL", entry)


def test_an_interface_that_is_taken_away_leaves_nothing(site: Site) -> None:
    """And the group goes without a trace."""
    there = walls(site, **OPEN)
    made = there.guard([WEB], None)
    (subnet,) = [s for s in site.admin.find("subnets", f"network_id={there.red['id']}") if s["ip_version"] == 4]
    (six,) = [s for s in site.admin.find("subnets", f"network_id={there.red['id']}") if s["ip_version"] == 6]
    for one in (subnet, six):
        interface(site.admin, there.between, "remove", subnet_id=one["id"])
    site.admin.delete(GROUPS, made["id"])
    until(lambda: "fw_" not in site.ovn.nbctl("--bare", "--columns=name", "list", "Port_Group"), "a port group is left")


@pytest.mark.parametrize("kind", ["vlan", "flat"])
def test_a_network_on_a_wire_is_refused(site: Site, kind: str) -> None:
    """By the making of a group and by a port more; nothing is written, neither here nor in OVN."""
    wire = {"provider:network_type": kind, "provider:physical_network": "physnet1"}
    there = walls(site, **OPEN)
    made = there.guard([WEB], None)
    on_wire = site.network("10.3.0.0/24", **wire)
    ports = ports_on(site, router(site, on_wire), on_wire)
    before = (site.admin.find(GROUPS), site.ovn.nbctl("list", "Port_Group"))
    for refused in (
        site.admin.post(GROUPS, ports=ports),
        site.admin.put(GROUPS, made["id"], ports=made["ports"] + ports),
    ):
        assert (refused.status, refused.error) == (409, "PluginRefused")
    assert (site.admin.find(GROUPS), site.ovn.nbctl("list", "Port_Group")) == before


def test_what_would_be_too_much_is_refused(site: Site) -> None:
    """Rules that cross each other in hundreds of ways; nothing is written, neither here nor in OVN."""
    there = walls(site, **OPEN)
    made = there.guard([WEB], None)
    blocks = [{"action": "allow", "source_ip_address": f"10.{number}.0.0/24"} for number in range(40)]
    ports = [WEB | {"destination_port": str(80 * number)} for number in range(1, 40)]
    crossing = policy(site, *blocks, *ports)
    before = (site.admin.show(GROUPS, made["id"]), site.ovn.nbctl("list", "ACL"))
    refused = site.admin.put(GROUPS, made["id"], ingress_firewall_policy_id=crossing)
    assert (refused.status, refused.error) == (409, "PluginRefused")
    assert (site.admin.show(GROUPS, made["id"]), site.ovn.nbctl("list", "ACL")) == before
