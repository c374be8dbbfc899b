"""Distributed floating IPs: translated on the VM's own host, where every host reaches the outside."""

from collections.abc import Iterator

import pytest

from lab.host import DATA_NIC
from tests.ovn.outside import GATEWAY, Outside
from tests.ovn.routing import OPEN, gateway, routed, router
from tests.ovn.site import Site, hearing, until
from tests.ovn.site import site as made

pytestmark = pytest.mark.root


@pytest.fixture(scope="module")
def one_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made(tmp_path_factory.mktemp("distributed"), more="distributed_floating_ips = true\n") as site:
        yield site


def test_a_floating_ip_passes_by_the_gateway(site: Site) -> None:
    """Neither in nor out does it touch the gateway's host, and it outlives it."""
    for host, priority in ((site.host1, 2), (site.host2, 1)):
        site.admin.create("hosts", name=host.name, gateway_priority=priority)
    outside = Outside(site)
    outside.up()
    public, blue = outside.network(), site.network("10.1.0.0/24")
    router(site, blue, **gateway(public))
    a = routed(site.start(blue, site.host2, **OPEN))
    floating = site.admin.create("floatingips", floating_network_id=public["id"], port_id=a.port["id"])
    address = floating["floating_ip_address"]
    until(lambda: outside.reaches(address, tries=1), "no way in by the floating IP")
    with (
        hearing(site.host1.netns, DATA_NIC, site.folder, "icmp") as at_gateway,
        hearing(site.host2.netns, DATA_NIC, site.folder, "icmp") as at_vm,
    ):
        assert outside.reaches(address)
        assert a.reaches(GATEWAY)
        until(lambda: len(at_vm()) >= 4, "not seen on the VM's own host")
        assert at_gateway() == []
    site.host1.down()
    assert outside.reaches(address)
