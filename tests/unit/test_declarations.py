"""The declarations: complete, and true to what clients and the engine rely on."""

import pytest
from ovirt_quantum.model import RESOURCES, Resource, fields
from ovirt_quantum.model.types import Cidr, IpAddress, MacAddress, Text, Uuid


@pytest.mark.parametrize("kind", RESOURCES)
def test_every_attribute_says_who_may_give_it(kind: type[Resource]) -> None:
    """A field without a rule can't be declared."""
    assert all(field.rule is not None for field in fields(kind).values())


@pytest.mark.parametrize("kind", RESOURCES)
def test_every_resource_names_itself(kind: type[Resource]) -> None:
    """Roots, path and error type."""
    assert kind.member
    assert kind.collection
    assert kind.path.replace("-", "_").endswith(kind.collection)
    assert kind.not_found.endswith("NotFound")


@pytest.mark.parametrize(
    ("kind", "given", "canonical"),
    [
        (Uuid, "AAAAAAAA-BBBB-4CCC-8DDD-EEEEEEEEEEEE", "aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee"),
        (MacAddress, "FA:16:3E:00:00:01", "fa:16:3e:00:00:01"),
        (MacAddress, "fa-16-3e-0-0-1", "fa:16:3e:00:00:01"),
        (IpAddress, "FD00:0:0::1", "fd00::1"),
        (Cidr, "FD00:0::/64", "fd00::/64"),
    ],
)
def test_texts_take_their_canonical_form(kind: type[Text], given: str, canonical: str) -> None:
    """One way to write each, so that text compares as what it means."""
    assert kind.parse(given) == canonical


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        (Uuid, "{aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee}"),
        (Uuid, "aaaaaaaabbbb4ccc8dddeeeeeeeeeeee"),
        (Uuid, ""),
        (MacAddress, "01:00:5e:00:00:01"),
        (MacAddress, "00:00:00:00:00:00"),
        (MacAddress, "fa:16:3e:00:00"),
        (IpAddress, "10.0.0.256"),
        (IpAddress, "010.0.0.1"),
        (Cidr, "10.0.0.1/24"),
        (Cidr, "10.0.0.0"),
        (Cidr, "10.0.0.0/33"),
    ],
)
def test_what_is_not_well_formed_is_refused_with_the_value(kind: type[Text], given: str) -> None:
    """The client reads what was wrong."""
    with pytest.raises(ValueError, match=r"is not a|multicast"):
        kind.parse(given)
