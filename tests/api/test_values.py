"""Wrong values for every attribute of every resource, made from the declarations."""

import types
from collections.abc import Iterator
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec
import pytest
from ovirt_quantum.api.errors import STATUS
from ovirt_quantum.model import Field, Resource, fields
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
    Text,
    Uuid,
)

from tests.api.client import MEMBERS, Client
from tests.api.samples import KINDS, sample

OFTEN_WRONG: list[Any] = [[], {}, [[]], [{}], {"a": {"b": []}}, -1, 1.5, 10**30, "x" * 100_000, "a\u0000b", "🦊" * 300]
"""Tried on every attribute, whatever its type; some of them are right for some."""
WRONG: dict[type[Any], list[Any]] = {
    bool: [2, "yes please", None, [], {}],
    int: ["", "x", "1.5", 1.5, None, [], {}, True, 10**30, -(10**30)],
    str: [1, 1.5, True, [], {}, [""]],
    Uuid: ["", "x", "11111111222248338444555555555555", "{11111111-2222-4333-8444-555555555555}", 1, [], {}],
    MacAddress: [
        "x",
        "56:6f:00:00:00",
        "56:6f:00:00:00:01:02",
        "56:6f:00:00:00:0g",
        "56:6f:00:00:00:01\n",
        1,
        [],
        "ff:ff:ff:ff:ff:ff",
    ],
    IpAddress: ["", "x", "10.0.0", "10.0.0.256", "10.0.0.1/24", "fe80::1%eth0", "::g", 1, [], "010.0.0.1"],
    IpPrefix: [
        "",
        "x",
        "10.0.0",
        "10.0.0.256",
        "10.0.0.1/33",
        "2001:db8::/129",
        "fe80::1%eth0",
        1,
        [],
        "10.0.0.0/24/1",
    ],
    AddressBlock: ["", "x", "10.0.0.1", "10.0.0.1/33", "::/129", "fe80::1%eth0/64", 1, [], "10.0.0.0/24/1"],
    AddressOrBlock: ["", "x", "10.0.0.256", "10.0.0.1/33", "::/129", "fe80::1%eth0/64", 1, [], "10.0.0.0/24/1"],
    DnsName: ["-x", "x.", "a..b", "x_y", "x" * 64, "ü", "x\n", 1, None, [], {}],
    DnsDomain: ["x", ".", "x..", "-x.", "x" * 64 + ".", "a." * 96, "x.\n", 1, None, [], {}],
    PortNumbers: ["", "x", "0", "65536", "90:80", "80:81:82", "-1", "\u0662", 1.5, True, [], {}],
    EtherType: ["", "x", "IPv5", "4", 4, [], {}],
    IpProtocol: ["", "x", "256", "-1", "1.5", "\u0662", 256, -1, 1.5, True, [], {}],
    Cidr: ["", "x", "10.0.0.0", "10.0.0.0/33", "10.0.0.1/24", "2001:db8::/129", "fe80::%1/64", 1, [], "10.0.0.0/24/1"],
}


def cases() -> Iterator[Any]:
    for kind in KINDS:
        for field in fields(kind).values():
            if field.rule.given != "never":
                yield pytest.param(kind, field, id=f"{kind.path}-{field.wire}")


def wrong(annotation: Any) -> Iterator[Any]:
    """Values that can't be of the type, by what the declaration says of it."""
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from wrong(parts[0])
        yield from (value for extra in parts[1:] if isinstance(extra, msgspec.Meta) for value in beyond(extra))
    elif origin in (Union, types.UnionType):
        yield from (value for value in wrong(parts[0]) if value is not None)
    elif origin is Literal:
        yield from ["no-such", "", 7, [], {}]
    elif origin is list:
        yield from ["x", 1, {}, None, [None]]
        yield from ([value] for value in wrong(parts[0]))
    elif origin is dict:
        yield from ["x", 1, [], [{}], {"a": []}, {"a": {}}]
    elif isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        yield from [1, "x", [], {"no_such": 1}]
        for part in msgspec.structs.fields(annotation):
            yield from ({part.encode_name: value} for value in wrong(part.type))
    else:
        yield from WRONG[annotation]


def beyond(limit: msgspec.Meta) -> Iterator[Any]:
    if limit.max_length is not None:
        yield "x" * (limit.max_length + 1)
    if limit.min_length:
        yield ""
    if limit.ge is not None:
        yield int(limit.ge) - 1
    if limit.le is not None:
        yield int(limit.le) + 1
    if limit.pattern is not None:
        yield from ["", "with space", "-x", "x" * 16, "a/b", "ü", "a\n"]


def as_shown(field: Field, value: object) -> object:
    """Lists may come as one object's error; the attribute's own name is what the client wrote."""
    return field.wire, str(value)[:60]


