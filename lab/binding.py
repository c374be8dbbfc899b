"""On which hosts OVN has a port, watched through a migration."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from lab.ovn import Ovn

_COLUMNS = "logical_port,chassis,additional_chassis"
_END_S = 10.0


@dataclass(frozen=True)
class Binding:
    """The host that has the port, "" for none, and those that have it besides."""

    chassis: str
    additional: tuple[str, ...]


class BindingWatch:
    """Context manager: every change of a port's binding while it is open (ovsdb-client(1), monitor)."""

    seen: list[Binding]
    """In order, as the southbound database had them; set when it closes without an error."""

    def __init__(self, ovn: Ovn, port_id: str) -> None:
        self._ovn = ovn
        self._port_id = port_id
        self._log = Path(ovn.folder, f"{port_id}.bindings")

    def __enter__(self) -> BindingWatch:
        self._hosts = {uuid: name for name, uuid in self._ovn.chassis_ids().items()}
        what = [self._ovn.southbound, "OVN_Southbound", "Port_Binding", _COLUMNS]
        self._log.unlink(missing_ok=True)
        with self._log.open("wb") as output:
            monitor = ["ovsdb-client", "--verbose=fatal_signal:off", "--format=json", "monitor", *what]
            self._process = subprocess.Popen(monitor, stdout=output)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(_END_S)
        if error is None:
            self.seen = list(self._bindings())

    @property
    def route(self) -> list[str]:
        """The hosts that had the port one after the other."""
        route: list[str] = []
        for host in (binding.chassis for binding in self.seen):
            if host and route[-1:] != [host]:
                route.append(host)
        return route

    def _bindings(self) -> Iterator[Binding]:
        for line in self._log.read_text().splitlines():
            for _, action, port, chassis, additional in json.loads(line)["data"]:
                if port == self._port_id and action != "old":
                    yield Binding("".join(self._names(chassis)), tuple(sorted(self._names(additional))))

    def _names(self, column: Any) -> Iterator[str]:
        """Of ["uuid", U] or ["set", [["uuid", U], ...]]."""
        kind, found = column
        for uuid in [found] if kind == "uuid" else [each for _, each in found]:
            yield self._hosts.get(uuid, "?")
