"""A server that breaks the protocol: dropped with the reason, dialled again, and no call waits for ever."""

import asyncio
import json
import random
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ovirt_quantum_ovn.ovsdb import NotConnected, OutcomeUnknown, OvsdbError, operations
from ovirt_quantum_ovn.ovsdb.connection import MOST_BYTES, Connection

from tests.ovsdb.clients import SWITCHES, Ear, client, connected_client, new_id
from tests.ovsdb.meddler import Meddler, nothing
from tests.ovsdb.server import OvsdbServer, until


@pytest.fixture
def meddler(tmp_path: Path, server: OvsdbServer) -> Iterator[Meddler]:
    with Meddler(tmp_path, server.remote) as between:
        yield between


def message(**members: Any) -> bytes:
    return json.dumps(members).encode()


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"garbage", "b'garbage' where a JSON object should begin"),
        (b"{]}", "the server breaks the protocol"),
        (b'{"id": "\xff"}', "the server breaks the protocol"),
        (b'{"id": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", "the server breaks the protocol"),
        (message(id=None, result=[], error=None), "an answer to request None, which is not open"),
        (message(id=10**9, result=[], error=None), "an answer to request 1000000000, which is not open"),
        (message(id="1", result=[], error=None), "an answer to request '1', which is not open"),
        (message(id=7, method="transact", params=[]), "a request 'transact', which no client serves"),
        (message(id=None, method="update", params=["x", {}]), "a notification 'update', which nobody asked for"),
        (message(id=None, method="stolen", params=["x"]), "a notification 'stolen', which nobody asked for"),
        (message(id=None, method="update3", params=["x", "0", {}]), "a monitor 'x', which is none of ours"),
        (message(id=None, method="update3", params=[["x"], "0", {}]), "which is none of ours"),
        (message(id=None, method="update3", params=[]), "which nobody asked for"),
        (message(id=None, method="update3", params={}), "which nobody asked for"),
        (message(id=None, method="update3", params=["OVN_Northbound-0"]), "update that can't be read"),
        (message(id=None, method="update3", params=["OVN_Northbound-0", "0", {"X": {new_id(): {}}}]), "not watched"),
        (
            message(
                id=None,
                method="update3",
                params=["OVN_Northbound-0", "0", {"Logical_Switch": {new_id(): {"delete": None}}}],
            ),
            "'delete' of a row of Logical_Switch that it has not told of",
        ),
        (
            message(
                id=None,
                method="update3",
                params=["OVN_Northbound-0", "0", {"Logical_Switch": {new_id(): {"insert": {"name": 1}}}}],
            ),
            "no string where there should be one",
        ),
    ],
)
def test_an_unasked_for_word(meddler: Meddler, said: bytes, reason: str) -> None:
    """In the middle of all going well. Afterwards it does again."""
    ear = Ear()
    with connected_client(meddler.remote) as (database, state):
        database.monitor(SWITCHES, ear)
        until(lambda: ear.batches, 5)
        meddler.say(said)
        until(lambda: state.told(reason), 5)
        until(lambda: state.connected, 5)
        switch = new_id()
        database.transact([operations.insert("Logical_Switch", {"name": "x"}, uuid=switch)], 5)
        until(lambda: switch in ear.rows, 5)


def test_half_a_message(meddler: Meddler) -> None:
    """The end of it never comes, while other words do not either: silence."""
    with connected_client(meddler.remote, probe_interval=0.1) as (database, state):
        meddler.say(b'{"id": nul')
        with pytest.raises(OutcomeUnknown):
            database.transact([operations.comment("x")], 3)
        until(lambda: state.connected, 5)


