"""A database that is full, locked or gone under the running service: 503, nothing half done, and well again."""

import os
import sqlite3
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import Client
from tests.service import Service


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of two megabytes."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system takes root")
    disk = tmp_path / "small"
    disk.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(disk)], check=True, timeout=10)
    yield disk
    subprocess.run(["umount", "--lazy", str(disk)], check=True, timeout=10)


def test_a_full_disk_writes_nothing_and_loses_nothing(small_disk: Path) -> None:
    """Reading goes on; what was refused is not there; with room again everything works."""
    service = Service(small_disk / "service").start()
    try:
        admin = Client(service, service.token())
        network_id = admin.create("networks")["id"]
        filler = small_disk / "filler"
        fill(filler)
        accepted = []
        while (answer := admin.post("ports", network_id=network_id, description="x" * 255)).status == 201:
            accepted.append(answer.body["port"]["id"])
        assert (answer.status, answer.error) == (503, "ServiceUnavailable")
        bulk = {"ports": [{"network_id": network_id, "description": "y" * 255}] * 500}
        assert admin.send("POST", "ports", bulk).status == 503
        assert {port["id"] for port in admin.find("ports")} == set(accepted)
        filler.unlink()
        accepted.append(admin.create("ports", network_id=network_id)["id"])
        service.kill()
        service.start()
        assert {port["id"] for port in Client(service, service.token()).find("ports")} == set(accepted)
    finally:
        service.stop()


def fill(path: Path) -> None:
    """All but nothing of the file system that it is on."""
    with path.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(b"x" * 4096)
        except OSError:
            return


@pytest.fixture
def cloud(tmp_path: Path) -> Iterator[Service]:
    """A service of its own."""
    service = Service(tmp_path / "service").start()
    yield service
    service.stop()


def test_a_locked_database_is_waited_for_and_then_given_up(cloud: Service) -> None:
    """Another process writes for too long: 503 for those who write, lists for those who read; then well again."""
    admin = Client(cloud, cloud.token())
    before = admin.everything()
    other = sqlite3.connect(cloud.data / "quantum.db", isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    unlock = threading.Timer(1.0, lambda: other.execute("ROLLBACK"))
    answer = admin.post("networks", name="never")
    assert (answer.status, answer.error) == (503, "ServiceUnavailable")
    assert admin.everything() == before
    unlock.start()
    assert admin.post("networks", name="after a while").status == 201
    unlock.join()
    other.close()
    assert [one["name"] for one in admin.find("networks")] == ["after a while"]


def test_a_vanished_database_is_not_written_into_the_void(cloud: Service) -> None:
    """The file is moved away under the service: what it accepted after that would be lost with it."""
    admin = Client(cloud, cloud.token())
    admin.create("networks", name="blue")
    aside = cloud.folder / "aside"
    aside.mkdir()
    files = list(cloud.data.glob("quantum.db*"))
    for file in files:
        file.rename(aside / file.name)
    assert eventually_refused(admin)
    assert not (cloud.data / "quantum.db").exists()
    for file in files:
        (aside / file.name).rename(file)
    until = time.monotonic() + 15
    while admin.post("networks", name="red").status != 201 and time.monotonic() < until:
        time.sleep(0.2)
    assert {one["name"] for one in admin.find("networks")} == {"blue", "red"}


def eventually_refused(admin: Client) -> bool:
    answer = admin.post("networks", name="lost")
    return (answer.status, admin.send("GET", "networks").status) == (503, 503)


def test_a_damaged_database_is_503(cloud: Service) -> None:
    """Never 500, and never a list with something missing."""
    admin = Client(cloud, cloud.token())
    admin.create("networks", name="blue")
    cloud.stop()
    damaged = cloud.data / "quantum.db"
    with sqlite3.connect(damaged) as database:
        database.execute("UPDATE networks SET document = substr(document, 1, 20)")
    database.close()
    cloud.start()
    for answer in (
        admin.send("GET", "networks"),
        admin.post("ports", network_id="11111111-2222-4333-8444-555555555555"),
    ):
        assert answer.status in (404, 503), answer
    assert admin.send("GET", "networks").status == 503
