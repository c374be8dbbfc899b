"""Lists: filters, sorting, paging."""

import sqlite3
from urllib.parse import urlsplit

import pytest

from tests.api.client import Client, Document
from tests.api.samples import PATHS, UNKNOWN, network


def names(found: list[Document]) -> list[str]:
    return [one["name"] for one in found]


@pytest.fixture
def colours(administrator: Client) -> list[Document]:
    """Three networks, of which one is shared and one is down."""
    return [
        administrator.create("networks", name="blue", description="b", mtu=1400),
        administrator.create("networks", name="green", description="a", shared=True),
        administrator.create("networks", name="red", description="a", admin_state_up=False),
    ]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("name=blue", ["blue"]),
        ("name=blue&name=red", ["blue", "red"]),
        ("name=blue&shared=true", []),
        ("name=no_such", []),
        ("name=", []),
        ("shared=True", ["green"]),
        ("shared=1", ["green"]),
        ("shared=false", ["blue", "red"]),
        ("admin_state_up=false", ["red"]),
        ("mtu=1400", ["blue"]),
        ("mtu=1400&mtu=1500", ["blue", "green", "red"]),
        ("qos_policy_id=", ["blue", "green", "red"]),
        ("provider:physical_network=physnet1&description=a", ["green", "red"]),
        ("router:external=true", []),
        ("status=ACTIVE", ["blue", "green", "red"]),
        ("subnets=", []),
    ],
)
def test_filters(administrator: Client, colours: list[Document], query: str, expected: list[str]) -> None:
    """An attribute's values are alternatives, attributes add up; empty is also null."""
    assert sorted(names(administrator.find("networks", query))) == expected


def test_filters_look_into_lists(administrator: Client, colours: list[Document]) -> None:
    """A port by one of its addresses, a network by one of its subnets, anything by a tag."""
    ids = [one["id"] for one in colours]
    subnets = [administrator.create("subnets", network_id=id, cidr="10.0.0.0/24") for id in ids]
    ports = [administrator.create("ports", network_id=id, tags=[tag]) for id, tag in zip(ids, "xyz", strict=True)]
    assert len(administrator.find("ports", "fixed_ips=ip_address%3D10.0.0.2")) == 3
    both = f"fixed_ips=ip_address%3D10.0.0.2&fixed_ips=subnet_id%3D{subnets[1]['id']}"
    assert administrator.find("ports", both) == [ports[1]]
    assert administrator.find("ports", f"fixed_ips=ip_address%3D10.0.0.3&{both}") == [ports[1]]
    assert administrator.find("ports", "fixed_ips=ip_address%3D10.0.0.9") == []
    assert administrator.find("ports", "fixed_ips=no_such%3D1") == []
    assert names(administrator.find("networks", f"subnets={subnets[2]['id']}")) == ["red"]
    assert administrator.find("ports", "tags=x&tags=z") == sorted((ports[0], ports[2]), key=lambda one: one["id"])


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    ("query", "word"),
    [
        ("no_such=1", "no_such"),
        ("sort_key=no_such", "no_such"),
        ("sort_key=id&sort_dir=up", "sort_dir"),
        ("sort_key=id&sort_dir=asc&sort_dir=asc", "sort_dir"),
        ("limit=-1", "limit"),
        ("limit=x", "limit"),
        ("limit=%C2%B2", "limit"),
        ("limit=" + "9" * 5000, "limit"),
        (f"marker={UNKNOWN}", "marker"),
    ],
)
def test_a_query_that_makes_no_sense_is_refused(administrator: Client, path: str, query: str, word: str) -> None:
    """400, and what is wrong by its name."""
    answer = administrator.send("GET", f"{path}?{query}")
    assert (answer.status, word in answer.message) == (400, True)


def test_a_filter_is_read_as_the_attribute_is(administrator: Client) -> None:
    """A MAC address or an id in whatever form finds what is stored in one."""
    port = administrator.create("ports", network_id=network(administrator), mac_address="56:6f:00:00:0a:0b")
    for query in ("mac_address=56:6F:00:00:0A:0B", "mac_address=56-6f-0-0-a-b", f"id={port['id'].upper()}"):
        assert administrator.find("ports", query) == [port], query


def test_a_boolean_filter_takes_a_boolean(administrator: Client) -> None:
    """Otherwise "shared=yes" would silently find nothing."""
    answer = administrator.send("GET", "networks?shared=yes")
    assert (answer.status, "shared" in answer.message) == (400, True)


