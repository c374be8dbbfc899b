"""Gateways outlive a host. Three hosts: of two, OVN 23.03's survivor takes itself for the one that is cut off."""

from collections.abc import Iterator

import pytest

from tests.ovn.outside import Outside
from tests.ovn.routing import OPEN, gateway, routed, router
from tests.ovn.site import Site, until
from tests.ovn.site import site as made

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made(tmp_path_factory.mktemp("gateways"), hosts=3) as site:
        yield site


def test_a_gateway_outlives_its_host(site: Site) -> None:
    """The floating IP is reached again by the next host in order, and goes back when the first one returns."""
    hosts = {host.name: host for host in site.datacentre.hosts}
    for priority, name in ((30, "host1"), (20, "host3"), (10, "host2")):
        site.admin.create("hosts", name=name, gateway_priority=priority)
    outside = Outside(site)
    outside.up()
    public, blue = outside.network(), site.network("10.1.0.0/24")
    router(site, blue, **gateway(public))
    a = routed(site.start(blue, site.host2, **OPEN))
    floating = site.admin.create("floatingips", floating_network_id=public["id"], port_id=a.port["id"])
    address = floating["floating_ip_address"]
    until(lambda: outside.reaches(address, tries=1), "no way in by the floating IP")
    assert gateway_host(site) == "host1"
    hosts["host1"].down()
    until(lambda: outside.reaches(address, tries=1), "the gateway did not move", 30)
    assert gateway_host(site) == "host3"
    hosts["host1"].up()
    site.ovn.join(hosts["host1"])
    until(lambda: gateway_host(site) == "host1", "the gateway did not go back", 30)
    until(lambda: outside.reaches(address, tries=1), "no way in after it went back", 30)


def gateway_host(site: Site) -> str:
    """Where OVN has the gateway port."""
    chassis = site.ovn.sbctl("--bare", "--columns=chassis", "find", "Port_Binding", "type=chassisredirect").split()
    return site.ovn.sbctl("get", "Chassis", chassis[0], "name").strip('"') if chassis else ""
