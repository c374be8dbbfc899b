"""On which hosts a router's gateway may be."""

import pytest
from ovirt_quantum.errors import Refused
from ovirt_quantum_ovn.gateway import hosts

KNOWN = frozenset({"host1", "host2", "host3"})


def test_marked_hosts_come_in_their_order() -> None:
    """As far as OVN knows them."""
    assert hosts(["host3", "host9", "host1"], KNOWN) == ["host3", "host1"]


def test_without_any_mark_it_may_be_on_any_host() -> None:
    """Also where none of the marked ones is known."""
    assert hosts([], KNOWN) == ["host1", "host2", "host3"]
    assert hosts(["host9"], KNOWN) == ["host1", "host2", "host3"]


def test_no_more_than_five() -> None:
    """Each of them has a BFD session with all others."""
    assert len(hosts([], {f"host{number}" for number in range(9)})) == 5


def test_a_gateway_is_not_taken_away_for_want_of_news() -> None:
    """After a start the southbound database has said nothing yet."""
    assert hosts(["host2"], None) == ["host2"]
    with pytest.raises(Refused, match="southbound"):
        hosts([], None)
