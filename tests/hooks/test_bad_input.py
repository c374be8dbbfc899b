"""Foreign devices stay untouched; bad input to a port of ours stops the VM with one clear line."""

import subprocess

import pytest

from .conftest import NIC, OURS, PORT, Host
from .machine import HOOKS
from .provider import TOKEN, Provider
from .vdsm import VM_ID, Ran

FOREIGN = [
    {},
    {"provider_type": "EXTERNAL_NETWORK", "plugin_type": "OVIRT_PROVIDER_OVN", "vnic_id": PORT},
    {"provider_type": "OPENSTACK_NETWORK", "plugin_type": "OVIRT_QUANTUM", "vnic_id": PORT},
    {"provider_type": "unmanaged", "plugin_type": "OVIRT_QUANTUM"},
    {"provider_type": "EXTERNAL_NETWORK", "plugin_type": "ovirt_quantum", "vnic_id": PORT},
    {"plugin_type": "OVIRT_QUANTUM"},
    {"provider_type": "EXTERNAL_NETWORK"},
]


def refused(ran: Ran, data: str, *words: str) -> None:
    """Stopped, one line that holds these words, the file as it was."""
    assert ran.code == 2, ran.words
    assert ran.words.count("\n") == 1, ran.words
    assert "Traceback" not in ran.words
    assert "unexpected" not in ran.words
    for word in (VM_ID, *words):
        assert word in ran.words
    assert ran.data == data


@pytest.mark.parametrize("device", FOREIGN)
@pytest.mark.parametrize("data", [NIC, "", "<interface"])
def test_a_foreign_nic_is_not_even_read(system_host: Host, device: dict[str, str], data: str) -> None:
    """Not ours: success, not a byte changed, not a word, whatever is in the file, host.conf or not."""
    ran = system_host.plug(data, device)
    assert (ran.code, ran.words, ran.data) == (0, "", data)


@pytest.mark.parametrize("data", ["<disk type='file'><source file='/x'/></disk>", "<hostdev mode='subsystem'/>"])
def test_a_device_that_is_no_interface_stays(host: Host, data: str) -> None:
    """A VM's own custom properties may look like ours; its other devices are none of our business."""
    ran = host.plug(data)
    assert (ran.code, ran.words, ran.data) == (0, "", data)


@pytest.mark.parametrize(
    "port", ["", "nonsense", PORT + "0", PORT[:-1], "../../etc/passwd", PORT + "\r\nX-Evil: 1", "{" + PORT + "}"]
)
def test_a_bad_port_id(patient_host: Host, provider: Provider, port: str) -> None:
    """Only a UUID is a port; nothing else reaches the provider."""
    patient_host.use(provider.url())
    refused(patient_host.plug(device={**OURS, "vnic_id": port}), NIC, "vnic_id", "56:6f:00:00:00:01", "ua-1c2c2fa2")
    assert provider.asked == []


def test_a_missing_port_id(host: Host) -> None:
    """The engine's unmanaged vNICs have none, but they are not EXTERNAL_NETWORK either."""
    refused(host.plug(device={key: OURS[key] for key in ("provider_type", "plugin_type")}), NIC, "vnic_id")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ("", "not well-formed"),
        ("<interface type='bridge'>", "not well-formed"),
        ("<interface type='bridge'/><interface type='bridge'/>", "not well-formed"),
        ("<devices>" + NIC.split("?>")[1] * 2 + "</devices>", "expected one interface"),
        (NIC.replace('type="bridge"', 'type="hostdev"'), "hostdev"),
        (NIC.replace(' type="bridge"', ""), "cannot be plugged"),
    ],
)
def test_bad_xml(patient_host: Host, provider: Provider, data: str, words: str) -> None:
    """An empty file, malformed XML, two interfaces, one that is no bridge: nothing is asked, nothing written."""
    patient_host.use(provider.url())
    refused(patient_host.plug(data), data, words, PORT)
    assert provider.asked == []


def test_what_nobody_thought_of_still_names_vm_and_port(host: Host) -> None:
    """One line, not Python's traceback, and a word of whose fault it is: ours."""
    host.configure("bridge = br-int")
    deep = "<interface type='bridge'>" + "<a>" * 50000 + "</a>" * 50000 + "</interface>"
    ran = host.plug(deep)
    assert (ran.code, ran.data, ran.words.count("\n")) == (2, deep, 1)
    for word in (VM_ID, PORT, "RecursionError", "please report this"):
        assert word in ran.words


def test_the_vms_properties_cannot_hijack_the_interpreter(system_host: Host, provider: Provider) -> None:
    """VDSM lets a VM's custom properties override PYTHONPATH and PATH."""
    system_host.use(provider.url())
    evil = system_host.etc / "evil"
    evil.mkdir()
    for module in ("re", "json", "socket", "sitecustomize"):
        (evil / f"{module}.py").write_text("raise SystemExit(7)")
    path = "/etc/ovirt-quantum/evil"
    ran = system_host.plug(vm={"PYTHONPATH": path, "PATH": path, "PYTHONSTARTUP": path, "PYTHONHOME": path})
    assert (ran.code, ran.words) == (0, "")


