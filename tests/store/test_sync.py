"""The sync table: what is due, for whom, and since when."""

from collections.abc import Iterator

import pytest
from ovirt_quantum.model import Port
from ovirt_quantum.plugin import PORT, Outcome, Ref
from ovirt_quantum.store import lists, sync
from ovirt_quantum.store.database import Database
from sqlalchemy import Connection

ONE, TWO = Ref(PORT, "1"), Ref(PORT, "2")
NOW = 1_795_480_000.0


@pytest.fixture
def connection(database: Database) -> Iterator[Connection]:
    with database.writing() as opened:
        yield opened


def due(connection: Connection, at: float = NOW, plugin: str = "ovs") -> list[tuple[Ref, int]]:
    return [(row.ref, row.wanted) for row in sync.due(connection, plugin, at, 100)]


def settle(connection: Connection, outcome: Outcome, version: int, gone: bool = False) -> None:
    sync.settle(connection, "ovs", [(outcome, version, gone)], NOW)


def test_what_is_marked_is_due_at_its_time(connection: Connection) -> None:
    """Not before; for its own plugin; the longest due first, as many as asked for."""
    sync.mark(connection, "ovs", [ONE], 1, NOW + 5)
    sync.mark(connection, "ovs", [TWO], 2, NOW)
    sync.mark(connection, "ovn", [TWO], 2, NOW)
    assert due(connection) == [(TWO, 2)]
    assert due(connection, NOW + 5) == [(TWO, 2), (ONE, 1)]
    assert len(sync.due(connection, "ovs", NOW + 5, 1)) == 1
    assert sync.next_due(connection, "ovs") == NOW
    assert sync.next_due(connection, "nexus") is None


def test_a_further_write_is_the_same_row(connection: Connection) -> None:
    """Ten writes cost one apply."""
    for version in range(1, 11):
        sync.mark(connection, "ovs", [ONE, TWO], version, NOW)
    assert sorted(due(connection)) == [(ONE, 10), (TWO, 10)]


def test_what_was_applied_is_not_due(connection: Connection) -> None:
    """And what the plugin said of it comes back with the next change."""
    sync.mark(connection, "ovs", [ONE], 1, NOW)
    settle(connection, Outcome(ONE, realised={"host": "host1", "tags": [1, 2]}), 1)
    assert sync.next_due(connection, "ovs") is None
    sync.mark(connection, "ovs", [ONE], 2, NOW)
    assert sync.due(connection, "ovs", NOW, 1)[0].realised == {"host": "host1", "tags": [1, 2]}


def test_a_write_during_apply_keeps_it_due(connection: Connection) -> None:
    """The outcome was for the version before."""
    sync.mark(connection, "ovs", [ONE], 1, NOW)
    sync.mark(connection, "ovs", [ONE], 2, NOW)
    settle(connection, Outcome(ONE), 1)
    assert due(connection) == [(ONE, 2)]
    settle(connection, Outcome(ONE), 2)
    assert due(connection) == []


@pytest.mark.parametrize("gone", [False, True])
def test_an_old_state_applied_last_is_put_right(connection: Connection, gone: bool) -> None:
    """Where an older version is settled after a newer one, the backend has the older: due at once."""
    sync.mark(connection, "ovs", [ONE], 2, NOW)
    settle(connection, Outcome(ONE), 2)
    assert due(connection) == []
    settle(connection, Outcome(ONE), 1, gone)
    assert due(connection) == [(ONE, 2)]


def test_what_is_gone_leaves_no_row(connection: Connection) -> None:
    """But where it was made again meanwhile, that is still to be done."""
    sync.mark(connection, "ovs", [ONE, TWO], 1, NOW)
    sync.mark(connection, "ovs", [TWO], 2, NOW)
    settle(connection, Outcome(ONE), 1, gone=True)
    settle(connection, Outcome(TWO), 1, gone=True)
    assert due(connection) == [(TWO, 2)]


def test_pauses_grow_and_end_growing(connection: Connection) -> None:
    """1, 2, 4 ... 60 seconds, for ever; success starts anew."""
    sync.mark(connection, "ovs", [ONE], 1, NOW)
    pauses = []
    for _ in range(1100):
        settle(connection, Outcome(ONE, error="the host is down"), 1)
        pauses.append((sync.next_due(connection, "ovs") or 0) - NOW)
    assert pauses[:8] == [1, 2, 4, 8, 16, 32, 60, 60]
    assert set(pauses[8:]) == {60}
    settle(connection, Outcome(ONE), 1)
    sync.mark(connection, "ovs", [ONE], 2, NOW)
    settle(connection, Outcome(ONE, error="the host is down"), 2)
    assert sync.next_due(connection, "ovs") == NOW + 1


def test_a_failure_without_a_row_makes_one(connection: Connection) -> None:
    """A full comparison found it, nobody had written it: it is tried again too."""
    settle(connection, Outcome(ONE, error="the host is down"), 0)
    assert due(connection, NOW + 1) == [(ONE, 0)]


def test_trouble_is_listed(connection: Connection) -> None:
    """Errors and shortfalls of all plugins, by object; nothing of what is as wanted."""
    assert lists.troubles(connection, Port) == {}
    sync.mark(connection, "ovs", [ONE, TWO], 1, NOW)
    sync.mark(connection, "nexus", [ONE, TWO], 1, NOW)
    settle(connection, Outcome(ONE, shortfall="no DHCP"), 1)
    settle(connection, Outcome(TWO), 1)
    sync.settle(connection, "nexus", [(Outcome(ONE, error="the switch is down"), 1, False)], NOW)
    trouble = lists.troubles(connection, Port)
    assert trouble.keys() == {"1"}
    assert trouble["1"].failing
    assert sorted(trouble["1"].reason.split("; ")) == ["nexus: the switch is down", "ovs: no DHCP"]
    sync.settle(connection, "nexus", [(Outcome(ONE), 1, False)], NOW)
    assert lists.troubles(connection, Port) == {"1": lists.Trouble(False, "ovs: no DHCP")}


def test_whatever_a_backend_says_is_kept(connection: Connection) -> None:
    """Endless words and characters that no database takes are no reason to fail."""
    sync.mark(connection, "ovs", [ONE], 1, NOW)
    settle(connection, Outcome(ONE, error="bad \0 reply " + "€" * 100_000), 1)
    assert lists.troubles(connection, Port)["1"].reason.startswith("ovs: bad  reply €€€")