@pytest.mark.parametrize(("kind", "field"), list(cases()))
def test_a_wrong_value_is_refused_by_its_attributes_name(
    administrator: Client, kind: type[Resource], field: Field
) -> None:
    """400 on create and on update, or what the declaration says, and nothing is written."""
    status = STATUS[field.rule.refusal.error] if field.rule.refusal else 400
    one = administrator.create(kind.path, **sample(administrator, kind.path, 0))
    wanted = sample(administrator, kind.path, 1)
    before = administrator.everything()
    for value in wrong(field.type):
        answers = [administrator.send("POST", kind.path, {kind.member: wanted | {field.wire: value}})]
        if field.rule.given == "always":
            answers.append(administrator.send("PUT", f"{kind.path}/{one['id']}", {kind.member: {field.wire: value}}))
        for answer in answers:
            assert (answer.status, field.wire in answer.message) == (status, True), (as_shown(field, value), answer)
            assert len(answer.message) < 1100
    assert administrator.everything() == before


@pytest.mark.parametrize(("kind", "field"), list(cases()))
def test_no_value_makes_the_service_fail(administrator: Client, kind: type[Resource], field: Field) -> None:
    """Right or wrong, it is the client's 4xx or a 2xx that reads back as it was written."""
    for number, value in enumerate(OFTEN_WRONG):
        wanted = sample(administrator, kind.path, number) | {field.wire: value}
        answer = administrator.send("POST", kind.path, {kind.member: wanted})
        assert answer.status in (201, 400, 404, 409), (as_shown(field, value), answer)
        if answer.status == 201:
            made = answer.body[kind.member]
            assert administrator.show(kind.path, made["id"]) == made
            administrator.delete(kind.path, made["id"])


@pytest.mark.parametrize("kind", KINDS)
def test_what_only_the_service_says_is_not_taken(administrator: Client, kind: type[Resource]) -> None:
    """Id, times, status: 400 and the attribute's name, on create and on update."""
    one = administrator.create(kind.path, **sample(administrator, kind.path, 0))
    before = administrator.everything()
    for name, field in fields(kind).items():
        body = {MEMBERS[kind.path]: {name: one.get(name)}}
        if field.rule.given != "always":
            answer = administrator.send("PUT", f"{kind.path}/{one['id']}", body)
            assert (answer.status, name in answer.message) == (400, True), name
        if field.rule.given == "never":
            answer = administrator.send("POST", kind.path, body)
            assert (answer.status, name in answer.message) == (400, True), name
    assert administrator.everything() == before


@pytest.mark.parametrize("kind", KINDS)
def test_an_unknown_attribute_is_refused(administrator: Client, kind: type[Resource]) -> None:
    """A typing error must not be taken for a wish."""
    one = administrator.create(kind.path, **sample(administrator, kind.path, 0))
    wanted = sample(administrator, kind.path, 1) | {"no_such": 1}
    before = administrator.everything()
    for answer in (administrator.post(kind.path, **wanted), administrator.put(kind.path, one["id"], no_such=1)):
        assert (answer.status, "no_such" in answer.message) == (400, True)
    assert administrator.everything() == before


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_missing_is_named(administrator: Client, kind: type[Resource]) -> None:
    """Each attribute that has no default."""
    whole = sample(administrator, kind.path)
    before = administrator.everything()
    for field in msgspec.structs.fields(kind):
        if field.required:
            wanted = {name: value for name, value in whole.items() if name != field.encode_name}
            answer = administrator.post(kind.path, **wanted)
            assert (answer.status, field.encode_name in answer.message) == (400, True)
    assert administrator.everything() == before


def test_any_name_is_kept_as_it_is(administrator: Client) -> None:
    """UTF-8 of four bytes, spaces at the ends, quotes, markup, a line's end."""
    for name in ("Ωμέγα 🦊", "  a  ", "'; DROP TABLE networks; --", "<b>", "a\nb", "\u202e", "x" * 255, "ü" * 255):
        made = administrator.create("networks", name=name, description=name)
        assert administrator.show("networks", made["id"])["name"] == name
        assert Text(name) == made["description"]


@pytest.mark.parametrize(
    "ovsdb",
    [
        "ssl:",
        "ssl:h",
        "ssl:h:x",
        "ssl:a b:6640",
        "ssl:\n:1",
        "unix:",
        "unix:there",
        "tcp:192.0.2.1:6640",
        "h:6640",
        "x",
    ],
)
def test_an_ovsdb_that_nobody_could_dial(administrator: Client, ovsdb: str) -> None:
    """Refused by its name, and nothing is written."""
    before = administrator.everything()
    answer = administrator.post("hosts", name="h", ovsdb=ovsdb)
    assert (answer.status, "ovsdb" in answer.message) == (400, True)
    assert administrator.everything() == before


@pytest.mark.parametrize("ovsdb", ["", "ssl:h.example.org:6640", "ssl:[2001:db8::1]:6640", "unix:/run/db.sock"])
def test_an_ovsdb_that_can_be_dialled(administrator: Client, ovsdb: str) -> None:
    """TLS to elsewhere, or a socket of this machine."""
    assert administrator.create("hosts", name="h", ovsdb=ovsdb)["ovsdb"] == ovsdb
