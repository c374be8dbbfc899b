"""What was answered is there, after a kill -9 at any moment."""

import random
import subprocess
import sys
import time

from ovirt_quantum.model import Network, Port
from ovirt_quantum.store.database import Database

from .cloud import Cloud, all_of, check_invariants

CRASHES = 5


def test_nothing_answered_is_lost_in_a_crash(cloud: Cloud, database_url: str) -> None:
    """Ports and networks written and removed by four clients, killed again and again: each answer holds, and every
    address, VLAN and due mark has its owner."""
    network = cloud.network()
    cloud.subnet(network)
    cloud.close()
    standing = {network.id}
    for _ in range(CRASHES):
        made, removed = killed(database_url, network.id, random.uniform(0.0, 0.3))
        database = Database(database_url)
        check_invariants(database)
        found = {one.id for one in (*all_of(database, Port), *all_of(database, Network))}
        database.close()
        assert removed, "it was killed before it did anything"
        assert not removed & found
        # what was being removed when it died may be gone already
        missing = (standing | made) - removed - found
        assert len(missing) <= 4
        standing = found


def killed(url: str, network_id: str, delay_s: float) -> tuple[set[str], set[str]]:
    """Kills a writing process so long after its first words; what it said to have made and removed."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.store.writing", url, network_id], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    said = [process.stdout.readline() for _ in range(20)]
    time.sleep(delay_s)
    process.kill()
    said += process.stdout.read().splitlines(keepends=True)
    process.wait()
    words = [line.split() for line in said if line.endswith("\n")]
    return {id for what, id in words if what == "made"}, {id for what, id in words if what == "removed"}
