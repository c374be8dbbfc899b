"""L2 by one plugin, L3 by another: a VLAN of plain Open vSwitch, routed by OVN."""

from collections.abc import Iterator

import pytest

from lab.ovn import WIRE
from tests.ovn.outside import GATEWAY, Outside
from tests.ovn.routing import OPEN, gateway, ports_on, routed, router
from tests.ovn.site import Site, until
from tests.ovn.site import site as made

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """`ovs` comes first, so that it plugs the ports of VLANs; `ovn` plugs those of overlays, and routes all."""
    with made(tmp_path_factory.mktemp("mixed"), ("ovs", "ovn")) as site:
        for host in site.datacentre.hosts:
            site.admin.create("hosts", name=host.name, ovsdb=host.ovsdb)
        (wire,) = site.admin.find("physical_networks")
        site.admin.update("physical_networks", wire["id"], bridge=WIRE)
        yield site


def test_a_vlan_of_plain_open_vswitch_is_routed_by_ovn(site: Site) -> None:
    """To an overlay and to the outside; the VLAN's ports are not OVN's."""
    outside = Outside(site)
    outside.up()
    public = outside.network()
    vlan = site.network("10.3.0.0/24", **{"provider:network_type": "vlan"})
    overlay = site.network("10.4.0.0/24", **{"provider:network_type": "geneve"})
    router(site, vlan, overlay, **gateway(public))
    on_vlan = [routed(site.start(vlan, host, security_groups=[], **OPEN)) for host in site.datacentre.hosts]
    on_overlay = routed(site.start(overlay, site.host2, **OPEN))
    assert on_vlan[0].reaches(on_vlan[1].address)
    assert on_vlan[0].port["id"] not in site.ovn.nbctl("--bare", "--columns=name", "list", "Logical_Switch_Port")
    for vm in on_vlan:
        until(lambda vm=vm: vm.reaches(on_overlay.address, tries=1), "no way from the VLAN to the overlay")  # type: ignore[misc]
        assert on_overlay.reaches(vm.address)
        until(lambda vm=vm: vm.reaches(GATEWAY, tries=1), "no way out of the VLAN")  # type: ignore[misc]
    outside.down()


def test_a_vlan_of_plain_open_vswitch_has_no_firewall(site: Site) -> None:
    """Its connections are not OVN's to track: refused, and not half done."""
    vlan = site.network("10.3.0.0/24", **{"provider:network_type": "vlan"})
    between = router(site, vlan)
    port = {"ports": ports_on(site, between, vlan)}
    before = site.ovn.nbctl("list", "Port_Group")
    refused = site.admin.post("fwaas/firewall_groups", **port)
    assert (refused.status, refused.error) == (409, "PluginRefused")
    assert site.admin.find("fwaas/firewall_groups") == []
    assert site.ovn.nbctl("list", "Port_Group") == before
