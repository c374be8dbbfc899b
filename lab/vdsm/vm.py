"""VDSM as hooks see it: which event runs when in a VM's life, on what, and whether what it writes is used.

It follows VDSM 4.50 (lib/vdsm/virt/vm.py, domxml_preprocess.py, API.py). libvirt's part is the caller's.
"""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from collections.abc import Callable, Mapping
from pathlib import Path

from lab.vdsm.devices import Custom, custom_devices, device_custom, document, find, pretty, vm_configuration
from lab.vdsm.hooks import HookError, HookRun, Run, VmConfiguration, run_here, run_hooks

HOOKS_FOLDER = Path("/usr/libexec/vdsm/hooks")


class Vdsm:
    """The VDSM of one host."""

    def __init__(self, hooks: Path = HOOKS_FOLDER, *, run: Run = run_here, seen_as: Path | None = None) -> None:
        """`hooks` as this process finds the folder; `run` executes a script on the host, where it is `seen_as`.

        For a lab host: `Vdsm(host.hooks_folder, run=lambda argv, env, timeout: host.run(argv, env=env,
        timeout=timeout, check=False), seen_as=HOOKS_FOLDER)`.
        """
        self._hooks = hooks.absolute()  # scripts start in /
        self._run = run
        self._seen_as = seen_as or self._hooks

    def create(self, engine_xml: str) -> str:
        """Cold start, up to the domain XML for libvirt: before_device_create per device, then before_vm_start.

        Each device with custom metadata, be it empty, is replaced by what its hooks wrote, at the end of <devices>.
        Raises HookError: the VM does not start; xml.etree.ElementTree.ParseError if a hook left no XML.
        """
        domain = ET.fromstring(engine_xml)
        vm = vm_configuration(domain)
        devices = find(domain, "devices")
        replaced = [
            (device, ET.fromstring(self._event("before_device_create", pretty(device), custom, vm).data_or_error()))
            for device, custom in custom_devices(domain)
        ]
        for device, _ in replaced:
            devices.remove(device)
        devices.extend(new for _, new in replaced)
        started = self._event("before_vm_start", pretty(domain), {}, vm)
        if started.errors:
            raise HookError(started.errors[-1])  # here it is the last failing script that is quoted
        return started.data

    def created(self, engine_xml: str, live_xml: str) -> None:
        """The domain runs: after_vm_start on its live XML, after_device_create per device on an EMPTY file.

        Only devices with a non-empty custom dictionary; errors are ignored.
        """
        domain = ET.fromstring(engine_xml)
        vm = vm_configuration(domain)
        self._event("after_vm_start", live_xml, {}, vm)
        for _, custom in custom_devices(domain):
            if custom:
                self._event("after_device_create", "", custom, vm)

    def hot_plug(self, engine_xml: str, hotplug_xml: str, attach: Callable[[str], None]) -> str:
        """hotplugNic: before_nic_hotplug, `attach` (libvirt's attachDevice), after_nic_hotplug or ..._fail.

        `engine_xml` is the running VM's. The XML that was attached; before_device_create is not run.
        Raises HookError: nothing was attached; and what `attach` raises.
        """
        vm = vm_configuration(ET.fromstring(engine_xml))
        hotplug = ET.fromstring(hotplug_xml)
        (interface,) = find(hotplug, "devices")
        custom = device_custom(hotplug, interface) or {}
        plugged = self._event("before_nic_hotplug", document(interface), custom, vm).data_or_error()
        try:
            attach(plugged)
        except Exception:
            self._event("after_nic_hotplug_fail", plugged, custom, vm)
            raise
        self._event("after_nic_hotplug", plugged, custom, vm)
        return plugged

    def hot_unplug(self, engine_xml: str, interface_xml: str, custom: Custom, detach: Callable[[], None]) -> None:
        """hotunplugNic: before_nic_hotunplug on VDSM's own idea of the NIC; what it writes is dropped.

        Raises HookError: nothing was detached; and what `detach` raises.
        """
        vm = vm_configuration(ET.fromstring(engine_xml))
        self._event("before_nic_hotunplug", interface_xml, custom, vm).data_or_error()
        try:
            detach()
        except Exception:
            self._event("after_nic_hotunplug_fail", interface_xml, custom, vm)
            raise
        self._event("after_nic_hotunplug", interface_xml, custom, vm)

    def prepare_destination(self, source_xml: str) -> None:
        """On a migration's destination, before the VM comes: nothing that a hook writes is used.

        `source_xml` is the source's domain XML. before_device_create does not run. Raises HookError: no migration.
        """
        domain = ET.fromstring(source_xml)
        vm = vm_configuration(domain)
        for device, custom in custom_devices(domain):
            if custom:
                self._event("before_device_migrate_destination", document(device), custom, vm).data_or_error()
        self._event("before_vm_migrate_destination", source_xml, {}, vm).data_or_error()

    def arrived(self, source_xml: str) -> None:
        """On the destination, when the VM runs there. Errors are ignored."""
        domain = ET.fromstring(source_xml)
        vm = vm_configuration(domain)
        self._event("after_vm_migrate_destination", source_xml, {}, vm)
        for device, custom in custom_devices(domain):
            if custom:
                self._event("after_device_migrate_destination", document(device), custom, vm)

    def get_capabilities(self, capabilities: Mapping[str, object]) -> dict[str, object]:
        """getCapabilities: what after_get_caps made of `capabilities`; failing scripts are ignored.

        Raises json.JSONDecodeError if one left no JSON: the host then reports no capabilities at all.
        """
        folder, seen_as = self._hooks / "after_get_caps", self._seen_as / "after_get_caps"
        ran = run_hooks(folder, json.dumps(capabilities), kind="json", run=self._run, seen_as=seen_as)
        changed: dict[str, object] = json.loads(ran.data)
        return changed

    def _event(self, event: str, data: str, params: Custom, vm: VmConfiguration) -> HookRun:
        folder, seen_as = self._hooks / event, self._seen_as / event
        return run_hooks(folder, data, params, vm, run=self._run, seen_as=seen_as)
