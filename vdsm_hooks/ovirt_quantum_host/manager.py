"""How the provider reaches this host's Open vSwitch: a manager and TLS keys (see ovs-vsctl(8))."""

import os
from typing import Any, Dict, List, Optional

from .hook import matches
from .open_vswitch import MARK, OpenVSwitch
from .step import Step

TARGET = r"p?(ssl|tcp):[0-9A-Za-z_.:\[\]-]+|p?unix:/.+"


class Keys(Step):
    """Private key, certificate and CA certificate for all of Open vSwitch's TLS connections."""

    def __init__(self, ovs: OpenVSwitch, private_key: str, certificate: str, ca_cert: str) -> None:
        self._ovs = ovs
        self._files = {"private_key": private_key, "certificate": certificate, "ca_cert": ca_cert}

    def __str__(self) -> str:
        return f"TLS with certificate {self._files['certificate']}"

    def problem(self) -> "Optional[str]":
        missing = [path for path in self._files.values() if not os.path.isfile(path)]
        if missing:
            return f"no file {missing[0]}"
        rows = self._rows()
        if rows and not self.done():
            used = rows[0]["certificate"]
            return f"Open vSwitch uses {used} already, maybe for others; name that, or run `ovs-vsctl del-ssl`"
        return None

    def done(self) -> bool:
        return any(all(row[key] == path for key, path in self._files.items()) for row in self._rows())

    def do(self) -> None:
        self._ovs.run("set-ssl", *(self._files[key] for key in ("private_key", "certificate", "ca_cert")))

    def _rows(self) -> "List[Dict[str, Any]]":
        return self._ovs.find("SSL", columns=",".join(self._files))


class Manager(Step):
    """One more target in Open vSwitch's list of managers; those of others stay."""

    def __init__(self, ovs: OpenVSwitch, target: str, keys_given: bool) -> None:
        self._ovs = ovs
        self._target = target
        self._keys_given = keys_given

    def __str__(self) -> str:
        return f"manager {self._target}"

    def problem(self) -> "Optional[str]":
        if not matches(TARGET, self._target):
            return "a manager is pssl:6640[:IP], ssl:IP:6640, punix:PATH, or ptcp:6640:IP for tests"
        if matches(r"ptcp:[0-9]+", self._target):
            return "this lets everyone who reaches the port change the host; use pssl, or name an IP to listen on"
        if "ssl:" in self._target and not self._keys_given and not self._ovs.find("SSL", columns="certificate"):
            return "TLS needs --private-key, --certificate and --ca-cert"
        return None

    def done(self) -> bool:
        return any(row["target"] == self._target for row in self._ovs.find("Manager", columns="target"))

    def do(self) -> None:
        row = [
            "--",
            "--id=@manager",
            "create",
            "Manager",
            f'target="{self._target}"',
            f"external_ids:{MARK}=manager",
        ]
        self._ovs.run(*row[1:], "--", "add", "Open_vSwitch", ".", "manager_options", "@manager")
