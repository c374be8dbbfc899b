"""Hosts for the hooks: the real scripts, run by each Python that oVirt hosts have, with an /etc of their own."""

import functools
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from .certificates import Authority
from .machine import HOOKS, SYSTEM_PYTHON, Machine
from .open_vswitch import HostNetwork
from .provider import HOST_ID, TOKEN, Provider
from .vdsm import Ran, run_event

# EL 8, EL 9, EL 10, the newest that was tried, and whatever this machine calls python3.
PYTHONS = ("3.6", "3.9", "3.12", "3.13", "3")
PORT = "0d9e7c52-6f1b-4a53-8c9e-3a2b1c0d4e5f"
OURS = {"vnic_id": PORT, "provider_type": "EXTERNAL_NETWORK", "plugin_type": "OVIRT_QUANTUM"}
# As the engine writes it (LibvirtVmXmlBuilder) and VDSM prints it.
NIC = """\
<?xml version="1.0" encoding="utf-8"?>
<interface type="bridge">
    <model type="virtio"/>
    <link state="up"/>
    <source bridge="blue"/>
    <driver name="vhost" queues="4"/>
    <alias name="ua-1c2c2fa2-4a39-4d2f-8a60-6b1d8f3a9c11"/>
    <address bus="0x01" domain="0x0000" function="0x0" slot="0x00" type="pci"/>
    <boot order="1"/>
    <mac address="56:6f:00:00:00:01"/>
    <mtu size="1442"/>
    <bandwidth/>
</interface>
"""


class Host:
    """A host as its hooks see it: /etc/ovirt-quantum is `etc`, /usr/bin/python3 is `python`."""

    def __init__(self, etc: Path, python: Path = SYSTEM_PYTHON) -> None:
        self.etc = etc
        self.python = python
        etc.chmod(0o755)

    def configure(self, *lines: str) -> None:
        """Write host.conf and a token file."""
        (self.etc / "host.token").write_text(TOKEN + "\n")
        (self.etc / "host.conf").write_text("".join(f"{line}\n" for line in lines))

    def use(self, *urls: str, ca_file: Path | None = None) -> None:
        """Configure providers the usual way."""
        if ca_file:
            (self.etc / "ca.pem").write_bytes(ca_file.read_bytes())
        self.configure(
            *(f"provider = {url}" for url in urls),
            "token_file = /etc/ovirt-quantum/host.token",
            "ca_file = /etc/ovirt-quantum/ca.pem",
            f"host_id = {HOST_ID}",
        )

    def plug(
        self,
        nic: str = NIC,
        device: dict[str, str] = OURS,
        vm: dict[str, str] | None = None,
        event: str = "before_device_create",
        uid: int = 0,
    ) -> Ran:
        """Start a VM with this device, or hot-plug it."""
        return run_event(HOOKS / event, nic, device=device, vm=vm, within=self.within(uid), uid=uid)

    def capabilities(self, data: str, *mounts: str) -> Ran:
        """Ask for the host's capabilities; `mounts` are more shell commands that make its world."""
        directory = HOOKS / "after_get_caps"
        return run_event(directory, data, kind="json", within=self.within(0, *mounts))

    def within(self, uid: int = 0, *mounts: str) -> list[str]:
        """A command line that runs another one in a mount namespace of its own."""
        steps = [
            f"/usr/bin/mount --bind {self.etc} /etc/ovirt-quantum",
            f"/usr/bin/mount --bind {self.python} {SYSTEM_PYTHON}",
            *mounts,
            f'exec /usr/bin/setpriv --reuid={uid} --regid={uid} --clear-groups -- "$@"' if uid else 'exec "$@"',
        ]
        unshare = ["/usr/bin/unshare", "--mount", "--propagation", "private"]
        return [*unshare, "/bin/sh", "-e", "-c", "; ".join(steps), "sh"]


@functools.cache
def interpreter(version: str) -> Path:
    """The Python of this version ("3" is this machine's own); skips the test where there is none."""
    if version == "3":
        return SYSTEM_PYTHON
    if not shutil.which("pyenv") and (found := shutil.which(f"python{version}")):
        return Path(found).resolve()
    try:
        patch = subprocess.run(["pyenv", "latest", version], capture_output=True, text=True, timeout=20, check=True)
        root = subprocess.run(["pyenv", "root"], capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        pytest.skip(f"Python {version} is not here: pyenv has none")
    return Path(root.stdout.strip(), "versions", patch.stdout.strip(), "bin", f"python{version}").resolve()


@pytest.fixture(scope="session")
def namespaces() -> None:
    """Hooks read a fixed path, so each test needs a mount namespace, which only root may make."""
    if os.geteuid() != 0:
        pytest.skip("only root can give the hook an /etc/ovirt-quantum of its own (mount namespace)")
    Path("/etc/ovirt-quantum").mkdir(exist_ok=True)  # the mount point


@pytest.fixture(params=PYTHONS)
def host(request: pytest.FixtureRequest, tmp_path: Path, namespaces: None) -> Host:
    """A host for each Python."""
    return Host(tmp_path, interpreter(request.param))


@pytest.fixture(params=(PYTHONS[0], PYTHONS[-1]))
def patient_host(request: pytest.FixtureRequest, tmp_path: Path, namespaces: None) -> Host:
    """A host for the oldest Python and this machine's own, for tests that are many or take seconds."""
    return Host(tmp_path, interpreter(request.param))


@pytest.fixture
def system_host(tmp_path: Path, namespaces: None) -> Host:
    """A host with this machine's own Python."""
    return Host(tmp_path)


@pytest.fixture(scope="session")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    """The site's CA."""
    return Authority(tmp_path_factory.mktemp("authority"))


@pytest.fixture
def provider() -> Iterator[Provider]:
    """A provider that knows PORT as VLAN 100."""
    with Provider() as running:
        running.add(PORT, 100, mac_address="56:6f:00:00:00:01")
        yield running


@pytest.fixture
def tls_provider(authority: Authority) -> Iterator[Provider]:
    """The same over TLS, by name and by address."""
    with Provider(authority.issue("localhost", "127.0.0.1")) as running:
        running.add(PORT, 100)
        yield running


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    """A host with a free NIC `wire`, before any set-up."""
    if os.geteuid() != 0 or not shutil.which("ovs-vswitchd"):
        pytest.skip("needs root and Open vSwitch's daemons (apt: openvswitch-switch)")
    root = tmp_path / "root"
    for folder in ("usr/libexec/vdsm/hooks", "etc/sudoers.d", "var/lib/vdsm/persistence/netconf/nets"):
        (root / folder).mkdir(parents=True)
    (tmp_path / "ovs").mkdir()
    with HostNetwork(tmp_path / "ovs") as network:
        network.ip("link", "add", "wire", "type", "veth", "peer", "name", "switchport")
        network.ip("link", "set", "switchport", "up")
        with network.inside(Provider) as provider:
            provider.add(PORT, 100, mac_address="56:6f:00:00:00:01")
            yield Machine(network, root, provider)
