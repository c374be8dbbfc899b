"""Values to the wire and back: through a real server, as no test can know better what it accepts."""

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from ovirt_quantum_ovn.ovsdb import Client, NamedUuid, Uuid, by_uuid, operations
from ovirt_quantum_ovn.ovsdb.schema import ColumnType, Schema
from ovirt_quantum_ovn.ovsdb.values import encode

texts = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"))
ID = "5b1bd5f1-7a9b-4e0f-9a53-6a3c0b8f1d10"


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    name=texts,
    addresses=st.frozensets(texts),
    options=st.dictionaries(texts, texts),
    up=st.none() | st.booleans(),
    tag=st.none() | st.integers(1, 4095),
)
def test_what_is_written_is_read(database: Client, **row: Any) -> None:
    """Strings of any characters, sets of none, one and several, maps, optional atoms."""
    results = database.transact(
        [
            operations.insert("Logical_Switch_Port", row, uuid=ID),
            operations.insert("Logical_Switch", {"ports": [Uuid(ID)]}, name="s"),
            operations.select("Logical_Switch_Port", by_uuid(ID), [*row, "_uuid"]),
            operations.delete("Logical_Switch", []),
        ],
        5,
    )
    assert results[2].rows == [{**row, "_uuid": ID}]


@pytest.mark.parametrize("unfit", ["\0", "a\ud800", 2**63, -(2**63) - 1, float("nan"), float("inf")])
def test_unfit_values(unfit: Any) -> None:
    """They would end the connection, so they are not sent."""
    with pytest.raises(ValueError, match="OVSDB"):
        operations.insert("T", {"column": {"key": unfit}})


@pytest.mark.parametrize("unfit", [object(), b"x", [[1]], {"a": {}}])
def test_unfit_types(unfit: Any) -> None:
    """Nor is what OVSDB has no type for."""
    with pytest.raises((TypeError, ValueError)):
        encode(unfit)


@pytest.mark.parametrize("text", ["", "x", ID.upper(), ID.replace("-", ""), f"{{{ID}}}"])
def test_uuids_in_one_form(text: str) -> None:
    """A UUID in another form would be another string."""
    with pytest.raises(ValueError):
        Uuid(text)


def test_references() -> None:
    """By id and by name."""
    assert encode(Uuid(ID)) == ["uuid", ID]
    assert encode([NamedUuid("a")]) == ["set", [["named-uuid", "a"]]]
    with pytest.raises(ValueError, match="'1' can't name a row"):
        NamedUuid("1")


@pytest.mark.parametrize(
    ("kind", "old", "difference", "new"),
    [
        (ColumnType("integer"), 1, 2, 2),
        (ColumnType("real"), 1.0, 2, 2.0),
        (ColumnType("string", least=0), None, "a", "a"),
        (ColumnType("string", least=0), "a", ["set", []], None),
        (ColumnType("string", least=0, most=None), frozenset("ab"), ["set", ["b", "c"]], frozenset("ac")),
        (ColumnType("string", least=0, most=None), frozenset("ab"), "b", frozenset("a")),
        (ColumnType("string", "string", 0, None), {"a": "1", "b": "2"}, ["map", [["a", "1"], ["b", "3"]]], {"b": "3"}),
    ],
)
def test_differences(kind: ColumnType, old: Any, difference: Any, new: Any) -> None:
    """Of ovsdb-server(7), 4.1.14."""
    assert kind.changed(old, difference) == new


@pytest.mark.parametrize(
    ("kind", "wire"),
    [
        (ColumnType("integer"), True),
        (ColumnType("integer"), "1"),
        (ColumnType("integer"), ["set", []]),
        (ColumnType("integer", least=0), ["set", [1, 2]]),
        (ColumnType("boolean"), 1),
        (ColumnType("uuid"), ID),
        (ColumnType("uuid"), ["uuid", "x"]),
        (ColumnType("string", "string", 0, None), "a"),
        (ColumnType("string", "string", 0, None), ["map", [["a"]]]),
        (ColumnType("string", least=0, most=None), [["a"]]),
        (ColumnType("string"), None),
    ],
)
def test_values_of_another_type(kind: ColumnType, wire: Any) -> None:
    """A server that sends them is not believed."""
    with pytest.raises(ValueError):
        kind.decode(wire)


@pytest.mark.parametrize("text", ["", "{}", '{"tables":{"T":{"columns":{"c":{"type":"frob"}}}}}', '{"tables":[]}'])
def test_bad_schemas(text: str) -> None:
    """A schema that cannot be read is said to be so."""
    with pytest.raises(ValueError, match="schema"):
        Schema.parse(text)
