"""DHCP options of one port alone: Neutron's names and values as OVN's (extra_dhcp_opts; ovn-nb(5), DHCP_Options).

Which options there are, their codes and types, is what OVN 23.03 itself lists in its southbound database.
"""

from ipaddress import IPv4Address, IPv6Address

from ovirt_quantum.errors import Refused
from ovirt_quantum.model import DhcpOption, Network, Port, Subnet

from . import subnet as subnets

NAMES_BY_CODE = {
    4: {
        1: "netmask",
        3: "router",
        6: "dns_server",
        7: "log_server",
        9: "lpr_server",
        12: "hostname",
        15: "domain_name",
        16: "swap_server",
        19: "ip_forward_enable",
        21: "policy_filter",
        23: "default_ttl",
        26: "mtu",
        28: "broadcast_address",
        31: "router_discovery",
        32: "router_solicitation",
        35: "arp_cache_timeout",
        36: "ethernet_encap",
        37: "tcp_ttl",
        38: "tcp_keepalive_interval",
        41: "nis_server",
        42: "ntp_server",
        44: "netbios_name_server",
        46: "netbios_node_type",
        51: "lease_time",
        58: "T1",
        59: "T2",
        66: "tftp_server",
        67: "bootfile_name",
        119: "domain_search_list",
        121: "classless_static_route",
        150: "tftp_server_address",
        210: "path_prefix",
        249: "ms_classless_static_route",
        252: "wpad",
    },
    6: {23: "dns_server"},
}
"""Not here: DHCPv6's domain_search, which OVN 23.03 writes as one label, dots and all, so that clients drop it."""
ALIASES = {"server_ip_address": "next_server", "ip_forward": "ip_forward_enable", "T1": "T1", "T2": "T2"}
"""dnsmasq's words, which Neutron's clients use, where OVN has another."""
TEXTS = frozenset({"hostname", "domain_name", "bootfile_name", "path_prefix", "wpad", "domain_search_list"})
NUMBERS = frozenset({"default_ttl", "mtu", "arp_cache_timeout", "tcp_ttl", "tcp_keepalive_interval"}) | {
    "netbios_node_type",
    "lease_time",
    "T1",
    "T2",
}
SWITCHES = frozenset({"ip_forward_enable", "router_discovery", "ethernet_encap"})
ROUTES = frozenset({"classless_static_route", "ms_classless_static_route"})
EITHER = "tftp_server"
"""An address or a name."""


def options(port: Port, subnet: Subnet, network: Network) -> dict[str, str]:
    """The subnet's options with the port's own over them; one with the value None is left out. Raises Refused."""
    found = subnets.options(subnet, network)
    for option in of_version(port, subnet.ip_version):
        name = name_of(option)
        if option.opt_value is None:
            found.pop(name, None)
        else:
            found[name] = _value(option, name, option.opt_value)
    return found


def of_version(port: Port, version: int) -> list[DhcpOption]:
    return [option for option in port.extra_dhcp_opts if option.ip_version == version]


def check(port: Port) -> None:
    """Raises Refused for an option that OVN does not know, or a value that it does not take."""
    for option in port.extra_dhcp_opts:
        name = name_of(option)
        if option.opt_value is not None:
            _value(option, name, option.opt_value)


def name_of(option: DhcpOption) -> str:
    """OVN's name of the option: given by name, with or without "option:", or by its code. Raises Refused."""
    known = NAMES_BY_CODE[option.ip_version]
    word = option.opt_name.removeprefix("option:").removeprefix("option6:")
    if word.isascii() and word.isdecimal() and int(word) in known:
        return known[int(word)]
    word = word.replace("-", "_")
    name = ALIASES.get(word, word)
    if name in known.values() or (name == "next_server" and option.ip_version == 4):
        return name
    raise Refused(f"extra_dhcp_opts: OVN serves no DHCPv{option.ip_version} option '{option.opt_name}'")


def _value(option: DhcpOption, name: str, given: str) -> str:
    try:
        return _typed(name, given, option.ip_version)
    except ValueError as error:
        raise Refused(f"extra_dhcp_opts: {option.opt_name}: {error}") from None


def _typed(name: str, given: str, version: int) -> str:
    if name in TEXTS:
        return _quoted(given)
    if name in NUMBERS:
        return str(_number(given))
    if name in SWITCHES:
        return "1" if _truth(given) else "0"
    if name in ROUTES:
        return _routes(given)
    if name == EITHER and not _is_address(given):
        return _quoted(given)
    return _addresses(given, version)


def _quoted(text: str) -> str:
    """OVN parses the value as an expression: only quoted is it a text (ovn-sb(5), Logical_Flow)."""
    if not text or any(c in text for c in '"\\\n'):
        raise ValueError(f"'{text}' can't be written as a DHCP text")
    return f'"{text}"'


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) < 2**32):
        raise ValueError(f"'{text}' is not a number that the option can have")
    return int(text)


def _truth(text: str) -> bool:
    words = {"1": True, "true": True, "0": False, "false": False}
    if text.lower() not in words:
        raise ValueError(f"'{text}' is neither 0 nor 1")
    return words[text.lower()]


def _addresses(text: str, version: int) -> str:
    family = IPv4Address if version == 4 else IPv6Address
    found = [str(family(part.strip())) for part in text.strip("{}").split(",")]
    return found[0] if len(found) == 1 else "{" + ", ".join(found) + "}"


def _routes(text: str) -> str:
    """`DESTINATION,NEXT-HOP,DESTINATION,NEXT-HOP ...`, as dnsmasq takes them."""
    parts = [part.strip() for part in text.strip("{}").split(",")]
    if len(parts) % 2:
        raise ValueError(f"'{text}' is not pairs of a destination and a next hop")
    for address in parts[1::2]:
        IPv4Address(address)
    pairs = [f"{destination},{hop}" for destination, hop in zip(parts[::2], parts[1::2], strict=True)]
    return "{" + ", ".join(pairs) + "}"


def _is_address(text: str) -> bool:
    try:
        IPv4Address(text)
    except ValueError:
        return False
    return True
