"""XML as the engine writes it for VDSM (engine source: LibvirtVmXmlBuilder), children in its order."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from lab.engine.inventory import DEFAULT_MTU, Vnic

OVIRT_VM = "http://ovirt.org/vm/1.0"
OVIRT_TUNE = "http://ovirt.org/vm/tune/1.0"
ET.register_namespace("ovirt-vm", OVIRT_VM)
ET.register_namespace("ovirt-tune", OVIRT_TUNE)

Attributes = Mapping[str, str]


@dataclass(frozen=True)
class NicDevice:
    """A vNIC as a device of one VM run."""

    vnic: Vnic
    runtime: Mapping[str, str] = field(default_factory=dict)  # what Engine.allocate gave
    custom: Mapping[str, str] = field(default_factory=dict)  # the profile's custom properties but SecurityGroups
    model: str = "virtio"
    queues: int = 1
    filter: str | None = None  # the profile's network filter, "vdsm-no-mac-spoofing"
    address: Attributes | None = None  # {"type": "pci", "slot": "0x03", ...}; None until libvirt gave one
    boot_order: int | None = None
    inbound: Attributes | None = None  # the profile's QoS: average, burst, peak
    outbound: Attributes | None = None

    @property
    def alias(self) -> str:
        return f"ua-{self.vnic.id}"


@dataclass(frozen=True)
class DirectBoot:
    """A kernel that QEMU boots without a disk."""

    kernel: Path
    initrd: Path
    cmdline: str = ""


def interface_xml(nic: NicDevice) -> ET.Element:
    """writeInterface for a device of type bridge."""
    network = nic.vnic.network
    interface = ET.Element("interface", type="bridge")
    ET.SubElement(interface, "model", type=nic.model)
    ET.SubElement(interface, "link", state="up" if network and nic.vnic.linked else "down")
    ET.SubElement(interface, "source", bridge=network.vdsm_name if network else ";vdsmdummy;")
    if nic.queues != 1:
        ET.SubElement(interface, "driver", queues=str(nic.queues), name="vhost")
    ET.SubElement(interface, "alias", name=nic.alias)
    if nic.address:
        ET.SubElement(interface, "address", dict(nic.address))
    if nic.boot_order is not None:
        ET.SubElement(interface, "boot", order=str(nic.boot_order))
    ET.SubElement(interface, "mac", address=nic.vnic.mac)
    ET.SubElement(interface, "mtu", size=str(network.vm_mtu if network else DEFAULT_MTU))
    if nic.filter is not None:
        ET.SubElement(interface, "filterref", filter=nic.filter)
    interface.append(_bandwidth(nic))
    return interface


def domain_xml(
    name: str,
    uuid: str,
    nics: Sequence[NicDevice],
    *,
    boot: DirectBoot | None = None,
    memory_mib: int = 128,
    vm_custom: Mapping[str, str] | None = None,
    devices: Sequence[str] = (),
) -> str:
    """buildCreateVm, with only what a lab guest needs and type "qemu" (there is no KVM) for "kvm".

    `devices`: XML of further devices, such as a serial port; they come after the interfaces. `vm_custom`: the VM's
    custom properties.
    """
    domain = ET.Element("domain", type="qemu")
    ET.SubElement(domain, "name").text = name
    ET.SubElement(domain, "uuid").text = uuid
    ET.SubElement(domain, "memory").text = str(memory_mib * 1024)  # KiB
    ET.SubElement(domain, "vcpu").text = "1"
    ET.SubElement(ET.SubElement(domain, "features"), "acpi")
    listed = ET.SubElement(domain, "devices")
    listed.extend(map(interface_xml, nics))
    listed.extend(map(ET.fromstring, devices))
    domain.append(_os(boot))
    metadata = ET.SubElement(domain, "metadata")
    ET.SubElement(metadata, f"{{{OVIRT_TUNE}}}qos")
    vm = ET.SubElement(metadata, f"{{{OVIRT_VM}}}vm")
    vm.append(_custom((vm_custom or {}).items()))
    vm.extend(map(_nic_metadata, nics))
    return _document(domain)


def hotplug_xml(nic: NicDevice) -> str:
    """buildHotplugNic."""
    hotplug = ET.Element("hotplug")
    ET.SubElement(hotplug, "devices").append(interface_xml(nic))
    vm = ET.SubElement(ET.SubElement(hotplug, "metadata"), f"{{{OVIRT_VM}}}vm")
    vm.append(_nic_metadata(nic))
    return _document(hotplug)


def _bandwidth(nic: NicDevice) -> ET.Element:
    """Always there, maybe empty."""
    bandwidth = ET.Element("bandwidth")
    for direction, limits in (("inbound", nic.inbound), ("outbound", nic.outbound)):
        if limits:
            ET.SubElement(bandwidth, direction, dict(limits))
    return bandwidth


def _os(boot: DirectBoot | None) -> ET.Element:
    os = ET.Element("os")
    ET.SubElement(os, "type", arch="x86_64").text = "hvm"
    if boot:
        for tag, value in (("kernel", boot.kernel), ("initrd", boot.initrd), ("cmdline", boot.cmdline)):
            ET.SubElement(os, tag).text = str(value)
    return os


def _nic_metadata(nic: NicDevice) -> ET.Element:
    """writeNetworkInterfaceMetadata: the run's properties, then the profile's own into which they were merged too."""
    device = ET.Element(f"{{{OVIRT_VM}}}device", alias=nic.alias, mac_address=nic.vnic.mac)
    groups = nic.vnic.security_groups
    profile = {**nic.custom, **({} if groups is None else {"SecurityGroups": groups})}
    device.append(_custom([*nic.runtime.items(), *{**profile, **nic.runtime}.items()]))
    return device


def _custom(properties: Iterable[tuple[str, str]]) -> ET.Element:
    custom = ET.Element(f"{{{OVIRT_VM}}}custom")
    for key, value in properties:
        ET.SubElement(custom, f"{{{OVIRT_VM}}}{key}").text = value
    return custom


def _document(root: ET.Element) -> str:
    return '<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(root, encoding="unicode")
