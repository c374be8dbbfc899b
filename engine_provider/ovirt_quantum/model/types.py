"""The types of attributes that JSON has no word for. Each is a `str` that is only ever well-formed."""

import ipaddress
from typing import Annotated, Self
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


def decode_text(kind: type, value: object) -> Text:
    """msgspec's hook for the types above. Raises ValueError (msgspec adds where)."""
    if not issubclass(kind, Text):
        raise TypeError(f"attribute type {kind} has no decoder")
    if not isinstance(value, str):
        raise ValueError(f"Expected `str`, got `{type(value).__name__}`")
    return kind.parse(value)


Name = Annotated[str, msgspec.Meta(max_length=255)]
DeviceName = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z][A-Za-z0-9_.-]{0,14}$")]
"""A bridge or interface name: at most 15 characters (Linux, IFNAMSIZ)."""
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Vlan = Annotated[int, msgspec.Meta(ge=1, le=4094)]
"""IEEE 802.1Q; 0 and 4095 are reserved."""
Mtu = Annotated[int, msgspec.Meta(ge=68, le=65535)]
"""Bytes; 68 is IPv4's minimum (RFC 791)."""
Mbps = Annotated[int, msgspec.Meta(ge=1, le=2_147_483_647)]
Kbps = Annotated[int, msgspec.Meta(ge=0, le=2_147_483_647)]
