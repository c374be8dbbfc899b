"""A port: a logical switch port, its addresses, and what it may send (ovn-nb(5), Logical_Switch_Port)."""

from collections.abc import Mapping

from ovirt_quantum.model import ROUTER_GATEWAY, Port
from ovirt_quantum.plugin import PORT, DesiredPort, Ref

from . import dhcp, dns, firewall, network, qos, router_port, subnet, tap_mirror
from .ovsdb.values import Uuid, Writable
from .rows import Extent, Holder, Place, Row, Wanted, derived, marked
from .security_group import MEMBERS, drop_group, skeleton


def port_of(id: str) -> Place:
    return Place("Logical_Switch_Port", id)


def extent(id: str) -> Extent:
    held = {
        port_of(id): (network.PORTS, MEMBERS),
        qos.rule_of(id, "egress"): (qos.RULES,),
        qos.rule_of(id, "ingress"): (qos.RULES,),
        dns.records_of(id): (dns.RECORDS,),
    }
    return Extent((*held, own_options(id, 4), own_options(id, 6)), held)


def own_options(port_id: str, version: int) -> Place:
    """DHCP options that are the port's alone."""
    return Place("DHCP_Options", derived(port_id, f"dhcpv{version}"))


def wanted(desired: DesiredPort, deployment: str, binding: Mapping[str, str] | None) -> Wanted:
    """binding: the options that say on which hosts the port may be (`binding.options`); None: they stay as they are.

    Raises Refused for DHCP options that can't be.
    """
    if router_port.is_routers(desired.port):
        return _routers(desired, deployment)
    port, place = desired.port, port_of(desired.port.id)
    served = {version: _dhcp(desired, version, deployment) for version in (4, 6)}
    groups = _groups(port, deployment)
    columns: dict[str, Writable] = {
        "name": port.id,
        "type": "",
        "addresses": frozenset(_addresses(port)),
        "port_security": frozenset(_port_security(port)),
        "enabled": port.admin_state_up and desired.network.admin_state_up,
        "dhcpv4_options": _reference(served[4]),
        "dhcpv6_options": _reference(served[6]),
        "external_ids": marked(deployment, Ref(PORT, port.id), port.name),
    }
    if binding is not None:
        columns["options"] = {**binding, **qos.options(desired)}
    own = [row for version, row in served.items() if row and row.place == own_options(port.id, version)]
    others = [row for row in served.values() if row and row not in own]
    switch = network.switch_row(desired.network, deployment)
    holders = {Holder(row.place, "ports") for row in (switch, *groups)}
    if port.port_security_enabled:
        drop, *entries = drop_group(deployment)
        own += [drop, *entries]
        holders.add(Holder(drop.place, "ports"))
    held = {place: frozenset(holders)}
    for (_, column), made in ((qos.RULES, qos.rows(desired, deployment)), (dns.RECORDS, dns.rows(desired, deployment))):
        own += made
        held |= {row.place: frozenset({Holder(switch.place, column)}) for row in made}
    mirrors = [row for mirror in desired.mirrors for row in tap_mirror.rows(mirror, deployment)]
    held |= {row.place: frozenset({Holder(place, tap_mirror.RULES)}) for row in mirrors}
    return Wanted((Row(place, columns), *own), (switch, *others, *groups, *mirrors), held)


def _routers(desired: DesiredPort, deployment: str) -> Wanted:
    """The switch's end of a router's port. Whatever translates there is made known to the outer network."""
    port, place = desired.port, port_of(desired.port.id)
    options = {"router-port": router_port.port_name(port.id)}
    if port.device_owner == ROUTER_GATEWAY:
        options |= {"nat-addresses": "router", "exclude-lb-vips-from-garp": "false"}
    columns: dict[str, Writable] = {
        "name": port.id,
        "type": "router",
        "addresses": frozenset({"router"}),
        "port_security": frozenset(),
        "enabled": port.admin_state_up and desired.network.admin_state_up,
        "options": options,
        "external_ids": marked(deployment, Ref(PORT, port.id), port.name),
    }
    switch = network.switch_row(desired.network, deployment)
    guards = [] if desired.firewall_group is None else [firewall.skeleton(desired.firewall_group, deployment)]
    holders = frozenset(Holder(row.place, "ports") for row in (switch, *guards))
    return Wanted((Row(place, columns),), (switch, *guards), {place: holders})


def _dhcp(desired: DesiredPort, version: int, deployment: str) -> Row | None:
    """The row of DHCP options that the port refers to: of the first subnet served that it has an address of, or, with
    options of its own, a row of its own."""
    port = desired.port
    for each in desired.subnets:
        if each.ip_version == version and subnet.is_served(each):
            break
    else:
        return None
    if not dhcp.of_version(port, version):
        return subnet.row(each, desired.network, deployment)
    columns: dict[str, Writable] = {
        "cidr": each.cidr,
        "options": dhcp.options(port, each, desired.network),
        "external_ids": marked(deployment, Ref(PORT, port.id), port.name),
    }
    return Row(own_options(port.id, version), columns)


def _reference(row: Row | None) -> Uuid | None:
    return Uuid(row.place.uuid) if row else None


def _addresses(port: Port) -> list[str]:
    """What the switch sends to this port. "unknown": also what is for a MAC that no port of the switch has.

    Of that a port under port security is given what is for the MACs of its pairs; several ports may have the same pair.
    """
    own = " ".join([port.mac_address, *_ips(port)])
    others = any(pair.mac_address not in (None, port.mac_address) for pair in port.allowed_address_pairs)
    return [own, "unknown"] if others or not port.port_security_enabled else [own]


def _port_security(port: Port) -> list[str]:
    """The addresses that the VM may send from: one entry a MAC; nothing: any."""
    if not port.port_security_enabled:
        return []
    allowed: dict[str, list[str]] = {port.mac_address: list(_ips(port))}
    for pair in port.allowed_address_pairs:
        allowed.setdefault(pair.mac_address or port.mac_address, []).append(pair.ip_address)
    return [" ".join([mac, *dict.fromkeys(ips)]) for mac, ips in allowed.items()]


def _ips(port: Port) -> list[str]:
    return [fixed.ip_address for fixed in port.fixed_ips if fixed.ip_address is not None]


def _groups(port: Port, deployment: str) -> list[Row]:
    return [skeleton(id, deployment) for id in port.security_groups or []] if port.port_security_enabled else []
