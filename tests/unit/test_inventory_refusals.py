"""What the inventory's command and API refuse: named with its place, and nothing written."""

import pytest
import yaml

from tests.unit.inventory_site import BASE, Site, use_vlan

REFUSED = [
    ("tags: [blue]", "colour: blue", "physical_networks[0].colour: there is no such key"),
    ("tags: [blue]", "mtu: '9000'", "physical_networks[0].mtu: Expected `int`, got `str`"),
    (
        "maximum: 199}]}\nhosts",
        "maximum: 5000}]}\nhosts",
        "physical_networks[1].vlan_ranges[0].maximum: Expected `int` <= 4094",
    ),
    ("maximum: 199}]}\nhosts", "maximum: 99}]}\nhosts", "physical_networks[1].vlan_ranges: 100 is above 99"),
    ("name: red", "name: blue", "physical_networks[1].name: 'blue' is that of physical_networks[0] already"),
    ("name: h2", "name: h1", "hosts[1].name: 'h1' is that of hosts[0] already"),
    ("minimum: 500", "minimum: 199", "network_segment_ranges[0]: VLANs 199-599 overlap with 100-199 of"),
    ("unix:/run/h2.sock", "tcp:192.0.2.1:6640", "hosts[1].ovsdb: 'tcp:192.0.2.1:6640' is neither"),
    (
        "eth0, physical_network: blue",
        "eth0, physical_network: b",
        "hosts[0].links[0].physical_network: there is no physical",
    ),
    (
        "tags: [blue]",
        "reserved_vlans: [120]",
        "physical_networks[0].reserved_vlans: VLAN 120 can't be reserved: network",
    ),
    ("tags: [blue]", "mtu: 1400", "physical_networks[0].mtu: 1400 is less than 1500, that of network"),
    ("br-blue", "br-other", "physical_networks[0].bridge: Networks use blue"),
    ("minimum: 500", "minimum: 560", "network_segment_ranges[0]: VLAN 555 of pool"),
    ("name: blue, bridge: br-blue", "name: new, bridge: br-red", "physical_networks[1].bridge: 'br-red' is that of"),
]


@pytest.mark.parametrize(("old", "new", "words"), REFUSED, ids=[new for _, new, _ in REFUSED])
def test_what_is_refused_writes_nothing(site: Site, old: str, new: str, words: str) -> None:
    """Neither it nor the good change before it; diff refuses it as well."""
    use_vlan(site, "blue", 120)
    use_vlan(site, "blue", 555)
    before = site.contents()
    assert old in BASE
    bad = BASE.replace(old, new, 1).replace(
        "hosts:\n", "hosts:\n  - {name: good}\n" if "hosts[" not in words else "hosts:\n"
    )
    refused = site.apply(bad)
    assert (refused.returncode, refused.stdout, refused.stderr.count("\n")) == (2, "", 1)
    assert refused.stderr.startswith(f"ovirt-quantum: {site.file}: {words}")
    rehearsed = site.call("PUT", "inventory?dry_run=true", {"inventory": yaml.safe_load(bad)})
    assert rehearsed.status in (400, 409)
    assert rehearsed.message.startswith(words)
    assert site.contents() == before


def test_a_physical_network_in_use_is_not_pruned(site: Site) -> None:
    """A network on a VLAN of no pool holds it, too."""
    use_vlan(site, "red", 4000)
    before = site.contents()
    without_red = "".join(line for line in BASE.splitlines(keepends=True) if "name: red" not in line)
    refused = site.apply(without_red, "--prune")
    assert refused.returncode == 2
    assert "physical_networks: red can't be removed: Physical network red is used by network" in refused.stderr
    assert site.contents() == before


def test_only_an_administrator_is_served(site: Site) -> None:
    """The engine works on networks; the inventory is none of its business."""
    engine = site.service.token("engine")
    refused = site.service.call("GET", "/v2.0/inventory", token=engine)
    assert (refused.status, refused.error) == (403, "PolicyNotAuthorized")
    refused = site.service.call("PUT", "/v2.0/inventory", {"inventory": {}}, engine)
    assert (refused.status, refused.error) == (403, "PolicyNotAuthorized")
    assert site.service.call("GET", "/v2.0/inventory").status == 401


def test_the_api_refuses_what_it_does_not_understand(site: Site) -> None:
    """A misspelt flag's value must not become an apply."""
    before = site.contents()
    for query, body in (("?dry_run=yes", {"inventory": {}}), ("", {}), ("", {"inventory": []}), ("", {"hosts": []})):
        answer = site.call("PUT", f"inventory{query}", body)
        assert (answer.status, answer.error) == (400, "HTTPBadRequest"), answer
    assert site.call("PUT", "inventory?dryrun=true", {"inventory": {}}).status == 400
    assert site.contents() == before


def test_secrets_stay_out_of_sight(site: Site) -> None:
    """No token in what a failing command prints, nor in the service's log."""
    failed = site.apply("hosts: 7")
    assert failed.returncode == 2
    assert "eyJ" not in failed.stdout + failed.stderr + site.service.log.read_text()
