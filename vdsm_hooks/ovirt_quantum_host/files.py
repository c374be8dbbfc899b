"""The files that set-up writes: host.conf, the token, the CA's certificate, the hooks, the sudoers line."""

import grp
import os
from typing import List, Optional

from . import capabilities, hook
from .layout import Layout
from .step import Step

PACKAGE = os.path.dirname(os.path.abspath(__file__))
HOOKS = {
    "before_device_create": "hook.py",
    "before_nic_hotplug": "hook.py",
    "after_get_caps": "capabilities.py",
}
HOOK = "50_ovirt_quantum"


class File(Step):
    """A file with this content and mode, owned by root and `group`; replaced at once, never half-written."""

    def __init__(self, path: str, content: bytes, mode: int, group: str = "root") -> None:
        self.path = path
        self._content = content
        self._mode = mode
        self._group = group

    def __str__(self) -> str:
        return f"file {self.path} (root:{self._group} {self._mode:04o})"

    def problem(self) -> "Optional[str]":
        if os.path.isdir(self.path):
            return "a directory is in its place"
        if self._group not in [group.gr_name for group in grp.getgrall()]:
            return f"there is no group {self._group}; install VDSM or QEMU first, which make it"
        return None

    def done(self) -> bool:
        try:
            with open(self.path, "rb") as file:
                content, status = file.read(), os.fstat(file.fileno())
        except FileNotFoundError:
            return False
        return (content, status.st_mode & 0o7777, status.st_gid) == (self._content, self._mode, self._gid())

    def do(self) -> None:
        os.makedirs(os.path.dirname(self.path), mode=0o755, exist_ok=True)
        part = self.path + ".part"  # the dot also keeps sudo from reading it
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with open(descriptor, "wb") as file:
            os.fchown(descriptor, 0, self._gid())
            os.fchmod(descriptor, self._mode)
            file.write(self._content)
            file.flush()
            os.fsync(descriptor)
        os.rename(part, self.path)

    def _gid(self) -> int:
        return grp.getgrnam(self._group).gr_gid


def hooks(layout: Layout) -> "List[File]":
    """The three scripts, as they came with this package, and the one command that VDSM may run as root."""
    steps = []
    for event, source in sorted(HOOKS.items()):
        with open(os.path.join(PACKAGE, source), "rb") as file:
            steps.append(File(os.path.join(layout.hooks, event, HOOK), file.read(), 0o755))
    return [*steps, File(layout.sudoers, sudoers().encode("ascii"), 0o440)]


def sudoers() -> str:
    """sudoers(5): `:`, `=`, `,` and the backslash are escaped in arguments."""
    command = " ".join(capabilities.SYSTEM_ID)
    for letter in "\\:=,":
        command = command.replace(letter, "\\" + letter)
    return f"vdsm ALL=(ALL) NOPASSWD: {command}\n"


def host_conf(settings: hook.Settings) -> bytes:
    """host.conf for these settings; the token stays in a file of its own."""
    lines = ["# Written by `ovirt-quantum-host setup`; read by the hooks at each plug."]
    lines += [f"provider = {url}" for url in settings.providers]
    lines += [f"token_file = {Layout.TOKEN}"] if settings.token else []
    lines += [f"ca_file = {settings.ca_file}"] if settings.ca_file else []
    lines += [f"host_id = {settings.host_id}", f"bridge = {settings.bridge}"]
    return ("\n".join(lines) + "\n").encode("ascii")
