"""The service dies in the middle of writes, a cluster loses its leader: nothing is half done, nothing is lost."""

import random
import threading
import urllib.error
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.ovn.central import Central, central, clustered
from tests.ovn.site import until
from tests.ovsdb.cluster import Cluster

CRASHES = 20
WRITERS = 3
CONVERGED_S = 15.0


class Load:
    """Makes networks with a subnet and a port each, changes and deletes some; knows what was acknowledged."""

    def __init__(self, site: Central) -> None:
        self.acknowledged: set[str] = set()
        self.refused: list[str] = []
        self._site = site
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._work) for _ in range(WRITERS)]

    @contextmanager
    def running(self) -> Iterator["Load"]:
        for thread in self._threads:
            thread.start()
        try:
            yield self
        finally:
            self._stop.set()
            for thread in self._threads:
                thread.join(60)

    def _work(self) -> None:
        while not self._stop.is_set():
            with suppress(urllib.error.URLError, HTTPException, OSError):  # it has just been killed
                self._write()

    def _write(self) -> None:
        network = self._create("networks")
        self._create("subnets", network_id=network, cidr="10.2.0.0/24", ip_version=4)
        port = self._create("ports", network_id=network, fixed_ips=[])
        self._site.admin.put("ports", port, admin_state_up=False)
        if random.random() < 0.5:
            self.acknowledged.discard(port)  # killed meanwhile, it may be deleted without an answer
            self._site.admin.send("DELETE", f"ports/{port}")

    def _create(self, path: str, **attributes: object) -> str:
        answer = self._site.admin.post(path, **attributes)
        if answer.status != 201:
            self.refused.append(str(answer))
            return ""
        [made] = answer.body.values()
        self.acknowledged.add(made["id"])
        return str(made["id"])


def is_as_the_service_says(site: Central) -> bool:
    """Every network, subnet and port that it lists is there, as it should be, and no other."""
    rows = site.rows()
    ports = {port["id"]: port["admin_state_up"] for port in site.admin.find("ports")}
    return (
        {row["name"] for row in rows["Logical_Switch"]} == {one["id"] for one in site.admin.find("networks")}
        and {str(row["_uuid"]) for row in rows["DHCP_Options"]} == {one["id"] for one in site.admin.find("subnets")}
        and {row["name"]: row["enabled"] for row in rows["Logical_Switch_Port"]} == ports
        and {str(port) for row in rows["Logical_Switch"] for port in row["ports"]} == set(ports)
    )


def listed(site: Central) -> set[str]:
    return {one["id"] for path in ("networks", "subnets", "ports") for one in site.admin.find(path)}


@pytest.mark.timeout(300)
def test_a_service_killed_during_writes_leaves_nothing_half_done(tmp_path: Path) -> None:
    """Twenty times; after each new start all is as the service says, and all that it had acknowledged is there."""
    with central(tmp_path) as site:
        for _ in range(CRASHES):
            load = Load(site)
            with load.running():
                threading.Event().wait(random.uniform(0.2, 0.6))
                site.service.kill()
            site.service.start()
            until(lambda: is_as_the_service_says(site), "something is half done", CONVERGED_S)
            assert load.acknowledged
            assert load.acknowledged <= listed(site), "an acknowledged write is lost"


@pytest.mark.timeout(120)
def test_a_cluster_that_loses_its_leader_loses_nothing(tmp_path: Path) -> None:
    """Three servers by RAFT; writes go on meanwhile, and all of them are realised by the new leader."""
    with Cluster(tmp_path / "raft") as cluster, clustered(tmp_path, cluster) as site:
        load = Load(site)
        with load.running():
            threading.Event().wait(1.5)
            old = cluster.leader()
            old.kill()
            threading.Event().wait(4)
        assert not load.refused
        site.northbound = cluster.leader()
        until(lambda: is_as_the_service_says(site), "something is not realised", CONVERGED_S)
        assert load.acknowledged <= listed(site)