def test_any_text_may_be_looked_for(administrator: Client, colours: list[Document]) -> None:
    """Quotes, NUL, wildcards, bytes that are no UTF-8: nothing is found."""
    for text in ("%27", "%00", "%25", "b_ue", "%FF", "%F0%9F%8C%8D", "x" * 20000):
        assert administrator.find("networks", f"name={text}") == [], text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("sort_key=name", ["blue", "green", "red"]),
        ("sort_key=name&sort_dir=desc", ["red", "green", "blue"]),
        ("sort_key=description&sort_key=name&sort_dir=asc&sort_dir=desc", ["red", "green", "blue"]),
        ("sort_key=name&sort_key=name&sort_dir=asc&sort_dir=desc", ["blue", "green", "red"]),
        ("&".join(["sort_key=name"] * 4000), ["blue", "green", "red"]),
        ("sort_key=mtu&sort_key=name", ["blue", "green", "red"]),
        ("sort_key=qos_policy_id&sort_key=name", ["blue", "green", "red"]),
        (
            "sort_key=subnets&sort_key=shared&sort_key=name&sort_dir=asc&sort_dir=desc&sort_dir=asc",
            ["green", "blue", "red"],
        ),
    ],
)
def test_sorting(administrator: Client, colours: list[Document], query: str, expected: list[str]) -> None:
    """By several keys, each with a direction."""
    assert names(administrator.find("networks", query)) == expected


def follow(client: Client, href: str) -> list[str]:
    """The names behind a link of the answer."""
    link = urlsplit(href)
    return names(client.find("networks", link.query))


def links(client: Client, query: str) -> dict[str, str]:
    body = client.send("GET", f"networks?{query}").body
    return {link["rel"]: link["href"] for link in body.get("networks_links", [])}


def test_pages_forth_and_back(administrator: Client) -> None:
    """Each page links to its neighbours; the first has none before it and the last none after."""
    for number in range(5):
        administrator.create("networks", name=f"n{number}")
    page = "sort_key=name&limit=2"
    assert names(administrator.find("networks", page)) == ["n0", "n1"]
    first = links(administrator, page)
    assert follow(administrator, first["next"]) == ["n2", "n3"]
    second = links(administrator, urlsplit(first["next"]).query)
    third = links(administrator, urlsplit(second["next"]).query)
    assert follow(administrator, second["next"]) == ["n4"]
    assert follow(administrator, second["previous"]) == ["n0", "n1"]
    assert follow(administrator, third["previous"]) == ["n2", "n3"]
    assert ("previous" in first, "next" in third) == (False, False)
    back = links(administrator, urlsplit(third["previous"]).query)
    assert follow(administrator, back["next"]) == ["n4"]
    assert set(links(administrator, urlsplit(back["previous"]).query)) == {"next"}


def test_a_page_is_without_links_where_all_is_on_it(administrator: Client, colours: list[Document]) -> None:
    """Nor without a limit, nor with limit 0, which is none."""
    for query in ("", "limit=3", "limit=4", "limit=0", "limit=99999999999"):
        body = administrator.send("GET", f"networks?{query}").body
        assert (len(body["networks"]), list(body)) == (3, ["networks"]), query


def test_a_filtered_page(administrator: Client, colours: list[Document]) -> None:
    """The filter holds on the next page too, and `fields` may leave the id out."""
    query = "description=a&limit=1&sort_key=name&fields=name"
    assert names(administrator.find("networks", query)) == ["green"]
    assert follow(administrator, links(administrator, query)["next"]) == ["red"]


def test_what_is_older_than_an_attribute_has_its_default(administrator: Client) -> None:
    """In lists and their filters as where it is shown alone."""
    made = administrator.create("networks", name="old")
    with sqlite3.connect(administrator.service.data / "quantum.db") as connection:
        connection.execute("UPDATE networks SET document = json_remove(document, '$.mtu') WHERE id = ?", (made["id"],))
    assert administrator.show("networks", made["id"]) == made
    assert administrator.find("networks", "mtu=1500") == [made]


def test_the_order_is_the_same_without_a_sort_key(administrator: Client) -> None:
    """Or pages would overlap."""
    network_id = network(administrator)
    made = [administrator.create("ports", network_id=network_id)["id"] for _ in range(5)]
    assert [port["id"] for port in administrator.find("ports")] == sorted(made)
