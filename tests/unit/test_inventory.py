"""The inventory's planning: what a file may say, what differs, and in which order it can be done."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ovirt_quantum.errors import BadInput
from ovirt_quantum.service.inventory import as_document, parse
from ovirt_quantum.service.inventory.declaration import DeclaredPhysicalNetwork, DeclaredRange
from ovirt_quantum.service.inventory.planning import Change, Plan, plan
from ovirt_quantum.service.inventory.steps import steps

Document = dict[str, Any]


def physical(name: str = "blue", **more: Any) -> Document:
    return {"name": name, "bridge": f"br-{name}", **more}


def vlans(*bounds: tuple[int, int]) -> list[Document]:
    return [{"minimum": first, "maximum": last} for first, last in bounds]


def pool(first: int, last: int, **more: Any) -> Document:
    return {"physical_network": "blue", "minimum": first, "maximum": last, **more}


def planned(new: Document, old: Document, prune: bool = False) -> Plan:
    return plan(parse(new), parse(old), prune)


def summary(found: Plan) -> list[tuple[str, str]]:
    return [(change.action, change.name) for change in found.changes]


HOST: Document = {"name": "h1", "links": [{"device": "eth0", "physical_network": "blue"}]}
WHOLE: Document = {
    "physical_networks": [physical(mtu=9000, vlan_ranges=vlans((100, 199)), reserved_vlans=[150], tags=["public"])],
    "hosts": [HOST],
    "network_segment_ranges": [pool(500, 599, project="sales"), pool(600, 699)],
}

REFUSED: list[tuple[Document, str]] = [
    ({"networks": []}, "networks: there is no such key"),
    (
        {"physical_networks": [physical(), {"name": "red", "colour": 1}]},
        "physical_networks[1].colour: there is no such",
    ),
    ({"physical_networks": {}}, "physical_networks: Expected `array`"),
    ({"physical_networks": [physical(mtu="9000")]}, "physical_networks[0].mtu: Expected `int`"),
    ({"physical_networks": [physical(mtu=True)]}, "physical_networks[0].mtu: Expected `int`"),
    ({"physical_networks": [physical(mtu=67)]}, "physical_networks[0].mtu: "),
    ({"physical_networks": [physical(bridge="no spaces")]}, "physical_networks[0].bridge: "),
    (
        {"physical_networks": [physical(), physical("red", vlan_ranges=vlans((1, 5000)))]},
        "physical_networks[1].vlan_ranges[0].maximum: ",
    ),
    ({"physical_networks": [physical(reserved_vlans=[7, 5000])]}, "physical_networks[0].reserved_vlans[1]: "),
    ({"physical_networks": [{}]}, "physical_networks[0]: Object missing required field `name`"),
    ({"physical_networks": [physical(), physical(bridge="br-x")]}, "physical_networks[1].name: 'blue' is that of"),
    ({"physical_networks": [{"name": "a"}, {"name": "b"}]}, "physical_networks[1].bridge: 'br-int' is that of"),
    ({"hosts": [HOST, HOST]}, "hosts[1].name: 'h1' is that of hosts[0]"),
    ({"hosts": [{"name": "h", "links": [*HOST["links"], *HOST["links"]]}]}, "hosts[0].links[1].device: 'eth0' is that"),
    ({"hosts": [{"name": "h", "links": [{"device": "eth0"}]}]}, "hosts[0].links[0]: Object missing required"),
    ({"hosts": [{"name": "h", "id": "x"}]}, "hosts[0].id: there is no such key"),
    (
        {"physical_networks": [physical(vlan_ranges=vlans((1, 9), (9, 20)))]},
        "physical_networks[0].vlan_ranges[1]: VLANs 9-20",
    ),
    ({"network_segment_ranges": [pool(1, 9), pool(5, 6)]}, "network_segment_ranges[1]: VLANs 5-6 overlap"),
    (
        {"physical_networks": [physical(vlan_ranges=vlans((1, 9)))], "network_segment_ranges": [pool(9, 9)]},
        "network_segment_ranges[0]: VLANs 9-9",
    ),
    (
        {"network_segment_ranges": [pool(1, 9, shared=True, project="sales")]},
        "network_segment_ranges[0]: a range is either",
    ),
    ({"network_segment_ranges": [pool(1, 9, shared=False)]}, "network_segment_ranges[0]: a range is either"),
]


@pytest.mark.parametrize(("document", "words"), REFUSED)
def test_what_is_wrong_is_refused_with_its_place(document: Document, words: str) -> None:
    """Unknown keys, wrong types, duplicates, overlaps, VLANs that do not exist."""
    with pytest.raises(BadInput) as refusal:
        parse(document)
    assert refusal.value.message.startswith(words)


def test_ranges_of_different_physical_networks_do_not_overlap() -> None:
    """VLAN 5 of blue is not VLAN 5 of red."""
    both = [physical(vlan_ranges=vlans((5, 5))), physical("red", vlan_ranges=vlans((5, 5)))]
    assert len(parse({"physical_networks": both}).physical_networks) == 2


def test_a_document_comes_back_as_it_was() -> None:
    """What is exported is what was declared, and it differs in nothing."""
    inventory = parse(WHOLE)
    assert parse(as_document(inventory)) == inventory
    assert plan(inventory, inventory, prune=True) == Plan()


def test_what_is_at_its_default_is_not_written() -> None:
    """A large MTU that happens to be the default, too: equality counts, not identity."""
    document = as_document(parse({"physical_networks": [{"name": "blue", "mtu": int("1500"), "bridge": "br-int"}]}))
    assert document == {"physical_networks": [{"name": "blue"}], "hosts": [], "network_segment_ranges": []}


def test_everything_is_created_in_an_empty_database() -> None:
    """In the order in which the file declares it."""
    assert summary(planned(WHOLE, {})) == [
        ("create", "blue"),
        ("create", "h1"),
        ("create", "h1/eth0"),
        ("create", "blue 500-599"),
        ("create", "blue 600-699"),
    ]


def test_what_the_file_does_not_mention_is_left_alone() -> None:
    """And said to be; a host's links go with the host."""
    found = planned({}, WHOLE)
    assert found.changes == []
    assert found.left_alone == [
        ("physical_network", "blue"),
        ("host", "h1"),
        ("network_segment_range", "blue 500-599"),
        ("network_segment_range", "blue 600-699"),
    ]


