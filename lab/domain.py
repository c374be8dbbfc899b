"""The domain XML of a lab guest (libvirt.org/formatdomain.html)."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence
from pathlib import Path

from lab.guest import Guest

# Not KVM: inside a virtual machine /dev/kvm may exist and yet hang its guests. And without KVM no memory of a round
# size: before QEMU 9.0 the migration of a block of a multiple of 256 KiB misses pages that translated code writes
# (cpu_physical_memory_sync_dirty_bitmap cleared dirty bits in words of 64 pages without telling the TLB), and the
# guest panics at its new host. libvirt rounds to MiB, so the size that counts is said to QEMU itself.
_MEMORY = 160 * 1024 * 1024 + 8192  # bytes; QEMU wants a multiple of 8192
_FRAME = f"""\
<domain type='qemu' xmlns:qemu='http://libvirt.org/schemas/domain/qemu/1.0'>
  <memory unit='MiB'>160</memory>
  <vcpu>1</vcpu>
  <os><type arch='x86_64' machine='q35'>hvm</type><kernel/><initrd/><cmdline/></os>
  <features><acpi/></features>
  <on_reboot>destroy</on_reboot>
  <on_crash>destroy</on_crash>
  <devices>
    <serial type='file'><source append='on'/><target port='0'/></serial>
    <serial type='unix'><source mode='bind'/><target port='1'/></serial>
    <memballoon model='none'/>
  </devices>
  <qemu:commandline>
    <qemu:arg value='-object'/><qemu:arg value='memory-backend-ram,id=guest.ram,size={_MEMORY}'/>
    <qemu:arg value='-m'/><qemu:arg value='{_MEMORY}B'/>
    <qemu:arg value='-machine'/><qemu:arg value='memory-backend=guest.ram'/>
  </qemu:commandline>
</domain>
"""
_KEPT = ("name", "uuid", "metadata")


def boot_guest(domain_xml: str, guest: Guest, arguments: Sequence[str], *, console: Path, commands: str) -> str:
    """A domain that boots `guest` with the name, uuid, metadata and `<interface>`s of `domain_xml`.

    `arguments` are added to the kernel's command line. The first serial port writes to the file `console`, the
    second listens on the Unix socket `commands` (a path as seen inside the host).
    """
    given = ET.fromstring(domain_xml)
    domain = ET.fromstring(_FRAME)
    domain[:0] = [element for tag in _KEPT if (element := given.find(tag)) is not None]
    _part(domain, "os/kernel").text = str(guest.kernel)
    _part(domain, "os/initrd").text = str(guest.initramfs)
    _part(domain, "os/cmdline").text = " ".join(["console=ttyS0", "quiet", "panic=-1", *arguments])
    _part(domain, "devices/serial[1]/source").set("path", str(console))
    _part(domain, "devices/serial[2]/source").set("path", commands)
    _part(domain, "devices").extend(given.iterfind("devices/interface"))
    return ET.tostring(domain, encoding="unicode")


def plain_domain(name: str, *interfaces: str) -> str:
    """The least domain XML with these `<interface>` elements, for plugging by hand."""
    return f"<domain><name>{name}</name><devices>{''.join(interfaces)}</devices></domain>"


def vlan_interface(mac: str, port_id: str, vlan: int) -> str:
    """A NIC on br-int in a VLAN as libvirt plugs it into Open vSwitch; `port_id` becomes the OVS iface-id."""
    return f"""\
<interface type='bridge'>
  <mac address='{mac}'/>
  <source bridge='br-int'/>
  <vlan><tag id='{vlan}'/></vlan>
  <virtualport type='openvswitch'><parameters interfaceid='{port_id}'/></virtualport>
  <model type='virtio'/>
</interface>"""


def _part(domain: ET.Element, path: str) -> ET.Element:
    part = domain.find(path)
    assert part is not None, path
    return part
