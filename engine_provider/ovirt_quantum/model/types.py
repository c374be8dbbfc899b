"""The types of attributes that JSON has no word for. Each is a `str` that is only ever well-formed."""

import ipaddress
import re
from collections.abc import Mapping
from typing import Annotated, ClassVar, Self
from uuid import UUID

import msgspec
import netaddr


class Text(str):
    """A string that `parse` has checked and put in its canonical form."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        """Returns the canonical form; raises ValueError with a sentence for the client."""
        raise NotImplementedError


class Uuid(Text):
    """RFC 4122, 8-4-4-4-12 lower-case hex digits; libvirt reads a port's id as such (interfaceid)."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        try:
            canonical = str(UUID(value))
        except ValueError:
            raise ValueError(f"'{value}' is not a valid UUID") from None
        if canonical != value.lower():
            raise ValueError(f"'{value}' is not a valid UUID")
        return cls(canonical)


class MacAddress(Text):
    """A unicast MAC address, six lower-case hex pairs with colons (IEEE 802)."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        if not re.fullmatch("[0-9A-Fa-f:.-]+", value):  # netaddr overlooks a line's end
            raise ValueError(f"'{value}' is not a valid MAC address")
        try:
            address = netaddr.EUI(value, version=48, dialect=netaddr.mac_unix_expanded)
        except (netaddr.AddrFormatError, ValueError):
            raise ValueError(f"'{value}' is not a valid MAC address") from None
        if address.words[0] & 1:
            raise ValueError(f"'{value}' is a multicast MAC address, a port needs a unicast one")
        if int(address) == 0:
            raise ValueError(f"'{value}' is not a MAC address a port can have")
        return cls(str(address))


class IpAddress(Text):
    """An IPv4 or IPv6 address in its shortest form (RFC 5952)."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        try:
            address = ipaddress.ip_address(value)
        except ValueError:
            raise ValueError(f"'{value}' is not a valid IP address") from None
        if "%" in value:
            raise ValueError(f"'{value}' has a zone, which means something on one machine only (RFC 4007)")
        return cls(str(address))


class Cidr(Text):
    """A network in CIDR form. Host bits are refused: they are a typing error more often than not."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        if "/" not in value or "%" in value:
            raise ValueError(f"'{value}' is not a valid CIDR: it takes an address and a prefix length")
        try:
            network = ipaddress.ip_network(value, strict=False)
        except ValueError:
            raise ValueError(f"'{value}' is not a valid CIDR") from None
        if str(network.network_address) != str(ipaddress.ip_address(value.partition("/")[0])):
            raise ValueError(f"'{value}' is not a valid CIDR: it has host bits, '{network}' has not")
        return cls(str(network))


class IpPrefix(Text):
    """An address with a prefix length; without one it is one address. Host bits stay, as they do in Neutron."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        return cls(_interface(value))


class AddressBlock(Text):
    """An address with a prefix length, which it must have; host bits are dropped, as Neutron's address groups do."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        if "/" not in value:
            raise ValueError(f"'{value}' is not a valid CIDR: it takes an address and a prefix length")
        return cls(str(ipaddress.ip_interface(_interface(value)).network))


class AddressOrBlock(Text):
    """An address, or a block of them with its prefix length; either stays what it was."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        interface = _interface(value)
        return cls(interface if "/" in value else interface.partition("/")[0])


class EtherType(Text):
    """`IPv4` or `IPv6`, whatever the case."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        for known in ("IPv4", "IPv6"):
            if value.lower() == known.lower():
                return cls(known)
        raise ValueError(f"'{value}' is neither IPv4 nor IPv6")


class IpProtocol(Text):
    """An IP protocol by one of Neutron's names or by its number, 0 to 255. Which of the two is kept."""

    __slots__ = ()

    NUMBERS: ClassVar[Mapping[str, int]] = {
        "ip": 0,
        "hopopt": 0,
        "icmp": 1,
        "igmp": 2,
        "ipip": 4,
        "tcp": 6,
        "egp": 8,
        "udp": 17,
        "dccp": 33,
        "ipv6-encap": 41,
        "ipv6-route": 43,
        "ipv6-frag": 44,
        "rsvp": 46,
        "gre": 47,
        "esp": 50,
        "ah": 51,
        "ipv6-icmp": 58,
        "icmpv6": 58,
        "ipv6-nonxt": 59,
        "ipv6-opts": 60,
        "ospf": 89,
        "vrrp": 112,
        "pgm": 113,
        "sctp": 132,
        "udplite": 136,
    }
    """neutron-lib, IP_PROTOCOL_MAP; `any` stands beside it."""

    @classmethod
    def parse(cls, value: str) -> Self:
        name = value.lower()
        if name == "any" or name in cls.NUMBERS:
            return cls(name)
        if value.isascii() and value.isdigit() and len(value) <= 3 and int(value) <= 255:
            return cls(int(value))
        raise ValueError(f"protocol '{value}' is neither a number, 0 to 255, nor one of any, {', '.join(cls.NUMBERS)}")

    @property
    def number(self) -> int:
        """Raises KeyError for `any`."""
        return int(self) if self.isdigit() else self.NUMBERS[self]


