"""OVN's own daemons die and come back: running VMs go on, and what was asked for meanwhile is realised."""

from tests.ovn.site import Site, Vm, until

BACK_S = 15.0


def pair(site: Site) -> tuple[Vm, Vm]:
    """Two VMs that reach each other over a tunnel."""
    blue = site.network("10.1.0.0/24")
    a, b = site.start(blue, site.host1).configure(), site.start(blue, site.host2).configure()
    until(lambda: a.reaches(b.address), "a does not reach b")
    return a, b


def is_active(site: Site, vm: Vm) -> bool:
    return site.status(vm) == ("ACTIVE", [vm.host.name])


def test_northd_dies(site: Site) -> None:
    """A port is accepted and stays DOWN until northd is back."""
    a, b = pair(site)
    site.ovn.kill("northd")
    network = site.admin.show("networks", a.port["network_id"])
    late = site.plug(network, site.host1)
    assert a.reaches(b.address)
    assert site.status(late) == ("DOWN", [])
    site.ovn.start("northd")
    until(lambda: is_active(site, late), "the late port does not become ACTIVE", BACK_S)
    assert late.configure().reaches(b.address)


def test_ovn_controller_dies(site: Site) -> None:
    """Its host's VMs go on; one that is plugged meanwhile waits for it."""
    a, b = pair(site)
    site.ovn.kill_controller(site.host1)
    assert a.reaches(b.address)
    assert is_active(site, a)
    late = site.plug(site.admin.show("networks", a.port["network_id"]), site.host1)
    assert site.status(late) == ("DOWN", [])
    site.ovn.start_controller(site.host1)
    until(lambda: is_active(site, late), "the late port does not become ACTIVE", BACK_S)
    assert is_active(site, a)
    assert late.configure().reaches(b.address)


def test_the_southbound_database_dies(site: Site) -> None:
    """What is known of ports stays; what was asked for meanwhile is realised when it is back."""
    a, b = pair(site)
    site.ovn.kill("sb")
    assert a.reaches(b.address)
    assert is_active(site, a)
    late = site.plug(site.admin.show("networks", a.port["network_id"]), site.host1)
    site.ovn.start("sb")
    until(lambda: is_active(site, late), "the late port does not become ACTIVE", 2 * BACK_S)
    assert is_active(site, a)
    assert late.configure().reaches(b.address)


def test_a_southbound_database_that_is_made_anew(site: Site) -> None:
    """It holds nothing of its own: northd and the hosts fill it again."""
    a, b = pair(site)
    site.ovn.kill("sb")
    (site.ovn.folder / "sb.db").unlink()
    site.ovn.start("sb")
    until(lambda: is_active(site, a) and is_active(site, b), "the ports are not ACTIVE again", 4 * BACK_S)
    until(lambda: a.reaches(b.address), "a does not reach b any more", BACK_S)
    options = site.ovn.nbctl("get", "Logical_Switch_Port", a.port["id"], "options:requested-chassis")
    assert options == f'"{site.host1.name},{site.host2.name}"'
