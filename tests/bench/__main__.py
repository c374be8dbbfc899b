"""What a port costs, and how that grows with the ports that are there already: `make bench`.

Each row is measured on the same service, one after the other, so the numbers are good beside each other and not
beside those of another machine or hour. No test asserts them.
"""

import argparse
import http.client
import json
import statistics
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from multiprocessing import Pool
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.service import Service

CLIENTS = 8
IN_BULK = 200
COLUMNS = ("ports there", "create ms", "x8 create /s", "show ms", "list all ms", "update ms", "delete ms")


class Client:
    """One connection that is kept open. Raises AssertionError for any answer but success."""

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)

    def raw(self, method: str, path: str, body: object = None) -> bytes:
        data = None if body is None else json.dumps(body)
        self._connection.request(method, f"/v2.0/{path}", data, {"Content-Type": "application/json"})
        answer = self._connection.getresponse()
        content = answer.read()
        assert answer.status < 300, content
        return content

    def call(self, method: str, path: str, body: object = None) -> Any:
        return json.loads(self.raw(method, path, body))


def create(client: Client, network: str, count: int) -> list[str]:
    """Ids of so many ports, made one by one."""
    wanted = {"port": {"network_id": network, "device_owner": "oVirt"}}
    return [client.call("POST", "ports", wanted)["port"]["id"] for _ in range(count)]


def create_from_here(port: int, network: str, count: int) -> list[str]:
    return create(Client(port), network, count)


def fill(client: Client, network: str, missing: int) -> None:
    for done in range(0, missing, IN_BULK):
        wanted = [{"network_id": network, "device_owner": "oVirt"}] * min(IN_BULK, missing - done)
        client.raw("POST", "ports", {"ports": wanted})


def median_ms(calls: Iterator[object]) -> float:
    """Of the time that each step of the iterator takes."""
    times = []
    began = time.perf_counter()
    for _ in calls:
        times.append((time.perf_counter() - began) * 1000)
        began = time.perf_counter()
    return statistics.median(times)


def row(client: Client, service: Service, network: str, rounds: int) -> tuple[float, ...]:
    """The columns from the second on; leaves as many ports as it found."""
    made: list[str] = []
    create_ms = median_ms(made.extend(create(client, network, 1)) for _ in range(rounds))  # type: ignore[func-returns-value]
    share = [rounds // 2] * CLIENTS
    with Pool(CLIENTS) as clients:
        clients.map(partial(create_from_here, service.port, network), [0] * CLIENTS)
        began = time.perf_counter()
        others = clients.map(partial(create_from_here, service.port, network), share, chunksize=1)
        a_second = sum(share) / (time.perf_counter() - began)
    show_ms = median_ms(client.raw("GET", f"ports/{id}") for id in made)
    list_ms = median_ms(client.raw("GET", "ports") for _ in range(5))
    update_ms = median_ms(client.raw("PUT", f"ports/{id}", {"port": {"name": id}}) for id in made)
    delete_ms = median_ms(client.raw("DELETE", f"ports/{id}") for id in made)
    for id in (id for ids in others for id in ids):
        client.raw("DELETE", f"ports/{id}")
    return create_ms, a_second, show_ms, list_ms, update_ms, delete_ms


@contextmanager
def serving(database: str) -> Iterator[Service]:
    settings = '[identity]\nauth = "none"\n' + (f'[database]\nurl = "{database}"\n' if database else "")
    with tempfile.TemporaryDirectory(prefix="quantum-bench-") as folder:
        service = Service(Path(folder), settings).start()
        try:
            yield service
        finally:
            service.stop()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    parser.add_argument("sizes", nargs="*", type=int, default=[1000, 5000, 10000], help="ports there, growing")
    parser.add_argument("--database", default="", help="URL of an empty database; SQLite without it")
    parser.add_argument("--rounds", type=int, default=300, help="operations a column")
    arguments = parser.parse_args()
    table = Table(*COLUMNS, title="medians, in brackets against the first row")
    first: tuple[float, ...] = ()
    with serving(arguments.database) as service:
        client = Client(service.port)
        network = client.call("POST", "networks", {"network": {}})["network"]["id"]
        subnet = {"network_id": network, "cidr": "10.0.0.0/8", "ip_version": 4}
        client.call("POST", "subnets", {"subnet": subnet})
        there = 0
        for size in arguments.sizes:
            fill(client, network, size - there)
            there = size
            found = row(client, service, network, arguments.rounds)
            first = first or found
            cells = [f"{value:.4g} ({value / once:.2g}x)" for value, once in zip(found, first, strict=True)]
            table.add_row(f"{size}", *cells)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
