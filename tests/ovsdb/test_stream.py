"""Where messages end, however the stream is cut."""

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ovirt_quantum_ovn.ovsdb.stream import Malformed, Scanner

texts = st.text() | st.text(alphabet='{}[]"\\,: x', max_size=12)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
    max_leaves=12,
)
objects = st.dictionaries(texts, values, max_size=4)


@given(
    st.lists(objects, max_size=4),
    st.lists(st.integers(1, 9), min_size=1),
    st.booleans(),
    st.sampled_from(["", "\n", " \t\r\n"]),
)
def test_messages_are_found(messages: list[dict[str, Any]], cuts: list[int], ascii_only: bool, gap: str) -> None:
    """Any JSON objects, with any strings, in pieces of any size."""
    data = gap.join(json.dumps(message, ensure_ascii=ascii_only) for message in messages).encode(
        "utf-8", "surrogatepass"
    )
    scanner = Scanner(2**20)
    found = []
    position = 0
    for number in range(len(data)):
        step = cuts[number % len(cuts)]
        found += [json.loads(one) for one in scanner.feed(data[position : position + step])]
        position += step
    assert found == messages
    assert not scanner.pending


@given(st.binary(max_size=200))
def test_any_bytes(data: bytes) -> None:
    """Garbage is found out or waits for its end; no other error."""
    scanner = Scanner(100)
    try:
        for byte in data:
            for message in scanner.feed(bytes([byte])):
                assert message.startswith(b"{")
    except Malformed:
        return
    assert len(data) <= 100 or not scanner.pending or b"}" in data


@pytest.mark.parametrize("data", [b"[]", b"null", b"}", b"\x16\x03\x01", b"HTTP/1.1 400", b'{"a":1}x'])
def test_garbage(data: bytes) -> None:
    """What does not begin as an object does is none."""
    with pytest.raises(Malformed, match="where a JSON object should begin"):
        list(Scanner(1000).feed(data))


@pytest.mark.parametrize("piece", [b"{", b'{"', b'{"a":"' + b"\\" * 63, b'{"a":"x', b'{"a":['])
def test_too_large(piece: bytes) -> None:
    """Whatever it consists of."""
    scanner = Scanner(1000)
    with pytest.raises(Malformed, match="more than 1000 bytes"):
        _ = [list(scanner.feed(piece)) for _ in range(1001)]


@pytest.mark.parametrize("inside", [b"{}", b'"a"', b"x", b"\\\\", b'\\"'])
def test_it_is_linear(inside: bytes) -> None:
    """Sixteen times the bytes, in small pieces, take nothing like 256 times as long."""
    assert _seconds(inside, 32_000) < 60 * max(_seconds(inside, 2_000), 0.001)


def _seconds(inside: bytes, count: int) -> float:
    data = b'{"a":"' + inside * count if inside not in (b"{}", b'"a"') else b'{"a":[' + inside * count
    scanner = Scanner(2**30)
    began = time.process_time()
    for start in range(0, len(data), 64):
        list(scanner.feed(data[start : start + 64]))
    return time.process_time() - began
