"""A resource comes back from its document as it went in."""

import types
from contextlib import nullcontext
from functools import partial
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from ovirt_quantum.errors import BadInput
from ovirt_quantum.model import RESOURCES, QosPolicy, Resource
from ovirt_quantum.model.types import (
    AddressBlock,
    AddressOrBlock,
    Cidr,
    DnsDomain,
    DnsName,
    EtherType,
    ForwardedProtocol,
    IpAddress,
    IpPrefix,
    IpProtocol,
    MacAddress,
    PortNumbers,
    PortRange,
    Uuid,
)
from ovirt_quantum.store.documents import decode, encode
from ovirt_quantum.store.transaction import Transaction

from .cloud import Cloud, all_of

VALUES: dict[Any, st.SearchStrategy[Any]] = {
    str: st.text(max_size=20),
    int: st.integers(1, 4094),
    bool: st.booleans(),
    float: st.floats(allow_nan=False, allow_infinity=False).filter(lambda value: not value.is_integer()),
    type(None): st.none(),
    Uuid: st.uuids().map(lambda value: Uuid(str(value))),
    IpAddress: st.ip_addresses().map(lambda value: IpAddress(str(value))),
    MacAddress: st.binary(min_size=5, max_size=5).map(lambda value: MacAddress("02:" + value.hex(":"))),
    IpPrefix: st.ip_addresses().map(lambda value: IpPrefix(f"{value}/8")),
    AddressBlock: st.ip_addresses().map(lambda value: AddressBlock(f"{value}/128")),
    AddressOrBlock: st.ip_addresses().map(lambda value: AddressOrBlock(str(value))),
    DnsName: st.from_regex(r"[a-z0-9]{1,9}(-[a-z0-9]{1,9})?\Z").map(DnsName),
    DnsDomain: st.sampled_from(["", "example.org."]).map(DnsDomain),
    EtherType: st.sampled_from(["IPv4", "IPv6"]).map(EtherType),
    IpProtocol: st.one_of(st.sampled_from(sorted(IpProtocol.NUMBERS)), st.integers(0, 255).map(str)).map(IpProtocol),
    ForwardedProtocol: st.sampled_from(["tcp", "udp"]).map(ForwardedProtocol),
    PortRange: st.integers(1, 65535).map(lambda value: PortRange(f"{value}:65535")),
    PortNumbers: st.integers(1, 65534).map(lambda value: PortNumbers(f"{value}:65535")),
    Cidr: st.integers(0, 2**24 - 1).map(lambda value: Cidr(f"{value >> 16}.{value >> 8 & 255}.{value & 255}.0/24")),
}


def values(annotation: Any) -> st.SearchStrategy[Any]:
    """All that an attribute's type allows."""
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        limits = [extra for extra in arguments[1:] if isinstance(extra, msgspec.Meta)]
        return limited(arguments[0], limits[0]) if limits else values(arguments[0])
    if origin is Literal:
        return st.sampled_from(arguments)
    if origin in (Union, types.UnionType):
        return st.one_of(*map(values, arguments))
    if origin is list:
        return st.lists(values(arguments[0]), max_size=3)
    if origin is dict:
        return st.dictionaries(values(arguments[0]), values(arguments[1]), max_size=3)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return structs(annotation)
    return VALUES[annotation]


def limited(annotation: Any, limits: msgspec.Meta) -> st.SearchStrategy[Any]:
    if limits.pattern is not None:
        return st.from_regex(limits.pattern.removesuffix("$") + r"\Z")
    if annotation is str:
        return st.text(min_size=limits.min_length or 0, max_size=20)
    assert annotation is int
    return st.integers(int(limits.ge or 0), int(limits.le or 2**31 - 1))


def structs(kind: type[Any]) -> st.SearchStrategy[Any]:
    annotations = get_type_hints(kind, include_extras=True)
    return st.builds(kind, **{name: values(annotations[name]) for name in kind.__struct_fields__})


@pytest.mark.parametrize("kind", RESOURCES)
def test_every_kind_comes_back(kind: type[Resource]) -> None:
    """Encoded and decoded, a resource of any kind with any values is the same."""

    @given(structs(kind))
    def check(resource: Resource) -> None:
        assert decode(kind, encode(resource)) == resource

    check()


WORDS = [
    "",
    " ",
    "x ",
    "Grüße",
    "日本語",
    "🐙",
    "'; DROP TABLE ports; --",
    'a"b\\c',
    "%s %(x)s :y",
    "line\nline\ttab",
    "ß" * 255,
]


def test_any_words_come_back_from_the_database(cloud: Cloud) -> None:
    """In the document and in a column, found by exactly those words."""
    policies = {words: cloud.write(partial(add, words)) for words in WORDS}
    assert {policy.name: policy for policy in all_of(cloud.database, QosPolicy)} == policies
    for words, policy in policies.items():
        assert cloud.write(partial(find, words)) == [policy]
        assert cloud.write(partial(find, words + "  ")) == []


def add(words: str, tx: Transaction) -> QosPolicy:
    return tx.add(QosPolicy(name=words, description=words))


def find(words: str, tx: Transaction) -> list[QosPolicy]:
    return tx.find(QosPolicy, name=words)


def test_what_a_database_can_not_keep_is_bad_input(cloud: Cloud) -> None:
    """A name too long for its column is refused (SQLite keeps any length), and the next write works."""
    sqlite = cloud.database.url.get_backend_name() == "sqlite"
    refused = nullcontext() if sqlite else pytest.raises(BadInput, match="can't take a value")
    with refused:
        cloud.write(lambda tx: tx.add(QosPolicy(name="x" * 256)))
    assert cloud.write(lambda tx: tx.add(QosPolicy(name="y"))).name == "y"