def test_a_gigantic_message(meddler: Meddler) -> None:
    """There is an end to what is kept of it."""
    with connected_client(meddler.remote) as (_, state):
        piece = b'{"id":"' + b"x" * 2**20
        try:
            for _ in range(MOST_BYTES // 2**20 + 2):
                meddler.say(piece)
                piece = b"x" * 2**20
        except OSError:
            pass
        until(lambda: state.told(f"a message of more than {MOST_BYTES} bytes"), 10)
        until(lambda: state.connected, 5)


def test_an_answer_that_is_lost(meddler: Meddler) -> None:
    """The row is there, and the caller is told that nobody knows."""
    meddler.spoil = lambda data: None if b'"uuid":["uuid"' in data else data
    switch = new_id()
    insert = operations.insert("Logical_Switch", {"name": switch}, uuid=switch)
    with connected_client(meddler.remote) as (database, _):
        meddler.spoil = nothing
        with pytest.raises(OutcomeUnknown, match="the server closed the connection"):
            database.transact([insert], 5)
        [found] = database.transact([operations.select("Logical_Switch", operations.by_uuid(switch))], 5)
        assert found.count == 1


@pytest.mark.parametrize(
    "answer",
    [
        b"[]",
        b"null",
        b"{}",
        b"[null]",
        b"[{}]",
        b"[{},null]",
        b"[{},{},{}]",
        b"[1,2]",
        b'[{"rows":[{"name":7}]},{}]',
        b'[{"rows":[{"x":7}]},{}]',
    ],
)
def test_an_answer_to_something_else(meddler: Meddler, answer: bytes) -> None:
    """Well-formed, and no answer to these operations."""

    def spoil(data: bytes) -> bytes:
        before, found, after = data.partition(b'"result":[{"rows":[]},{}]')
        return before + b'"result":' + answer + after if found else data

    meddler.spoil = spoil
    with connected_client(meddler.remote) as (database, state):
        meddler.spoil = nothing
        asked = [operations.select("Logical_Switch", operations.by_uuid(new_id())), operations.comment("x")]
        with pytest.raises(OutcomeUnknown, match="sent"):
            database.transact(asked, 5)
        until(lambda: len(state.heard) >= 3 and state.connected, 5)
        assert [result.count for result in database.transact(asked, 5)] == [0, 0]


@pytest.mark.parametrize("seed", range(20))
def test_a_spoilt_byte(meddler: Meddler, seed: int) -> None:
    """Anywhere in what a server says at first: whatever comes of it, the next connection is a good one."""
    chance = random.Random(seed)
    at = int(chance.triangular(0, 30_000, 0)) if seed % 2 else seed * 20

    def spoil(data: bytes) -> bytes:
        nonlocal at
        spoilt = bytearray(data)
        if 0 <= at < len(data):
            spoilt[at] = chance.randrange(256)
        at -= len(data)
        return bytes(spoilt)

    meddler.spoil = spoil
    with client(meddler.remote, probe_interval=0.2) as database:
        until(lambda: meddler.accepted, 5)
        meddler.spoil = nothing
        deadline = time.monotonic() + 8
        while not _works(database):
            assert time.monotonic() < deadline


def _works(database: Any) -> bool:
    try:
        return database.transact([operations.select("NB_Global")], 1)[0].count == 0
    except OvsdbError:
        return False


def test_a_server_that_says_nothing(tmp_path: Path) -> None:
    """It accepts, and that is all."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.bind(f"{tmp_path}/silent")
        silent.listen()
        began = time.monotonic()
        with client(f"unix:{tmp_path}/silent") as database, pytest.raises(NotConnected):
            database.transact([], 0.5)
        assert time.monotonic() - began < 3


words = st.sampled_from([b"{", b"}", b"[", b"]", b'"', b":", b",", b"null", b"1", b'"id"', b'"method"', b'"params"'])
said = st.binary(max_size=60) | st.lists(words, max_size=20).map(b"".join)
formed = st.fixed_dictionaries(
    {},
    optional={
        "id": st.none() | st.integers() | st.text(max_size=3) | st.lists(st.integers(), max_size=2),
        "method": st.none() | st.sampled_from(["echo", "update3", "x"]) | st.integers(),
        "params": st.none()
        | st.lists(st.text(max_size=3), max_size=3)
        | st.dictionaries(st.text(max_size=2), st.none()),
        "result": st.none() | st.lists(st.none(), max_size=2),
        "error": st.none() | st.text(max_size=3) | st.dictionaries(st.text(max_size=2), st.none()),
    },
).map(lambda members: json.dumps(members).encode())


@settings(max_examples=150, deadline=None)
@given(st.lists(said | formed, max_size=4))
def test_any_words(pieces: list[bytes]) -> None:
    """The connection lives or ends with a reason; nothing is raised into the loop."""
    asyncio.run(_hear(pieces))


async def _hear(pieces: list[bytes]) -> None:
    raised: list[dict[str, Any]] = []
    loop = asyncio.get_running_loop()
    loop.set_exception_handler(lambda _, context: raised.append(context))
    ours, theirs = socket.socketpair()
    _, connection = await loop.create_connection(lambda: Connection(_refuse, 60), sock=ours)
    for piece in pieces:
        theirs.send(piece)
    theirs.close()
    assert await asyncio.wait_for(connection.closed, 5)
    assert not raised


def _refuse(method: str, params: Any) -> None:
    raise ValueError(f"{method} was not asked for")