class ForwardedProtocol(Text):
    """`tcp` or `udp`, whatever the case."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        if value.lower() not in ("tcp", "udp"):
            raise ValueError(f"'{value}' is neither tcp nor udp")
        return cls(value.lower())


class PortRange(Text):
    """TCP or UDP ports, both ends included: `8000:8009`; one port is a range of one."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        first, _, last = value.partition(":")
        last = last or first
        if not all(end.isascii() and end.isdigit() and len(end) <= 5 for end in (first, last)):
            raise ValueError(f"'{value}' is not a range of ports such as 8000:8009")
        if not 1 <= int(first) <= int(last) <= 65535:
            raise ValueError(f"'{value}' is not a range of ports between 1 and 65535, the lower one first")
        return cls(f"{int(first)}:{int(last)}")

    @property
    def ends(self) -> tuple[int, int]:
        first, _, last = self.partition(":")
        return int(first), int(last)


class DnsName(Text):
    """A host name below its network's domain: labels of letters, digits and hyphens (RFC 1123), in lower case."""

    __slots__ = ()

    LABEL: ClassVar[re.Pattern[str]] = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")

    @classmethod
    def parse(cls, value: str) -> Self:
        name = value.lower()
        if len(name) > 63 or not (name == "" or all(cls.LABEL.fullmatch(label) for label in name.split("."))):
            raise ValueError(
                f"'{value}' is not a host name: at most 63 letters, digits and hyphens, dots between labels"
            )
        return cls(name)


class DnsDomain(Text):
    """A domain with the dot at its end, in lower case. With a host name before it, it still fits (RFC 1035: 255)."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        name = value.lower()
        labels = name.removesuffix(".").split(".")
        right = name.endswith(".") and all(DnsName.LABEL.fullmatch(label) for label in labels)
        if name and (not right or len(name) > 190):
            raise ValueError(f"'{value}' is not a domain: write it with a dot at its end, at most 190 characters")
        return cls(name)


class PortNumbers(PortRange):
    """The same, but that one port is written as itself: `80` or `8000:8009`."""

    __slots__ = ()

    @classmethod
    def parse(cls, value: str) -> Self:
        first, last = PortRange.parse(value).ends
        return cls(first if first == last else f"{first}:{last}")

    @property
    def ends(self) -> tuple[int, int]:
        first, _, last = self.partition(":")
        return int(first), int(last or first)


def _interface(value: str) -> str:
    try:
        interface = ipaddress.ip_interface(value)
    except ValueError:
        raise ValueError(f"'{value}' is not a valid address or CIDR") from None
    if "%" in value:
        raise ValueError(f"'{value}' has a zone, which means something on one machine only (RFC 4007)")
    return interface.with_prefixlen


def decode_text(kind: type, value: object) -> Text:
    """msgspec's hook for the types above. Raises ValueError (msgspec adds where)."""
    if not issubclass(kind, Text):
        raise TypeError(f"attribute type {kind} has no decoder")
    if issubclass(kind, IpProtocol | PortRange) and isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
    return kind.parse(value)


Name = Annotated[str, msgspec.Meta(max_length=255)]
DeviceName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,14}\Z")]
"""A bridge or interface name: at most 15 characters (Linux, IFNAMSIZ). Unlike \\Z, $ lets a line's end pass."""
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Vlan = Annotated[int, msgspec.Meta(ge=1, le=4094)]
"""IEEE 802.1Q; 0 and 4095 are reserved."""
PortNumber = Annotated[int, msgspec.Meta(ge=0, le=65535)]
"""TCP's, UDP's and their like, and ICMP's types and codes, which end at 255."""
TransportPort = Annotated[int, msgspec.Meta(ge=1, le=65535)]
"""A TCP or UDP port that somebody can listen at."""
Mtu = Annotated[int, msgspec.Meta(ge=68, le=65535)]
"""Bytes; 68 is IPv4's minimum (RFC 791)."""
Priority = Annotated[int, msgspec.Meta(ge=0, le=32767)]
"""Of a gateway's hosts, the highest first (OVN's ha_chassis: ovn-nb(5))."""
PolicyPriority = Annotated[int, msgspec.Meta(ge=1, le=1000)]
"""Backends have priorities of their own above and below."""
Mbps = Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
Kbps = Annotated[int, msgspec.Meta(ge=0, le=2_147_483_647)]
