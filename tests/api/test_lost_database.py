"""A database that is emptied, rolled back or swapped is no reason to remove anything anywhere."""

import json
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lab.engine import Engine
from lab.engine.errors import ProviderFailure
from lab.engine.inventory import Cluster, EngineDataCentre, Vnic
from tests.api.client import Client
from tests.api.conftest import registered
from tests.api.samples import HOST, MAC
from tests.api.waiting import eventually
from tests.service import Service

Change = Callable[[Path, Path], None]


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Service]:
    """A service of its own, with the network blue at the engine's, and a copy of its database from before blue."""
    service = Service(tmp_path / "service").start()
    service.stop()
    shutil.copytree(service.data, tmp_path / "earlier")
    service.start()
    registered(service).create_network("blue")
    yield service
    service.stop()


def emptied(data: Path, _earlier: Path) -> None:
    for file in data.glob("quantum.db*"):
        file.unlink()


def rolled_back(data: Path, earlier: Path) -> None:
    emptied(data, earlier)
    shutil.copy(earlier / "quantum.db", data)


def swapped(data: Path, _earlier: Path) -> None:
    """By another deployment's, with accounts and more writes than this one had."""
    other = Service(data.parent.parent / "other").start()
    registered(other).create_network("red")
    registered(other).create_network("green")
    other.stop()
    emptied(data, data)
    shutil.copy(other.data / "quantum.db", data)


def confirm(service: Service) -> str:
    where = ["--config", str(service.folder / "quantum.toml"), "--data", str(service.data)]
    command = [*service.command, "database", "confirm", *where]
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=True).stdout


@pytest.mark.parametrize(
    ("lose", "words"), [(emptied, "empty"), (rolled_back, "older"), (swapped, "another deployment")]
)
def test_a_lost_database_answers_nobody_until_it_is_confirmed(
    cloud: Service, tmp_path: Path, lose: Change, words: str
) -> None:
    """503 to the engine, which would else unplug every NIC; nothing is written; then an administrator's word."""
    engine, token = registered(cloud), cloud.token()
    centre = EngineDataCentre(clusters=[Cluster("Default")])
    assert engine.autosync(centre).code == 217
    cloud.stop()
    witness = (cloud.data / "witness.json").read_text()
    lose(cloud.data, tmp_path / "earlier")
    cloud.start()
    nothing_moves(cloud, token, words)
    assert engine.autosync(centre).code == 216
    assert [network.name for network in centre.networks] == ["blue"]
    assert json.loads((cloud.data / "witness.json").read_text()) == json.loads(witness)
    cloud.stop()
    assert "is the right one" in confirm(cloud)
    cloud.start()
    admin = Client(cloud, cloud.token()) if lose is not swapped else None
    if admin is not None:
        assert admin.find("networks") == []
        assert admin.create("networks")["status"] == "ACTIVE"


def nothing_moves(service: Service, token: str, words: str) -> None:
    """Every door says 503 and why, log-in included: a 401 would make the engine switch its synchronisation off."""
    credentials = {"auth": {"passwordCredentials": {"username": "engine", "password": service.password("engine")}}}
    for method, path, body in (
        ("GET", "/v2.0/networks", None),
        ("GET", "/engine/v2.0/networks", None),
        ("POST", "/v2.0/networks", {"network": {"name": "x"}}),
        ("DELETE", "/v2.0/networks/11111111-2222-4333-8444-555555555555", None),
        ("GET", "/plug/11111111-2222-4333-8444-555555555555", None),
        ("POST", "/v2.0/tokens", credentials),
        ("GET", "/v2.0/inventory", None),
    ):
        answer = service.call(method, path, body, token)
        assert answer.status == 503, (path, answer)
        assert words in json.dumps(answer.body)
        assert "database confirm" in json.dumps(answer.body)


def test_a_database_is_confirmed_while_the_service_runs(cloud: Service, tmp_path: Path) -> None:
    """It looks for the word every few seconds, and then serves, log-in included."""
    cloud.stop()
    emptied(cloud.data, tmp_path)
    cloud.start()
    assert cloud.call("GET", "/v2.0/networks").status == 503
    confirm(cloud)
    answer = eventually(lambda: cloud.call("GET", "/v2.0/networks").status != 503)
    assert answer
    assert Client(cloud, cloud.token()).create("networks")["status"] == "ACTIVE"


def test_a_database_that_falls_back_under_a_running_service_is_noticed(cloud: Service) -> None:
    """As on a database server that was restored: 503 within seconds, also after a restart, until it is confirmed."""
    assert eventually(lambda: json.loads((cloud.data / "witness.json").read_text())["generation"] > 0)
    with sqlite3.connect(cloud.data / "quantum.db") as database:
        database.execute("UPDATE deployment SET generation = 0")
    assert eventually(lambda: cloud.call("GET", "/v2.0/networks").status == 503)
    cloud.stop()
    cloud.start()
    assert cloud.call("GET", "/v2.0/networks").status == 503
    confirm(cloud)
    assert eventually(lambda: cloud.call("GET", "/v2.0/networks").status == 401)


@pytest.mark.parametrize(
    "fall_back",
    [
        ["UPDATE deployment SET generation = 0"],
        ["DELETE FROM deployment"],
        ["DELETE FROM deployment", "DELETE FROM accounts"],
    ],
)
def test_no_list_is_answered_from_a_database_that_fell_back(cloud: Service, fall_back: list[str]) -> None:
    """Not even in the seconds before the witness notices: the engine would unplug the NICs of what is not in it."""
    assert eventually(lambda: json.loads((cloud.data / "witness.json").read_text())["generation"] > 0)
    engine, centre = registered(cloud), EngineDataCentre(clusters=[Cluster("Default")])
    assert engine.autosync(centre).code == 217
    (blue,) = centre.networks
    vnic = Vnic("nic1", MAC, blue)
    centre.vnics.append(vnic)
    with sqlite3.connect(cloud.data / "quantum.db") as database:
        for statement in (*fall_back, "DELETE FROM vlan_allocations", "DELETE FROM networks"):
            database.execute(statement)
    event = engine.autosync(centre)
    assert (event.code, "Service Unavailable" in event.text, engine.provider.auto_sync) == (216, True, True)
    assert (centre.networks, vnic.network, vnic.plugged) == ([blue], blue, True)
    with pytest.raises(ProviderFailure, match="Service Unavailable"):
        engine.allocate(vnic, HOST)


def test_a_stop_leaves_the_database_whole(cloud: Service) -> None:
    """All is in the one file, for whoever copies it then; and the witness knows the last write."""
    cloud.stop()
    assert not (cloud.data / "quantum.db-wal").exists()
    copy = sqlite3.connect(cloud.data / "quantum.db")
    (known,) = copy.execute("SELECT generation FROM deployment").fetchone()
    copy.close()
    assert json.loads((cloud.data / "witness.json").read_text())["generation"] == known


def test_a_restart_and_a_crash_are_no_loss(cloud: Service) -> None:
    """What was answered is there, and nobody is asked for anything."""
    cloud.kill()
    cloud.start()
    engine = Engine(registered(cloud).provider)
    assert [network.name for network in engine.import_networks()] == ["blue"]
