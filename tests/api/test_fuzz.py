"""Requests made at random from the declarations: never a fault of ours, never a write on refusal."""

import sqlite3
import types
from typing import Annotated, Any, Literal, Union, get_args, get_origin
from urllib.parse import quote

import msgspec
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import given as drawn
from hypothesis import strategies as st
from ovirt_quantum.model import fields
from ovirt_quantum.model.types import (
    AddressBlock,
    AddressOrBlock,
    Cidr,
    DnsDomain,
    DnsName,
    EtherType,
    IpAddress,
    IpPrefix,
    IpProtocol,
    MacAddress,
    PortNumbers,
    Uuid,
)

from tests.api.client import Client, Document
from tests.api.conftest import Running
from tests.api.samples import KINDS, UNKNOWN, network, sample
from tests.service import Service

TEXTS = ["", "a", "a\n", " ", "🦊" * 64, "\u202e", "\ufeff", "\uffff", "null", "true", "0", "%00", "'", "\\", "x" * 256]
NUMBERS = [0, 1, -1, 68, 4094, 4095, 65536, 2**31, 2**63, 2**64, -(2**63) - 1, 10**30, 1.0, 1.5, -0.0, 1e300]
WORDS: dict[Any, list[Any]] = {
    bool: [True, False, "true", "False", 1, "0", "on"],
    int: [*NUMBERS, *map(str, NUMBERS)],
    float: NUMBERS,
    str: TEXTS,
    type(None): [None],
    Uuid: [UNKNOWN, UNKNOWN.upper(), "x"],
    MacAddress: ["56:6f:00:00:00:01", "56-6F-0-0-0-2", "566f.0000.0003", "01:00:5e:00:00:01", "ff:ff:ff:ff:ff:ff"],
    IpAddress: [
        "10.0.0.1",
        "10.0.0.9",
        "10.0.0.255",
        "0.0.0.0",
        "224.0.0.1",
        "::",
        "fe80::1",
        "2001:DB8::9",
        "010.0.0.1",
    ],
    Cidr: [
        "10.0.0.0/24",
        "10.0.0.4/31",
        "10.0.0.9/32",
        "0.0.0.0/1",
        "2001:db8::/64",
        "2001:db8::/127",
        "::/0",
        "::1/128",
    ],
}
WORDS |= dict.fromkeys((AddressBlock, AddressOrBlock, IpPrefix), WORDS[IpAddress] + WORDS[Cidr])
WORDS[EtherType] = ["IPv4", "IPv6", "ipv4", "IPv5"]
WORDS[DnsName] = ["", "web", "WEB", "a.b", "-", "web."]
WORDS[DnsDomain] = ["", "example.org.", "example.org", "."]
WORDS[IpProtocol] = ["tcp", "icmp", "icmpv6", "any", "0", "6", "255", "256", "no such"]
WORDS[PortNumbers] = ["1", "80:90", "90:80", "0", "65536", 443, ":", "80:"]
ANYTHING: list[Any] = [*TEXTS, *NUMBERS, None, [], {}, [[]], [None], {"": {}}]


@pytest.fixture
def running(capable: Running) -> Running:
    """A service that has every kind of resource."""
    return capable


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """Mostly what looks like a value of the type, now and then anything."""
    return st.integers(0, 19).flatmap(lambda n: st.sampled_from(ANYTHING) if n == 0 else fitting(annotation))


def fitting(annotation: Any) -> st.SearchStrategy[Any]:
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        edges = [edge for extra in parts[1:] if isinstance(extra, msgspec.Meta) for edge in (extra.ge, extra.le)]
        near = [edge + step for edge in edges if edge is not None for step in (-1, 0, 1)]
        return st.one_of(values(parts[0]), st.sampled_from(near)) if near else values(parts[0])
    if origin in (Union, types.UnionType):
        return st.one_of([values(part) for part in parts])
    if origin is Literal:
        return st.sampled_from(parts)
    if origin is list:
        return st.lists(values(parts[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(st.sampled_from(TEXTS), values(parts[1]), max_size=2)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return st.fixed_dictionaries(
            {}, optional={f.encode_name: values(f.type) for f in msgspec.structs.fields(annotation)}
        )
    return st.sampled_from(WORDS[annotation])


@st.composite
def requests(draw: st.DrawFn) -> tuple[type[Any], str, Document]:
    """A resource, what to do with one, and some of its attributes."""
    kind = draw(st.sampled_from(KINDS))
    writable = [name for name, field in fields(kind).items() if field.rule.given != "never"]
    names = draw(st.lists(st.sampled_from(writable), max_size=3, unique=True))
    names += draw(st.sampled_from([[]] * 19 + [["id"]]))
    said = {name: draw(values(fields(kind)[name].type)) for name in names}
    if ":" in str(said.get("cidr")):
        said.setdefault("ip_version", 6)
    return kind, draw(st.sampled_from(["create", "create", "create", "create two", "update", "list"])), said


def stored(service: Service) -> list[str]:
    """The whole database in words, but for the count of batches and how far the plugin has come meanwhile."""
    passing = ('INSERT INTO "deployment"', 'INSERT INTO "sync"')
    with sqlite3.connect(service.data / "quantum.db") as connection:
        return [line for line in connection.iterdump() if not line.startswith(passing)]


@settings(max_examples=800, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@drawn(request=requests(), by_engine=st.booleans())
def test_whatever_is_asked(
    administrator: Client, engine_client: Client, request: tuple[type[Any], str, Document], by_engine: bool
) -> None:
    """Answers are 2xx or the client's own fault in Neutron's form; what is refused left no trace."""
    kind, verb, said = request
    client = engine_client if by_engine else administrator
    network(administrator)
    wanted = sample(administrator, kind.path, len(str(said)) % 200) | said
    one = (administrator.find(kind.path) or [{"id": UNKNOWN}])[-1]["id"]
    client.find("security-groups")  # makes the project's default group, once
    before = stored(client.service)
    if verb == "list":
        answer = client.send("GET", f"{kind.path}?{query(said)}")
    elif verb == "update":
        answer = client.send("PUT", f"{kind.path}/{one}", {kind.member: said})
    else:
        body = (
            {kind.member: wanted}
            if verb == "create"
            else {kind.collection: [sample(administrator, kind.path, 201), wanted]}
        )
        answer = client.send("POST", kind.path, body)
    assert answer.status in (200, 201, 400, 403, 404, 409), answer
    if answer.status >= 400:
        assert set(answer.body["NeutronError"]) == {"type", "message", "detail"}
        assert len(answer.message) < 1100
    if answer.status >= 400 or verb == "list":
        assert stored(client.service) == before


def query(said: Document) -> str:
    return "&".join(
        f"{quote(name)}={quote(str(value))}&sort_key={quote(name)}&fields={quote(name)}" for name, value in said.items()
    )
