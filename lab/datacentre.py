"""The data centre: a central namespace, the hosts, a management network and a physical data network between them."""

from __future__ import annotations

from pathlib import Path
from types import TracebackType

from lab.host import Host
from lab.namespace import Namespace

CENTRAL_ADDRESS = "172.30.0.254"


class DataCentre:
    """`hosts` joined to `central` by the management and migration network 172.30.0.0/24 (central .254, host N .N)
    and to each other by the data network: a trunk, whose end is `data0` in each host's br-int."""

    central: Namespace  # where the provider and the engine run
    hosts: list[Host]
    folder: Path

    def __init__(self, folder: Path, prefix: str, hosts: int = 2) -> None:
        raise NotImplementedError

    def up(self) -> None:
        """Bring everything up; what an earlier run left behind in the same folder is removed first. Raises LabError."""
        raise NotImplementedError

    def down(self) -> None:
        """End every process in our namespaces, then delete the namespaces. The files stay, for reading."""
        raise NotImplementedError

    def __enter__(self) -> DataCentre:
        self.up()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.down()
