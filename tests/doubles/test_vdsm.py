"""VDSM's events in a VM's life, and the XML that the engine writes for them."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

from lab.engine.domain_xml import DirectBoot, NicDevice, domain_xml, hotplug_xml, interface_xml
from lab.engine.inventory import LogicalNetwork, Vnic
from lab.vdsm.devices import custom_devices
from lab.vdsm.hooks import HookError
from lab.vdsm.vm import Vdsm

from .conftest import MAC, NETWORK_ID, PORT_ID, VNIC_ID
from .test_hook_runner import script

VM_ID = "5a9f1d0c-7a33-4b0e-9d2c-000000000001"
RUNTIME = {"vnic_id": PORT_ID, "provider_type": "EXTERNAL_NETWORK", "plugin_type": "OVIRT_QUANTUM"}
PLUG = r'sed -i s/bridge=\"[a-z]*\"/bridge=\"br-int\"/ "$_hook_domxml"'


@pytest.fixture
def hooks(tmp_path: Path) -> Path:
    """A hooks folder whose scripts may write to `seen` beside it."""
    folder = tmp_path / "hooks"
    folder.mkdir()
    return folder


@pytest.fixture
def seen(tmp_path: Path) -> Path:
    """Where scripts write what they saw."""
    path = tmp_path / "seen"
    path.touch()
    return path


def event(hooks: Path, name: str, *lines: str) -> None:
    """Install one script for an event."""
    (hooks / name).mkdir()
    script(hooks / name, "50_test", *lines)


def nic(mac: str = MAC, network: str = "blue", **more: str) -> NicDevice:
    """A vNIC that the engine has allocated a port for."""
    vnic = Vnic("nic1", mac, LogicalNetwork(network, NETWORK_ID), id=more.pop("id", VNIC_ID))
    return NicDevice(vnic, RUNTIME | more)


def test_an_interface_s_children_are_in_the_engine_s_order() -> None:
    """And <bandwidth/> is there though it is empty."""
    assert ET.tostring(interface_xml(nic()), encoding="unicode") == (
        '<interface type="bridge"><model type="virtio" /><link state="up" /><source bridge="blue" />'
        f'<alias name="ua-{VNIC_ID}" /><mac address="{MAC}" /><mtu size="1442" /><bandwidth /></interface>'
    )


def test_an_interface_with_everything() -> None:
    """Queues, address, boot order, filter and QoS."""
    plain = nic()
    full = NicDevice(
        plain.vnic,
        queues=4,
        address={"type": "pci"},
        boot_order=1,
        filter="vdsm-no-mac-spoofing",
        inbound={"average": "1"},
        outbound={"average": "2"},
    )
    children = ["model", "link", "source", "driver", "alias", "address", "boot", "mac", "mtu", "filterref", "bandwidth"]
    assert [child.tag for child in interface_xml(full)] == children
    assert [child.tag for child in interface_xml(full)[-1]] == ["inbound", "outbound"]


def test_an_interface_without_network() -> None:
    """It hangs on VDSM's dummy bridge, its link down."""
    element = interface_xml(NicDevice(Vnic("nic1", MAC, None)))
    found = {child.tag: child.attrib for child in element}
    assert (found["source"], found["link"]) == ({"bridge": ";vdsmdummy;"}, {"state": "down"})


def test_metadata_holds_the_run_s_properties_and_the_profile_s() -> None:
    """The former twice, matched to the device by its MAC."""
    device = nic(security_groups="a")
    device.vnic.security_groups = "a"
    domain = ET.fromstring(domain_xml("a", VM_ID, [device], vm_custom={"sap_agent": "true"}))
    namespace = {"v": "http://ovirt.org/vm/1.0"}
    custom = domain.find("metadata/v:vm/v:device/v:custom", namespace)
    assert custom is not None
    keys = [leaf.tag.partition("}")[2] for leaf in custom]
    run = ["vnic_id", "provider_type", "plugin_type", "security_groups"]
    assert keys == [*run, "SecurityGroups", *run]
    assert domain.findtext("metadata/v:vm/v:custom/v:sap_agent", namespaces=namespace) == "true"
    assert custom_devices(domain)[0][1] == {**RUNTIME, "security_groups": "a", "SecurityGroups": "a"}


