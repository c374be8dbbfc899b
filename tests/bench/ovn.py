"""What requests cost with the plugin ovn, until they are in the northbound database: `make bench-ovn` (needs root).

One client, a connection a request, on the site of tests/ovn: two hosts, northd and ovn-controllers at work beside it.
"""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.ovn.outside import Outside
from tests.ovn.routing import gateway, interface
from tests.ovn.site import Site, site

TIMES = 20
Request = Callable[[int], object]


def requests(site: Site) -> dict[str, Request]:
    """By what they do, in an order in which each finds what it needs."""
    admin, public = site.admin, Outside(site).network()
    networks, subnets, ports, routers = ([] for _ in range(4))  # type: list[list[dict[str, str]]]
    group = admin.create("security-groups", name="bench")["id"]
    return {
        "create a network": lambda _: networks.append(admin.create("networks")),
        "create a subnet": lambda n: subnets.append(
            admin.create("subnets", network_id=networks[n]["id"], cidr=f"10.{n}.0.0/24", ip_version=4)
        ),
        "create a port": lambda n: ports.append(admin.create("ports", network_id=networks[n]["id"])),
        "create a router": lambda _: routers.append(admin.create("routers")),
        "add an interface": lambda n: interface(admin, routers[n], "add", subnet_id=subnets[n]["id"]),
        "set a gateway": lambda n: admin.update("routers", routers[n]["id"], **gateway(public)),
        "create a floating IP": lambda n: admin.create(
            "floatingips", floating_network_id=public["id"], port_id=ports[n]["id"]
        ),
        "create a security group rule": lambda n: admin.create(
            "security-group-rules",
            security_group_id=group,
            direction="ingress",
            protocol="tcp",
            port_range_min=1 + n,
            port_range_max=1 + n,
        ),
    }


def measured(request: Request) -> list[float]:
    """Milliseconds of each."""
    took = []
    for number in range(TIMES):
        began = time.perf_counter()
        request(number)
        took.append((time.perf_counter() - began) * 1000)
    return sorted(took)


def main() -> None:
    table = Table("request", "median ms", "19 of 20 within ms")
    with tempfile.TemporaryDirectory() as folder, site(Path(folder)) as there:
        for name, request in requests(there).items():
            took = measured(request)
            table.add_row(name, f"{statistics.median(took):.1f}", f"{took[-2]:.1f}")
    Console().print(table)


if __name__ == "__main__":
    main()
