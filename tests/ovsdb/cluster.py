"""A real cluster of ovsdb-servers (RAFT), all on this machine."""

from pathlib import Path
from types import TracebackType
from typing import Self

from tests.ovsdb.server import NORTHBOUND, SCHEMA, OvsdbServer, run, until


class Cluster:
    """Of three servers."""

    def __init__(self, folder: Path) -> None:
        self.servers = [OvsdbServer(folder / str(number)) for number in range(3)]

    @property
    def remote(self) -> str:
        """All of them."""
        return ",".join(server.remote for server in self.servers)

    def __enter__(self) -> Self:
        try:
            self._form()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _form(self) -> None:
        first, *others = self.servers
        for server in self.servers:
            server.folder.mkdir(parents=True)
        run("ovsdb-tool", "create-cluster", f"{first.folder}/nb.db", SCHEMA, _raft(first))
        first.start()
        for server in others:
            run("ovsdb-tool", "join-cluster", f"{server.folder}/nb.db", NORTHBOUND, _raft(server), _raft(first))
            server.start()
        until(lambda: all("Status: cluster member" in _status(server) for server in self.servers), 30)

    def _end(self) -> None:
        for server in self.servers:
            server.kill()

    def leader(self) -> OvsdbServer:
        """Waits for there to be one."""
        until(lambda: self._leaders(), 10)
        return self._leaders()[0]

    def followers(self) -> list[OvsdbServer]:
        """All but the leader."""
        leader = self.leader()
        return [server for server in self.servers if server is not leader]

    def _leaders(self) -> list[OvsdbServer]:
        return [server for server in self.servers if server.runs and "Role: leader" in _status(server)]


def _raft(server: OvsdbServer) -> str:
    return f"unix:{server.folder}/raft"


def _status(server: OvsdbServer) -> str:
    return server.appctl("cluster/status", NORTHBOUND)