def test_a_domain_boots_a_kernel() -> None:
    """As type qemu, with the devices that the caller adds."""
    boot = DirectBoot(Path("/k"), Path("/i"), "console=ttyS0")
    domain = ET.fromstring(domain_xml("a", VM_ID, [nic()], boot=boot, devices=["<serial type='pty'/>"]))
    assert (domain.get("type"), domain.findtext("uuid"), domain.findtext("os/kernel")) == ("qemu", VM_ID, "/k")
    assert [device.tag for device in domain.iterfind("devices/*")] == ["interface", "serial"]


@pytest.mark.parametrize(
    ("device", "identity"),
    [
        ("<hostdev type='pci'><alias name='ua-h'/></hostdev>", "devtype='hostdev' name='ua-h'"),
        ("<hostdev type='mdev'><source><address uuid='u'/></source></hostdev>", "devtype='hostdev' uuid='u'"),
        ("<lease><lockspace>s</lockspace><key>k</key></lease>", "devtype='lease' name='k'"),
    ],
)
def test_other_devices_have_custom_properties_too(hooks: Path, device: str, identity: str) -> None:
    """Each kind is known by something else; a hook of ours gets them all to see."""
    event(hooks, "before_device_create", r'sed -i "s/<\/[hl]/<seen \/>&/" "$_hook_domxml"')
    metadata = f"<ovirt-vm:device {identity}><ovirt-vm:custom/></ovirt-vm:device></ovirt-vm:vm>"
    xml = domain_xml("a", VM_ID, [], devices=[device]).replace("</ovirt-vm:vm>", metadata)
    assert ET.fromstring(Vdsm(hooks).create(xml)).find("devices//seen") is not None


def test_without_hooks_the_domain_keeps_its_devices(hooks: Path) -> None:
    """But those with custom metadata go to the end all the same."""
    xml = domain_xml("a", VM_ID, [nic()], devices=["<serial type='pty'/>"])
    domain = ET.fromstring(Vdsm(hooks).create(xml))
    assert [device.tag for device in domain.iterfind("devices/*")] == ["serial", "interface"]
    assert domain.find("devices/interface/source[@bridge='blue']") is not None


def test_before_device_create_gets_one_device_and_may_replace_it(hooks: Path, seen: Path) -> None:
    """With a prolog, indented by four."""
    event(hooks, "before_device_create", f'cat "$_hook_domxml" > {seen}', PLUG)
    domain = ET.fromstring(Vdsm(hooks).create(domain_xml("a", VM_ID, [nic()])))
    assert domain.find("devices/interface/source[@bridge='br-int']") is not None
    lines = seen.read_text().splitlines()
    assert lines[:3] == [
        "<?xml version='1.0' encoding='utf-8'?>",
        '<interface type="bridge">',
        '    <model type="virtio" />',
    ]


def test_replaced_devices_go_to_the_end_in_order(hooks: Path) -> None:
    """Each NIC with its own properties; a NIC without metadata stays where it is."""
    event(hooks, "before_device_create", r'sed -i "s/<bandwidth \/>/<seen by=\"$vnic_id\" \/>/" "$_hook_domxml"')
    nics = [nic("56:6f:00:00:00:01", id="1", vnic_id="p1"), nic("56:6f:00:00:00:02", id="2", vnic_id="p2")]
    foreign = "<interface type='user'><mac address='56:6f:00:00:00:09'/></interface>"
    domain = ET.fromstring(Vdsm(hooks).create(domain_xml("a", VM_ID, nics, devices=[foreign])))
    order = [(mac.get("address") or "")[-1] for mac in domain.iterfind("devices/interface/mac")]
    assert order == ["9", "1", "2"]
    assert [element.get("by") for element in domain.iter("seen")] == ["p1", "p2"]


