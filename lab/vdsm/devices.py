"""The engine's domain XML as VDSM reads it: which devices have custom properties, and how they look to a hook.

It follows VDSM 4.50 (lib/vdsm/virt/metadata.py, virt/vmdevices, common/xmlutils.py).
"""

from __future__ import annotations

import xml.etree.ElementTree as ET

from lab.engine.domain_xml import OVIRT_VM
from lab.vdsm.hooks import VmConfiguration

_HOOKED = ("interface", "hostdev", "lease")  # devices that VDSM has a class for, but disks

Custom = dict[str, str]


def vm_configuration(domain: ET.Element) -> VmConfiguration:
    """The VM's id and its custom properties in the metadata."""
    custom = domain.find(f"metadata/{{{OVIRT_VM}}}vm/{{{OVIRT_VM}}}custom")
    return VmConfiguration(domain.findtext("uuid", ""), {} if custom is None else _properties(custom))


def custom_devices(domain: ET.Element) -> list[tuple[ET.Element, Custom]]:
    """Devices with custom metadata, in the document's order; the dictionary may be empty."""
    found = []
    for device in find(domain, "devices"):
        custom = device_custom(domain, device) if device.tag in _HOOKED else None
        if custom is not None:
            found.append((device, custom))
    return found


def device_custom(document: ET.Element, device: ET.Element) -> Custom | None:
    """The custom properties of a device; None if its metadata has no <custom>, or it has no metadata.

    Raises LookupError if several metadata match it.
    """
    wanted = _identity(device)
    listed = document.iterfind(f"metadata/{{{OVIRT_VM}}}vm/{{{OVIRT_VM}}}device")
    matching = [metadata for metadata in listed if wanted.items() <= metadata.attrib.items()]
    if len(matching) > 1:
        raise LookupError(f"{len(matching)} metadata match the device {wanted}")
    custom = matching[0].find(f"{{{OVIRT_VM}}}custom") if matching else None
    return None if custom is None else _properties(custom)


def pretty(element: ET.Element) -> str:
    """As VDSM hands devices to before_device_create: with a prolog, indented by four."""
    copy = ET.fromstring(ET.tostring(element))
    ET.indent(copy, space="    ")
    copy.tail = "\n"
    return document(copy)


def document(element: ET.Element) -> str:
    """With a prolog, as it stands."""
    encoded: bytes = ET.tostring(element, encoding="utf-8", xml_declaration=True)
    return encoded.decode()


def find(element: ET.Element, tag: str) -> ET.Element:
    """The child that must be there. Raises LookupError."""
    found = element.find(tag)
    if found is None:
        raise LookupError(f"<{element.tag}> has no <{tag}>")
    return found


def _identity(device: ET.Element) -> Custom:
    """The attributes that its metadata must have (VDSM's get_identifying_attrs)."""
    alias = device.find("alias")
    name = "" if alias is None else alias.get("name", "")
    if device.tag == "interface":
        mac = {"mac_address": find(device, "mac").get("address", "")}
        return mac if device.find("teaming") is None else mac | {"alias": name}
    mediated = device.find("source/address[@uuid]")
    if mediated is not None:
        return {"devtype": device.tag, "uuid": mediated.get("uuid", "")}
    return {"devtype": device.tag, "name": device.findtext("key", "") if device.tag == "lease" else name}


def _properties(custom: ET.Element) -> Custom:
    """Leaves only; of a repeated key the last counts; no text is ""."""
    return {leaf.tag.removeprefix(f"{{{OVIRT_VM}}}"): leaf.text or "" for leaf in custom if not len(leaf)}
