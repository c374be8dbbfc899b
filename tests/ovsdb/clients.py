"""Clients for tests, and what their listeners heard."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from ovirt_quantum_ovn.ovsdb import Client, Mutation, Operation, RowChange, Uuid, Watched, by_uuid, operations, remotes

from tests.ovsdb.server import NORTHBOUND, until


class State:
    """What the client said of its connection."""

    def __init__(self) -> None:
        self.heard: list[tuple[bool, str]] = []

    def __call__(self, connected: bool, reason: str) -> None:
        self.heard.append((connected, reason))

    @property
    def connected(self) -> bool:
        return bool(self.heard) and self.heard[-1][0]

    def told(self, reason: str) -> bool:
        return any(reason in heard for _, heard in self.heard)


class Ear:
    """A monitor's listener: all batches of changes, and the rows as they are if those are right."""

    def __init__(self) -> None:
        self.batches: list[Sequence[RowChange]] = []
        self.rows: dict[str, Mapping[str, Any]] = {}

    def __call__(self, changes: Sequence[RowChange]) -> None:
        for change in changes:
            assert self.rows.get(change.uuid) == change.old
            assert change.old != change.new
            if change.new is None:
                del self.rows[change.uuid]
            else:
                self.rows[change.uuid] = change.new
        self.batches.append(changes)

    @property
    def changes(self) -> list[RowChange]:
        return [change for batch in self.batches for change in batch]


SWITCHES = {"Logical_Switch": Watched(["name", "ports", "other_config"])}


@contextmanager
def client(remote: str, **options: Any) -> Iterator[Client]:
    """Started; closed at the end."""
    made = Client(NORTHBOUND, remotes.parse(remote), **options)
    made.start()
    try:
        yield made
    finally:
        made.close()


@contextmanager
def connected_client(remote: str, **options: Any) -> Iterator[tuple[Client, State]]:
    """With a server to speak to."""
    state = State()
    with client(remote, listener=state, **options) as made:
        until(lambda: state.connected, 10)
        yield made, state


def new_id() -> str:
    return str(uuid4())


def add_port(switch: str, port: str) -> list[Operation]:
    """The commonest change of all: a port on its switch."""
    return [
        operations.insert(
            "Logical_Switch_Port", {"name": port, "addresses": ["02:00:00:00:00:01 10.0.0.1"]}, uuid=port
        ),
        operations.mutate("Logical_Switch", by_uuid(switch), [Mutation("ports", "insert", Uuid(port))]),
    ]