def test_control_characters_stay_in_one_line(host: Host) -> None:
    """A property with line breaks cannot forge lines of vdsm.log."""
    host.configure()
    refused(host.plug(device={**OURS, "vnic_id": "x\n2026 ERROR forged\r\x1b[2J"}), NIC, "vnic_id")


BAD_CONFIGURATIONS = [
    ("provider = ftp://example.org\ntoken = abc", "provider is http"),
    ("provider = http://example.org:9696 # main\ntoken = abc", "provider is http"),
    ("provider = http://example.org", "token"),
    ("provider = https://example.org\ntoken = abc", "ca_file"),
    ("bridge = a-name-of-16-long", "bridge"),
    ("bridge = br int", "bridge"),
    ("host_id = two words", "host_id"),
    ("", "names no provider"),
    ("host_id = h", "names no provider"),
    ("colour = blue", "line 1"),
    ("bridge", "line 1"),
    ("\nbridge =", "line 2"),
    ("bridge = br-a\nbridge = br-b", "line 2"),
    ("token_file = /etc/ovirt-quantum/missing", "missing"),
    ("token = s3cret s3cret\nprovider = http://127.0.0.1:1", "token"),
]


@pytest.mark.parametrize(("text", "words"), BAD_CONFIGURATIONS)
def test_a_bad_host_conf_stops_the_vm(patient_host: Host, text: str, words: str) -> None:
    """The file and the key are named, the token is not shown."""
    patient_host.configure(*text.split("\n"))
    ran = patient_host.plug()
    refused(ran, NIC, words, "/etc/ovirt-quantum/")
    assert "s3cret" not in ran.words


def test_no_host_conf_stops_the_vm(host: Host) -> None:
    """A host that was not set up cannot know a port's VLAN."""
    refused(host.plug(), NIC, "/etc/ovirt-quantum/host.conf", "ovirt-quantum-host")


def test_a_host_conf_that_vdsm_may_not_read(system_host: Host) -> None:
    """Wrong modes are the commonest fault of a hand-made file."""
    system_host.configure(f"token = {TOKEN}")
    (system_host.etc / "host.conf").chmod(0o600)
    refused(system_host.plug(uid=36), NIC, "host.conf", "Permission denied")


LATIN = {"_hook_domxml": "/etc/ovirt-quantum/latin"}


@pytest.mark.parametrize(
    "named", [{}, {"_hook_domxml": ""}, {"_hook_domxml": "/nonexistent"}, {"_hook_domxml": "/"}, LATIN]
)
def test_vdsm_names_no_file_of_text(system_host: Host, named: dict[str, str]) -> None:
    """A runner that breaks the contract, or an earlier hook that left another encoding, gets one line, too."""
    (system_host.etc / "latin").write_bytes(b"<interface name='\xff'/>")
    script = str(HOOKS / "before_device_create" / "50_ovirt_quantum")
    command = [*system_host.within(), script]
    done = subprocess.run(command, env={**OURS, **named}, cwd="/", capture_output=True, timeout=10, check=False)
    assert done.returncode == 2
    assert done.stderr.count(b"\n") == 1
    assert b"cannot read" in done.stderr


FILTERED = NIC.replace("<bandwidth/>", "<filterref filter='f'/>")  # which is told, where it works
FULL_DISK = """
"$0"; code=$?
cmp /mnt/data /etc/ovirt-quantum/data || exit 90
test "$(ls /mnt)" = data || exit 91
exit $code
"""


@pytest.mark.parametrize(
    ("event", "variable", "data", "code"),
    [("before_device_create", "_hook_domxml", FILTERED, 2), ("after_get_caps", "_hook_json", '{"a": 1}', 1)],
)
def test_a_full_disk_leaves_the_file_as_it_was(
    system_host: Host, event: str, variable: str, data: str, code: int
) -> None:
    """Nothing is half-written and nothing is left behind when there is no room for the new file."""
    system_host.configure("host_id = h", "bridge = br-int")
    (system_host.etc / "data").write_text(data)
    disk = ["/usr/bin/mount -t tmpfs -o size=4k none /mnt", "/usr/bin/cp /etc/ovirt-quantum/data /mnt/data"]
    script = str(HOOKS / event / "50_ovirt_quantum")
    command = [*system_host.within(0, *disk), "/bin/sh", "-c", FULL_DISK, script]
    environ = {**OURS, variable: "/mnt/data", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(command, env=environ, cwd="/", capture_output=True, timeout=10, check=False)
    assert (done.returncode, done.stderr.count(b"\n")) == (code, 1), done.stderr
    assert b"No space left" in done.stderr
