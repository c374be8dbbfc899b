"""The oVirt engine as an external network provider sees it: the exact requests, in order, and the strict reading.

It follows oVirt/ovirt-engine 4.5.7 (BaseNetworkProviderProxy and the commands that use it) on openstack-java-sdk
3.2.9. Rows that the engine keeps in its database (`lab.engine.inventory`) are passed in by the caller.
"""

from __future__ import annotations

import http.client
from collections.abc import Sequence

from lab.engine.client import Client
from lab.engine.errors import EngineError, NullPointer, ProviderFailure, Refused
from lab.engine.inventory import EngineDataCentre, EngineHost, Event, LogicalNetwork, Vnic
from lab.engine.models import Network, Subnet
from lab.engine.provider import Provider
from lab.engine.requests import (
    DeviceProperties,
    binding_host_id,
    changed_port,
    device_properties,
    locate_port,
    network_type,
    new_network,
    new_port,
    new_subnet,
)
from lab.engine.sync import synchronise


class Engine:
    """One engine with one provider. Every method is one action, with a client and thus a token of its own."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.events: list[Event] = []

    def test_connection(self) -> None:
        """The "Test" button: GET /v2.0/. Raises ProviderFailure."""
        Client(self.provider).check()

    def import_networks(self) -> list[Network]:
        """The import dialog: GET networks; public and external ones are offered like any other."""
        return Client(self.provider).networks()

    def import_network(self, network_id: str) -> LogicalNetwork:
        """Import from the dialog: GET networks/{id}."""
        return LogicalNetwork.from_provider(Client(self.provider).network(network_id))

    def import_network_by_rest(self, network_id: str) -> LogicalNetwork:
        """Import by the engine's REST API: GET networks; MTU, port security and physical network are lost."""
        for network in Client(self.provider).networks():
            if network.id == network_id:
                return LogicalNetwork(network.name or "", network.id)
        raise Refused(f"provider {self.provider.name} lists no network {network_id}")

    def create_network(
        self,
        name: str,
        mtu: int | None = None,
        port_security: bool | None = None,
        physical_network: str | None = None,
        vlan: int | None = None,
    ) -> LogicalNetwork:
        """A new logical network with "create on external provider": POST networks."""
        self._refuse_read_only()
        if vlan is not None and physical_network is None:
            raise Refused(f"network {name!r}: a VLAN without a physical network (externalNetworkVlanValid)")
        network = LogicalNetwork(name, None, mtu or 0, port_security=port_security)
        if physical_network is not None:
            network.custom_physical_network, network.external_vlan = physical_network, vlan
            network.network_type = network_type(vlan)
        entity = new_network(network, self.provider.requires_authentication)
        network.external_id = Client(self.provider).create_network(entity).id
        return network

    def remove_network(self, network: LogicalNetwork) -> None:
        """Remove a network with "also on the provider": DELETE networks/{id}."""
        self._refuse_read_only()
        Client(self.provider).delete_network(network.external_id or "")

    def list_subnets(self, network_id: str) -> list[Subnet]:
        """The subnet tab: GET subnets, filtered here."""
        return [subnet for subnet in Client(self.provider).subnets() if subnet.network_id == network_id]

    def add_subnet(
        self,
        network_id: str,
        name: str,
        cidr: str,
        ip_version: int,
        gateway: str | None = None,
        dns: Sequence[str] | None = None,
    ) -> None:
        """GET networks/{id}, POST subnets."""
        self._refuse_read_only()
        client = Client(self.provider)
        client.create_subnet(new_subnet(client.network(network_id), name, cidr, ip_version, gateway, dns))

    def remove_subnet(self, subnet_id: str) -> None:
        """DELETE subnets/{id}."""
        self._refuse_read_only()
        Client(self.provider).delete_subnet(subnet_id)

    def allocate(self, vnic: Vnic, host: EngineHost) -> DeviceProperties:
        """VM start or hot plug, before VDSM is called: GET ports, then GET network and POST port, or PUT, or nothing.

        The device properties that VDSM's hooks get for this vNIC. Raises ProviderFailure: the VM does not start.
        """
        return self._allocate(vnic, host, security_groups_too=True)

    def migrated(self, vnic: Vnic, host: EngineHost) -> DeviceProperties:
        """After a migration has finished: GET ports, and PUT of host and MAC; security groups are not looked at."""
        return self._allocate(vnic, host, security_groups_too=False)

    def deallocate(self, vnic: Vnic) -> None:
        """NIC or VM removed: GET ports, DELETE ports/{id} if it is there. A ProviderFailure becomes event 1149."""
        client = Client(self.provider)
        try:
            port = locate_port(client.ports(), vnic)
            if port is not None:
                client.delete_port(port.id or "")
        except ProviderFailure as failure:
            self._log(1149, f"Failed to remove port of {vnic.name} ({vnic.id}) on {self.provider.name}: {failure}")

    def autosync(self, data_centre: EngineDataCentre) -> Event:
        """One round of auto_sync, made every 300 s; does nothing if the provider has it switched off.

        The event that tells how it went: 217 done, 218 done in part, 216 failed, 219 auto_sync was switched off because
        the provider said 401. Events 223 and 224 surround it. Raises Refused.
        """
        if not self.provider.auto_sync:
            return Event(0, f"auto_sync of {self.provider.name} is off")
        self.provider.check_authentication()
        self._log(223, f"Synchronising {self.provider.name}")
        outcome = self._synchronise(data_centre)
        self._log(224, f"Synchronised {self.provider.name}")
        self.events.append(outcome)
        return outcome

    def _allocate(self, vnic: Vnic, host: EngineHost, *, security_groups_too: bool) -> DeviceProperties:
        if vnic.network is None or vnic.network.external_id is None:
            raise Refused(f"vNIC {vnic.name} is on no external network")
        client, host_id = Client(self.provider), binding_host_id(self.provider, host)
        port = locate_port(client.ports(), vnic)
        if port is None:
            network = client.network(vnic.network.external_id)
            port = client.create_port(new_port(vnic, network, host_id))
        elif changes := changed_port(port, vnic, host_id, security_groups_too=security_groups_too):
            client.update_port(port.id or "", changes)
        return device_properties(self.provider, port)

    def _synchronise(self, data_centre: EngineDataCentre) -> Event:
        try:
            provided = [LogicalNetwork.from_provider(network) for network in Client(self.provider).networks()]
        except (ProviderFailure, NullPointer) as failure:
            return self._sync_failed(failure)
        failures = synchronise(data_centre, provided)
        return Event(218, "; ".join(failures)) if failures else Event(217, f"{len(provided)} networks are in step")

    def _sync_failed(self, failure: EngineError) -> Event:
        if isinstance(failure, ProviderFailure) and failure.status == http.client.UNAUTHORIZED:
            self.provider.auto_sync = False
            return Event(219, f"auto_sync of {self.provider.name} is switched off: {failure}")
        return Event(216, f"Failed to synchronise {self.provider.name}: {failure}")

    def _refuse_read_only(self) -> None:
        if self.provider.read_only and self.provider.type == "EXTERNAL_NETWORK":
            raise Refused(f"provider {self.provider.name} is read only")

    def _log(self, code: int, text: str) -> None:
        self.events.append(Event(code, text))