def test_prune_removes_what_the_file_does_not_mention() -> None:
    """Links before their host and their physical network."""
    found = planned({}, WHOLE, prune=True)
    assert found.left_alone == []
    order = [change.name for change in steps(found.changes)]
    assert order == ["h1/eth0", "blue 500-599", "blue 600-699", "h1", "blue"]


def test_a_link_that_its_host_no_longer_has_is_removed_without_prune() -> None:
    """A host is declared with all of its links."""
    without = {"hosts": [{"name": "h1"}], "physical_networks": [physical()]}
    found = planned(without, {**without, "hosts": [HOST]})
    assert summary(found) == [("delete", "h1/eth0")]


def test_a_change_names_the_attributes_that_differ() -> None:
    """Old and new, and no others."""
    old = {"physical_networks": [physical(mtu=1500, tags=["blue"])]}
    new = {"physical_networks": [physical(mtu=9000, tags=["blue"])]}
    (change,) = planned(new, old).changes
    assert (change.action, change.attributes) == ("update", {"mtu": {"old": 1500, "new": 9000}})


def test_a_reference_must_lead_somewhere() -> None:
    """To the file or, unless it is pruned, to the database."""
    links = {"hosts": [HOST]}
    place = r"^hosts\[0\]\.links\[0\]\.physical_network: there is no physical network 'blue'"
    with pytest.raises(BadInput, match=place):
        planned(links, {})
    assert summary(planned(links, {"physical_networks": [physical()]})) == [("create", "h1"), ("create", "h1/eth0")]
    with pytest.raises(BadInput, match=place):
        planned(links, {"physical_networks": [physical()]}, prune=True)
    with pytest.raises(BadInput, match=r"^network_segment_ranges\[0\]\.physical_network: "):
        planned({"network_segment_ranges": [pool(1, 2)]}, {})


