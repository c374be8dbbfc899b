"""Open vSwitch's database of this host, through ovs-vsctl(8)."""

import json
import os
from typing import Any, Dict, List

from .command import HostError, output

MARK = "ovirt-quantum-host"  # key in external_ids of what we made; what does not bear it is never changed


class OpenVSwitch:
    """One ovsdb-server; `db` as ovs-vsctl's --db, or "" for the system's own."""

    def __init__(self, db: str = "") -> None:
        self._db = db
        self._command = ["ovs-vsctl", "--timeout=5"] + ([f"--db={db}"] if db else [])

    def expect_running(self) -> None:
        """Raise HostError unless ovs-vswitchd runs: the database alone takes every order and obeys none."""
        if self._db and not self._db.startswith("unix:"):
            return  # another machine's, for tests: ovs-appctl(8) reaches only this one's daemons
        environ = {"OVS_RUNDIR": os.path.dirname(self._db[len("unix:") :])} if self._db else {}
        try:
            output("ovs-appctl", "--timeout=3", "--target=ovs-vswitchd", "version", **environ)
        except HostError as error:
            raise HostError(f"ovs-vswitchd does not run, start Open vSwitch ({error})") from error

    def run(self, *arguments: str) -> str:
        """One ovs-vsctl command line = one transaction. Raises HostError."""
        return output(*self._command, *arguments).strip()

    def find(self, table: str, *conditions: str, columns: str) -> "List[Dict[str, Any]]":
        """The rows that meet all conditions (ovs-vsctl's syntax), as plain Python values. Raises HostError."""
        columns = ",".join(["_uuid", columns])
        found = json.loads(self.run("--format=json", f"--columns={columns}", "find", table, *conditions))
        return [dict(zip(found["headings"], map(plain, row))) for row in found["data"]]

    def bridges(self) -> "List[str]":
        return self.run("list-br").split()

    def bridge_of(self, port: str) -> str:
        """The bridge that holds the port, "" when none does."""
        for bridge in self.bridges():
            if port in self.run("list-ports", bridge).split():
                return bridge
        return ""

    def system_id(self) -> str:
        """external_ids:system-id, "" when there is none."""
        return self.run("--if-exists", "get", "Open_vSwitch", ".", "external_ids:system-id").strip('"')


def plain(value: "Any") -> "Any":
    """An OVSDB value (RFC 7047, 5.1) as a Python one: maps become dicts, sets lists, uuids text."""
    if not isinstance(value, list):
        return value
    kind, content = value
    if kind == "map":
        return {key: plain(item) for key, item in content}
    return [plain(item) for item in content] if kind == "set" else content
