"""A connection to a server that may serve the database: the leader of a cluster, or a server on its own."""

import ssl
from collections.abc import Sequence
from typing import Any

import msgspec

from .connection import Connection, Request, dial
from .errors import NotConnected, OutcomeUnknown
from .monitors import Monitor, RowChange, Watched
from .operations import Condition
from .remotes import InternetRemote, Remote
from .schema import ColumnType, Schema
from .stream import Malformed

_DATABASE = {
    "name": ColumnType("string"),
    "model": ColumnType("string"),
    "connected": ColumnType("boolean"),
    "leader": ColumnType("boolean"),
}
"""What we need of ovsdb-server(5)'s database `_Server`, there since ovsdb-server 2.9."""

_SERVER = "_Server"


class Unfit(Exception):
    """The server is alive and not the one to speak to."""


class Session:
    """One connection, from dialling to its end."""

    def __init__(self, remote: Remote, database: str, probe_interval: float) -> None:
        self.remote = remote
        self._database = database
        self._probe_interval = probe_interval
        watched = Watched(tuple(_DATABASE), [Condition("name", "==", database)])
        self._server = Monitor(_SERVER, {"Database": watched}, self._look)
        self._monitors: dict[str, Monitor] = {_SERVER: self._server}
        self._connection: Connection | None = None
        self._is_fit = False
        self.schema = Schema({})

    async def open(self, tls: ssl.SSLContext | None) -> None:
        """Raises OSError, Unfit, OvsdbError or ValueError, each with the reason why this server is of no use."""
        self._connection = await dial(self.remote, tls, lambda: Connection(self._notified, self._probe_interval))
        await self._greet()
        await self._server.attach(self._connection, _SERVER, Schema({"Database": _DATABASE}))
        self._check()
        self._is_fit = True
        # not from `_Server`, where ovsdb-server 3.1 leaves the old one after a conversion
        self.schema = Schema.parse(await self.call(Request("get_schema", [self._database])))

    async def _greet(self) -> None:
        try:
            await self.call(Request("set_db_change_aware", [True]))
        except OutcomeUnknown as error:
            # In TLS 1.3 a client's certificate is refused when the client's handshake is already over.
            encrypted = isinstance(self.remote, InternetRemote) and self.remote.encrypted
            hint = "; does it trust the CA of our certificate?" if encrypted else ""
            raise Unfit(f"{error}, before its first word{hint}") from error

    async def attach(self, monitor: Monitor) -> None:
        """Has the monitor told what it missed, and all that comes. Raises as Monitor.attach does."""
        self._monitors[monitor.name] = monitor
        await monitor.attach(self._opened, self._database, self.schema)

    async def call(self, request: Request) -> msgspec.Raw:
        """As Connection.call."""
        return await self._opened.call(request)

    async def ended(self) -> str:
        """Waits for the end of the connection; its reason."""
        return await self._opened.closed

    def drop(self, reason: str) -> None:
        """Ends the connection at once, if there is one."""
        if self._connection is not None:
            self._connection.drop(reason)

    @property
    def _opened(self) -> Connection:
        if self._connection is None:
            raise NotConnected(f"{self.remote} was not dialled yet")
        return self._connection

    def _check(self) -> None:
        row = next(iter(self._server.rows("Database").values()), None)
        if row is None:
            raise Unfit(f"it has no database {self._database}")
        if not row["connected"]:
            raise Unfit("it has lost the other servers of its cluster")
        if row["model"] == "clustered" and not row["leader"]:
            raise Unfit("it is not its cluster's leader: the setting should name all servers of the cluster")

    def _look(self, changes: Sequence[RowChange]) -> None:
        """While it is served, a database may lose its leader or its cluster."""
        if self._is_fit:
            try:
                self._check()
            except Unfit as unfit:
                self.drop(str(unfit))

    def _notified(self, method: str, params: Any) -> None:
        if method == "monitor_canceled":
            self.drop("the database was taken away or converted")
        elif method != "update3" or not isinstance(params, list) or not params:
            raise Malformed(f"a notification '{method}', which nobody asked for")
        else:
            self._monitor(params[0]).update(params[1:])

    def _monitor(self, name: Any) -> Monitor:
        if not isinstance(name, str) or name not in self._monitors:
            raise Malformed(f"an update of a monitor {name!r:.40}, which is none of ours")
        return self._monitors[name]
