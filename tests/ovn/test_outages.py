"""OVN's databases out of reach: reads are fine, writes are kept or refused, nothing hangs, nothing is lost."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import pytest

from tests.api.client import Document
from tests.ovn.central import Central, central
from tests.ovn.site import until
from tests.ovsdb.server import SCHEMA, run
from tests.service import Answer

T = TypeVar("T")

QUICK_S, BOUND_S = 0.5, 2.5
"""A read; a write, whose answer waits a second for the plugins."""
NOTICED_S = 8.0
"""By then the first attempt has failed: `ovn.timeout` is 5 s."""
BACK_S = 8.0
"""Far below the minute of the longest pause between two attempts."""


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Central]:
    with central(tmp_path) as made:
        yield made


def within(seconds: float, call: Callable[[], T]) -> T:
    began = time.monotonic()
    answer = call()
    assert time.monotonic() - began < seconds
    return answer


def switches(site: Central) -> set[str]:
    return {row["name"] for row in site.hands.rows("Logical_Switch")}


def writes_are_kept(site: Central) -> Document:
    """While the northbound database gives no answer: a network that waits for it, and says so."""
    network = within(BOUND_S, lambda: site.admin.create("networks", name="meanwhile"))
    within(QUICK_S, lambda: site.admin.find("networks"))

    def waits() -> bool:
        shown = within(QUICK_S, lambda: site.admin.show("networks", network["id"]))
        return shown["status"] == "BUILD" and "northbound database" in shown["status_reason"]

    until(waits, "nothing says that the network is not realised", NOTICED_S)
    return network


def is_realised(site: Central, network: Document) -> None:
    until(lambda: network["id"] in switches(site), "the network is not realised", BACK_S)
    until(lambda: site.admin.show("networks", network["id"])["status"] == "ACTIVE", "it still says BUILD")


def test_a_dead_northbound_database(site: Central) -> None:
    """All kinds of writes succeed; when it is back all is as if it had never been away, without a long wait."""
    before = site.cloud()
    site.northbound.kill()
    network = writes_are_kept(site)
    time.sleep(8)  # the pauses between attempts have grown
    port = within(BOUND_S, lambda: site.admin.create("ports", network_id=network["id"]))
    within(BOUND_S, lambda: site.admin.update("ports", before["port"]["id"], admin_state_up=False))
    within(BOUND_S, lambda: site.admin.delete("networks", before["wire"]["id"]))
    site.northbound.start()
    is_realised(site, network)
    until(lambda: before["wire"]["id"] not in switches(site), "the deleted network stays")

    def enabled() -> dict[str, bool]:
        return {row["name"]: row["enabled"] for row in site.hands.rows("Logical_Switch_Port")}

    until(lambda: enabled().get(port["id"]) is True, "the new port is not there", BACK_S)
    until(lambda: enabled()[before["port"]["id"]] is False, "the port is not disabled", BACK_S)


def test_a_northbound_database_that_says_nothing(site: Central) -> None:
    """It accepts and is silent; each answer is bounded all the same."""
    site.cloud()
    with site.northbound.frozen():
        network = writes_are_kept(site)
    is_realised(site, network)


def test_an_empty_northbound_database_in_its_place(site: Central) -> None:
    """All is put back, though nothing was written meanwhile."""
    site.cloud()
    before = site.rows()
    site.northbound.kill()
    (site.northbound.folder / "nb.db").unlink()
    run("ovsdb-tool", "create", f"{site.northbound.folder}/nb.db", SCHEMA)
    site.northbound.start()
    until(lambda: site.rows() == before, "not all is put back", BACK_S)


def test_an_older_northbound_database_in_its_place(site: Central, tmp_path: Path) -> None:
    """Restored from a backup: what it lacks comes, what it has too much goes."""
    too_much = site.admin.create("networks", name="deleted meanwhile")
    shutil.copy(site.northbound.folder / "nb.db", tmp_path / "backup")
    site.cloud()
    site.admin.delete("networks", too_much["id"])
    before = site.rows()
    site.northbound.kill()
    shutil.copy(tmp_path / "backup", site.northbound.folder / "nb.db")
    site.northbound.start()
    until(lambda: site.rows() == before, "it is not brought up to date", BACK_S)


def test_a_northbound_database_that_is_away_at_the_start(site: Central) -> None:
    """The service starts and answers; all is realised once it is there."""
    site.cloud()
    site.service.kill()
    site.northbound.kill()
    site.service.start()
    network = writes_are_kept(site)
    site.northbound.start()
    is_realised(site, network)


def test_a_dead_southbound_database(site: Central) -> None:
    """Writes are realised; where ports are is not known, and what is known of it stays."""
    site.southbound.kill()
    cloud = within(4 * BOUND_S, site.cloud)
    assert cloud["overlay"]["id"] in switches(site)
    within(QUICK_S, lambda: site.admin.find("ports"))


def test_writes_may_be_refused_instead(tmp_path: Path) -> None:
    """ovn.while_down = "refuse": 503 that says why, and nothing is written; reads are fine."""
    with central(tmp_path, 'while_down = "refuse"') as site:
        cloud = site.cloud()
        site.northbound.kill()
        until(lambda: refused(site), "writes are still accepted", NOTICED_S)
        before = site.admin.everything()
        for answer in (
            site.admin.post("networks", name="meanwhile"),
            site.admin.put("ports", cloud["port"]["id"], admin_state_up=False),
            site.admin.send("DELETE", f"networks/{cloud['wire']['id']}"),
        ):
            assert answer.status == 503, answer
            assert "OVN_Northbound is out of reach" in answer.message
        assert site.admin.everything() == before
        site.northbound.start()
        until(lambda: not refused(site), "writes are still refused", BACK_S)


def refused(site: Central) -> bool:
    answer: Answer = site.admin.post("networks", name="probe")
    assert answer.status in (201, 503), answer
    return answer.status == 503