def test_a_range_that_grows_stays_the_same_range() -> None:
    """So networks in it are no obstacle; one of the same VLANs is preferred to one that only shares some."""
    base = {"physical_networks": [physical()]}
    old = {**base, "network_segment_ranges": [pool(100, 149), pool(150, 199)]}
    new = {**base, "network_segment_ranges": [pool(90, 149), pool(150, 199, name="mine")]}
    found = planned(new, old)
    assert [change.attributes for change in found.changes] == [
        {"minimum": {"old": 100, "new": 90}},
        {"name": {"old": "", "new": "mine"}},
    ]


def test_a_range_for_another_project_is_made_anew() -> None:
    """The API sets a range's project on creation only."""
    base = {"physical_networks": [physical()]}
    old = {**base, "network_segment_ranges": [pool(100, 149)]}
    found = planned({**base, "network_segment_ranges": [pool(100, 149, project="sales")]}, old)
    assert [(step.action, step.name) for step in steps(found.changes)] == [
        ("delete", "blue 100-149"),
        ("create", "blue 100-149"),
    ]


def spans(cuts: set[int]) -> list[tuple[int, int]]:
    """Disjoint spans between pairs of cuts."""
    ordered = sorted(cuts)
    return [(first + 1, last) for first, last in zip(ordered[::2], ordered[1::2], strict=False)]


@st.composite
def inventories(draw: st.DrawFn) -> Document:
    """Two physical networks whose VLANs are theirs or in additional ranges."""
    found: Document = {"physical_networks": [], "network_segment_ranges": []}
    for name in ("blue", "red"):
        own, more = [], []
        for first, last in spans(draw(st.sets(st.integers(0, 40), max_size=8))):
            project = draw(st.sampled_from(["", "sales"]))
            additional = {"physical_network": name, "minimum": first, "maximum": last, "project": project}
            own.append((first, last)) if draw(st.booleans()) else more.append(additional)
        found["physical_networks"].append(
            physical(name, vlan_ranges=vlans(*own), mtu=draw(st.sampled_from([1500, 9000])))
        )
        found["network_segment_ranges"] += more
    return found


@given(inventories(), inventories())
def test_vlans_can_wander_in_every_way(old: Document, new: Document) -> None:
    """No step needs a VLAN that another still has, none changes what the API can't, and the end is as declared."""
    state = holdings(old)
    for step in steps(planned(new, old, prune=True).changes):
        perform(state, step)
        check_disjoint(state)
    assert state == holdings(new)


State = dict[tuple[str, str], DeclaredPhysicalNetwork | DeclaredRange]


def holdings(document: Document) -> State:
    inventory = parse(document)
    physical_networks: State = {key(one): one for one in inventory.physical_networks}
    return physical_networks | {key(one): one for one in inventory.network_segment_ranges}


def key(one: DeclaredPhysicalNetwork | DeclaredRange) -> tuple[str, str]:
    return (one.name, "") if isinstance(one, DeclaredPhysicalNetwork) else (one.physical_network, str(one.minimum))


def perform(state: State, step: Change) -> None:
    assert isinstance(step.old, DeclaredPhysicalNetwork | DeclaredRange | None)
    assert isinstance(step.new, DeclaredPhysicalNetwork | DeclaredRange | None)
    if step.old is not None:
        assert state.pop(key(step.old)) == step.old
    if step.new is not None:
        assert key(step.new) not in state
        state[key(step.new)] = step.new
    if isinstance(step.old, DeclaredRange) and isinstance(step.new, DeclaredRange):
        assert step.old.project == step.new.project


def check_disjoint(state: State) -> None:
    taken: set[tuple[str, int]] = set()
    for (name, _), one in state.items():
        for vlans_of in one.vlan_ranges if isinstance(one, DeclaredPhysicalNetwork) else [one]:
            mine = {(name, vlan) for vlan in range(vlans_of.minimum, vlans_of.maximum + 1)}
            assert not mine & taken
            taken |= mine
