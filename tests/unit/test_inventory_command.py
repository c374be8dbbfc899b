"""`ovirt-quantum inventory`, the command itself, against a real service."""

from pathlib import Path

from tests.docs.page import ROOT, code
from tests.unit.inventory_site import BASE, Site


def test_an_applied_file_is_what_is_there(site: Site) -> None:
    """By the API's own lists, not by the command's word."""
    assert site.apply("hosts: []\n", "--prune").returncode == 0
    done = site.apply(BASE)
    assert done.stdout.endswith("6 changes applied.\n"), done.stderr
    (link,) = site.call("GET", "links").body["links"]
    (host,) = site.call("GET", "hosts?name=h1").body["hosts"]
    (blue,) = site.call("GET", "physical_networks?name=blue").body["physical_networks"]
    assert (link["host_id"], link["physical_network_id"]) == (host["id"], blue["id"])
    assert (link["device"], link["speed_mbps"]) == ("eth0", 10000)
    assert blue["vlan_ranges"] == [{"minimum": 100, "maximum": 199}]
    ranges = site.call("GET", "network_segment_ranges").body["network_segment_ranges"]
    assert sorted((r["minimum"], r["shared"], r["project_id"]) for r in ranges if r["physical_network"] == "blue") == [
        (100, True, ""),
        (500, False, "sales"),
    ]


def test_a_second_apply_writes_nothing(site: Site) -> None:
    """Not even a commit."""
    before = site.contents()
    again = site.apply(BASE, "--prune")
    assert (again.returncode, again.stdout) == (0, "No difference.\n")
    assert site.contents() == before


def test_an_export_applied_is_no_change(site: Site, tmp_path: Path) -> None:
    """The round trip, with everything pruned that the export forgot."""
    exported = tmp_path / "exported.yaml"
    assert site.run("export", exported).returncode == 0
    before = site.contents()
    assert site.run("diff", exported, "--prune").returncode == 0
    assert site.run("apply", exported, "--prune").stdout == "No difference.\n"
    assert site.contents() == before


def test_an_export_rebuilds_a_lost_inventory(site: Site, tmp_path: Path) -> None:
    """Everything removed, then applied from the export: the same again."""
    exported = tmp_path / "exported.yaml"
    site.run("export", exported)
    before = site.inventory()
    assert site.apply("hosts: []\n", "--prune").returncode == 0
    assert site.inventory() == {"physical_networks": [], "hosts": [], "network_segment_ranges": []}
    assert site.run("apply", exported).returncode == 0
    assert site.inventory() == before


def test_diff_shows_what_apply_does_and_writes_nothing(site: Site) -> None:
    """A line with a sign for each object, the attributes below; exit code 1, and 0 when it is done."""
    wanted = (
        BASE.replace("tags: [blue]", "mtu: 9000")
        .replace("name: h2, ovsdb: ", "name: h3, ovsdb: ")
        .replace("eth0", "eth1")
    )
    before = site.contents()
    shown = site.diff(wanted, "--prune")
    assert shown.returncode == 1
    assert site.contents() == before
    assert shown.stdout == (
        "~ physical_network blue\n"
        "    tags: [blue] -> []\n"
        "    mtu: 1500 -> 9000\n"
        "+ host h3\n"
        "    name: h3\n"
        "    ovsdb: unix:/run/h2.sock\n"
        "- host h2\n"
        "+ link h1/eth1\n"
        "    device: eth1\n"
        "    physical_network: blue\n"
        "    speed_mbps: 10000\n"
        "- link h1/eth0\n"
    )
    assert site.apply(wanted, "--prune").stdout == shown.stdout + "5 changes applied.\n"
    assert site.diff(wanted, "--prune").stdout == "No difference.\n"


def test_what_the_file_does_not_mention_is_left_alone_and_listed(site: Site) -> None:
    """And goes with --prune only."""
    blue_alone = (
        "physical_networks: [{name: blue, bridge: br-blue, vlan_ranges: [{minimum: 100, maximum: 199}], tags: [blue]}]"
    )
    before = site.contents()
    kept = site.apply(blue_alone)
    assert kept.returncode == 0
    assert "host h2 is not in the file: left alone" in kept.stdout
    assert site.contents() == before
    assert site.apply(blue_alone, "--prune").returncode == 0
    assert [one["name"] for one in site.inventory()["physical_networks"]] == ["blue"]
    assert site.inventory()["hosts"] == []


def test_vlans_wander_between_pools_in_one_go(site: Site) -> None:
    """The physical network and an additional range exchange VLANs; neither could be first alone."""
    wanted = BASE.replace("[{minimum: 100, maximum: 199}], tags", "[{minimum: 150, maximum: 549}], tags")
    wanted = wanted.replace("minimum: 500, maximum: 599", "minimum: 550, maximum: 650")
    assert site.apply(wanted).returncode == 0
    swapped = wanted.replace("minimum: 150, maximum: 549", "minimum: 600, maximum: 699")
    swapped = swapped.replace("minimum: 550, maximum: 650", "minimum: 500, maximum: 599")
    assert site.apply(swapped).returncode == 0
    assert site.diff(swapped, "--prune").returncode == 0


def test_a_link_can_move_to_another_physical_network(site: Site) -> None:
    """The API sets it on creation only; the file need not know."""
    moved = BASE.replace("device: eth0, physical_network: blue", "device: eth0, physical_network: red")
    shown = site.apply(moved)
    assert "~ link h1/eth0\n    physical_network: blue -> red\n1 change applied.\n" in shown.stdout
    assert site.inventory()["hosts"][0]["links"][0]["physical_network"] == "red"


def test_a_host_that_is_pruned_takes_its_links_along(site: Site) -> None:
    """Else a physical network could not go with it."""
    assert site.apply("network_segment_ranges: []", "--prune").returncode == 0
    assert site.inventory()["hosts"] == []


def test_the_api_speaks_the_file_s_language(site: Site) -> None:
    """GET answers what PUT takes; the answer to PUT lists the changes."""
    body = site.call("GET", "inventory").body
    assert body["inventory"] == site.inventory()
    body["inventory"]["hosts"].pop()
    answer = site.call("PUT", "inventory?prune=true&dry_run=true", body).body
    assert answer == {
        "changes": [{"action": "delete", "kind": "host", "name": "h2", "attributes": {}}],
        "left_alone": [],
    }


def test_the_page_s_example_can_be_applied(site: Site) -> None:
    """And is then what is there."""
    (example,) = code(ROOT / "docs/inventory.md", "yaml")
    done = site.apply(example, "--prune")
    assert done.returncode == 0, done.stderr
    assert site.diff(example, "--prune").stdout == "No difference.\n"


def test_on_a_terminal_lines_have_colours(site: Site) -> None:
    """And none elsewhere: the tests above compare plain text."""
    shown = site.run("diff", site.declare("hosts: []"), "--prune", FORCE_COLOR="1", TERM="xterm")
    assert "\x1b[31m- host h1\x1b[0m" in shown.stdout