def test_a_device_with_empty_custom_metadata_is_hooked_before_but_not_after(hooks: Path, seen: Path) -> None:
    """An odd rule of VDSM's."""
    event(hooks, "before_device_create", f"echo before >> {seen}")
    event(hooks, "after_device_create", f"echo after >> {seen}")
    bare = domain_xml("a", VM_ID, [NicDevice(Vnic("nic1", MAC, None))])
    vdsm = Vdsm(hooks)
    vdsm.created(bare, vdsm.create(bare))
    assert seen.read_text() == "before\n"


def test_a_failing_hook_stops_the_start(hooks: Path, seen: Path) -> None:
    """before_vm_start does not run any more."""
    event(hooks, "before_device_create", "echo no port >&2", "exit 2")
    event(hooks, "before_vm_start", f"echo ran > {seen}")
    with pytest.raises(HookError, match="no port"):
        Vdsm(hooks).create(domain_xml("a", VM_ID, [nic()]))
    assert seen.read_text() == ""


@pytest.mark.parametrize("left", ["", "<interface", "no xml"])
def test_a_hook_that_leaves_no_xml_stops_the_start(hooks: Path, left: str) -> None:
    """In VDSM's own parser."""
    event(hooks, "before_device_create", f'printf "%s" "{left}" > "$_hook_domxml"')
    with pytest.raises(ET.ParseError):
        Vdsm(hooks).create(domain_xml("a", VM_ID, [nic()]))


def test_before_vm_start_gets_the_domain_and_may_rewrite_it(hooks: Path) -> None:
    """With the VM's properties alone."""
    event(hooks, "before_vm_start", '[ -z "$vnic_id" ] && sed -i "s/<name>a</<name>$vmId$color</" "$_hook_domxml"')
    xml = domain_xml("a", VM_ID, [nic()], vm_custom={"color": "blue"})
    assert ET.fromstring(Vdsm(hooks).create(xml)).findtext("name") == f"{VM_ID}blue"


def test_before_vm_start_quotes_the_last_script_that_failed(hooks: Path) -> None:
    """Unlike every other event, which quotes the last one that ran."""
    event(hooks, "before_vm_start", "echo the reason >&2", "exit 1")
    script(hooks / "before_vm_start", "60_later", "echo all is well >&2")
    with pytest.raises(HookError, match="the reason"):
        Vdsm(hooks).create(domain_xml("a", VM_ID, []))


def test_after_device_create_finds_an_empty_file(hooks: Path, seen: Path) -> None:
    """The port is known from the environment alone; its failure is ignored."""
    event(hooks, "after_device_create", f'echo "$vnic_id $(wc -c < "$_hook_domxml")" > {seen}', "exit 2")
    event(hooks, "after_vm_start", "exit 2")
    xml = domain_xml("a", VM_ID, [nic()])
    Vdsm(hooks).created(xml, xml)
    assert seen.read_text() == f"{PORT_ID} 0\n"


def test_hot_plug_runs_its_own_events(hooks: Path, seen: Path) -> None:
    """And before_device_create does not run."""
    event(hooks, "before_device_create", "exit 2")
    event(hooks, "before_nic_hotplug", PLUG, f'echo "before $vnic_id $vmId" >> {seen}')
    event(hooks, "after_nic_hotplug", f"echo after >> {seen}", "exit 2")
    attached: list[str] = []
    Vdsm(hooks).hot_plug(domain_xml("a", VM_ID, []), hotplug_xml(nic()), attached.append)
    assert ET.fromstring(attached[0]).find("source[@bridge='br-int']") is not None
    assert seen.read_text() == f"before {PORT_ID} {VM_ID}\nafter\n"


