"""Jackson's conversions: each row was put to Jackson 2.18 with the client's own classes, which said the same."""

from __future__ import annotations

import pytest

from lab.engine import jackson
from lab.engine.models import Access, Network, Port, Subnet

MODELS: dict[str, type] = {"network": Network, "subnet": Subnet, "port": Port, "access": Access}


def read(root: str, content: object) -> object:
    """The model in a single-object answer."""
    return jackson.unwrap(root, jackson.object_of(MODELS[root]))({root: content}, "answer")


@pytest.mark.parametrize(
    ("key", "value", "attribute", "expected"),
    [
        ("id", 5, "id", "5"),
        ("name", True, "name", "true"),
        ("name", "", "name", ""),
        ("router:external", False, "external", "false"),
        ("mtu", "1450", "mtu", 1450),
        ("mtu", " 12 ", "mtu", 12),
        ("mtu", 1450.9, "mtu", 1450),
        ("mtu", "", "mtu", None),
        ("mtu", "null", "mtu", None),
        ("provider:segmentation_id", None, "segmentation_id", None),
        ("port_security_enabled", 2, "port_security_enabled", True),
        ("port_security_enabled", 0, "port_security_enabled", False),
        ("port_security_enabled", "True", "port_security_enabled", True),
        ("port_security_enabled", " false ", "port_security_enabled", False),
        ("port_security_enabled", "", "port_security_enabled", None),
        ("subnets", "a", "subnets", ["a"]),
        ("subnets", "", "subnets", None),
        ("subnets", " ", "subnets", None),
        ("subnets", [1, None, True, ""], "subnets", ["1", None, "true", ""]),
        ("whatever", {"a": [1]}, "name", None),
    ],
)
def test_scalars_convert_freely(key: str, value: object, attribute: str, expected: object) -> None:
    """And unknown keys may hold anything."""
    assert getattr(read("network", {key: value}), attribute) == expected


@pytest.mark.parametrize(
    ("root", "content"),
    [
        ("network", {"mtu": "12.0"}),
        ("network", {"mtu": True}),
        ("network", {"mtu": 3000000000}),
        ("network", {"mtu": "3000000000"}),
        ("network", {"mtu": [1]}),
        ("network", {"mtu": "abc"}),
        ("network", {"name": ["a"]}),
        ("network", {"name": {}}),
        ("network", {"subnets": [[]]}),
        ("network", {"subnets": {}}),
        ("network", {"port_security_enabled": 1.0}),
        ("network", {"port_security_enabled": "tRue"}),
        ("network", {"port_security_enabled": "yes"}),
        ("network", {"router:external": {}}),
        ("network", []),
        ("network", "x"),
        ("port", {"binding:profile": "x"}),
        ("port", {"binding:vif_details": 5}),
        ("port", {"binding:host_id": ["h"]}),
        ("port", {"fixed_ips": ["a"]}),
        ("port", {"fixed_ips": [{"subnet_id": []}]}),
        ("port", {"security_groups": [{"id": "a"}]}),
        ("port", {"admin_state_up": "x"}),
        ("subnet", {"host_routes": {"destination": "a"}}),
        ("subnet", {"allocation_pools": ["a"]}),
        ("subnet", {"ip_version": "x"}),
        ("subnet", {"ip_version": True}),
        ("subnet", {"ip_version": [6]}),
        ("subnet", {"dns_nameservers": [{}]}),
        ("access", {"token": "T"}),
        ("access", {"token": {"id": ["T"]}}),
        ("access", {"serviceCatalog": ["x"]}),
        ("access", {"serviceCatalog": [{"endpoints": ["x"]}]}),
        ("access", {"serviceCatalog": [{"endpoints_links": ["x"]}]}),
        ("access", {"user": {"roles": ["x"]}}),
        ("access", {"user": {"roles_links": [1]}}),
        ("access", {"metadata": []}),
        ("access", {"token": {"tenant": {"enabled": "x"}}}),
    ],
)
def test_what_does_not_fit_makes_the_document_unreadable(root: str, content: object) -> None:
    """The first misfit is enough."""
    with pytest.raises(jackson.Unreadable):
        read(root, content)


@pytest.mark.parametrize(("written", "version"), [(4, 4), (6, 6), ("6", 6), (5, 4), ("", 4), (None, None)])
def test_an_ip_version_that_is_not_six_is_four(written: object, version: int | None) -> None:
    """Unless it is null."""
    subnet = read("subnet", {"ip_version": written})
    assert isinstance(subnet, Subnet)
    assert subnet.ip_version == version


def test_a_full_keystone_answer_is_read() -> None:
    """With catalogue, user, metadata and unknown keys, as Keystone gives it."""
    endpoint = {"region": "R", "publicURL": "http://p", "internalURL": "http://p", "adminURL": "http://p", "id": "1"}
    access = read(
        "access",
        {
            "token": {"id": "T", "expires": "2030-01-01T00:00:00Z", "tenant": {"id": "t", "extra": []}, "x": [[]]},
            "serviceCatalog": [{"type": "network", "name": "n", "endpoints": [endpoint], "endpoints_links": []}],
            "user": {"id": "u", "name": "u", "username": "u", "roles": [{"name": "admin"}], "roles_links": []},
            "metadata": {"is_admin": 0, "roles": [["x"]]},
        },
    )
    assert isinstance(access, Access)
    assert access.token is not None
    assert access.token.id == "T"


@pytest.mark.parametrize("body", [b"{", b"\xff\xfe\xff", b'{"networks": [NaN]}', b'{"a": 1} x'])
def test_broken_json_is_unreadable(body: bytes) -> None:
    """Whatever is wrong with it."""
    with pytest.raises(jackson.Unreadable):
        jackson.parse(body)


def test_objects_are_printed_on_lines_and_lists_in_one() -> None:
    """Text stays as it is but for JSON's own escapes."""
    document = {"a": {"b": ["x", 1, None], "c": [], "d": {}, "é/": True}}
    assert jackson.write(document) == (
        '{\n  "a" : {\n    "b" : [ "x", 1, null ],\n    "c" : [ ],\n    "d" : { },\n    "é/" : true\n  }\n}'
    )