def test_a_failing_hot_plug_attaches_nothing(hooks: Path) -> None:
    """The error is the engine's."""
    event(hooks, "before_nic_hotplug", "echo no port >&2", "exit 2")
    attached: list[str] = []
    with pytest.raises(HookError, match="no port"):
        Vdsm(hooks).hot_plug(domain_xml("a", VM_ID, []), hotplug_xml(nic()), attached.append)
    assert attached == []


def test_if_libvirt_refuses_a_hot_plug_another_event_runs(hooks: Path, seen: Path) -> None:
    """after_nic_hotplug_fail, in place of after_nic_hotplug."""
    event(hooks, "after_nic_hotplug", f"echo after >> {seen}")
    event(hooks, "after_nic_hotplug_fail", f"echo fail >> {seen}")

    def refuse(_: str) -> None:
        raise RuntimeError("libvirt said no")

    with pytest.raises(RuntimeError):
        Vdsm(hooks).hot_plug(domain_xml("a", VM_ID, []), hotplug_xml(nic()), refuse)
    assert seen.read_text() == "fail\n"


def test_what_a_hot_unplug_hook_writes_is_dropped_but_its_error_counts(hooks: Path) -> None:
    """The NIC stays."""
    event(hooks, "before_nic_hotunplug", "exit 1")
    detached: list[None] = []
    with pytest.raises(HookError):
        Vdsm(hooks).hot_unplug(
            domain_xml("a", VM_ID, [nic()]), "<interface/>", dict(RUNTIME), lambda: detached.append(None)
        )
    assert detached == []


def test_a_migration_s_destination_runs_no_rewriting_hook(hooks: Path, seen: Path) -> None:
    """Only the migration's own events, with the source's XML."""
    event(hooks, "before_device_create", "exit 2")
    event(hooks, "before_device_migrate_destination", f'grep -c br-int "$_hook_domxml" >> {seen}')
    event(hooks, "before_vm_migrate_destination", f"echo vm >> {seen}")
    event(hooks, "after_device_migrate_destination", f'echo "there $vnic_id" >> {seen}', "exit 1")
    source = domain_xml("a", VM_ID, [nic(network="blue")]).replace('bridge="blue"', 'bridge="br-int"')
    vdsm = Vdsm(hooks)
    vdsm.prepare_destination(source)
    vdsm.arrived(source)
    assert seen.read_text() == f"1\nvm\nthere {PORT_ID}\n"


def test_a_failing_hook_on_the_destination_stops_the_migration(hooks: Path) -> None:
    """Before the VM comes."""
    event(hooks, "before_device_migrate_destination", "exit 2")
    with pytest.raises(HookError):
        Vdsm(hooks).prepare_destination(domain_xml("a", VM_ID, [nic()]))


def test_a_relative_hooks_folder_will_do(hooks: Path, seen: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Although scripts start in /."""
    event(hooks, "after_get_caps", f"echo ran > {seen}")
    monkeypatch.chdir(hooks.parent)
    Vdsm(Path("hooks")).get_capabilities({})
    assert seen.read_text() == "ran\n"


def test_capabilities_go_through_after_get_caps(hooks: Path, seen: Path) -> None:
    """As JSON; without a VM."""
    ids = json.dumps({"openstack_binding_host_ids": {"OVIRT_QUANTUM": "host1"}})
    event(hooks, "after_get_caps", f'cat "$_hook_json" > {seen}', f"printf '%s' '{ids}' > \"$_hook_json\"")
    assert Vdsm(hooks).get_capabilities({"cpuCores": "2"}) == json.loads(ids)
    assert json.loads(seen.read_text()) == {"cpuCores": "2"}


def test_a_failing_capabilities_hook_is_ignored_unless_it_breaks_the_json(hooks: Path) -> None:
    """Then the host has none at all."""
    event(hooks, "after_get_caps", 'printf "{" > "$_hook_json"')
    with pytest.raises(json.JSONDecodeError):
        Vdsm(hooks).get_capabilities({})
    script(hooks / "after_get_caps", "50_test", "exit 2")
    assert Vdsm(hooks).get_capabilities({"a": 1}) == {"a": 1}
