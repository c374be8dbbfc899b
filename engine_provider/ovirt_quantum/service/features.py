"""What the loaded plugins can and can't do.

What they can't is refused with a reason, or, from the engine, kept as intent and shown as such.
"""

from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import structs

from ..errors import BadInput
from ..model import RESOURCES, Actor, Network, Port, Resource, Subnet
from ..model.wish import R, Wish


@dataclass(frozen=True)
class Abilities:
    """What the loaded plugins can do together, and what the administrator prefers of it.

    features, network_types: as in the plugin contract.  default_type: the type of a network whose creator names
    none.  overlay_mtu: bytes that an overlay carries.
    """

    features: frozenset[str] = frozenset()
    network_types: frozenset[str] = frozenset({"vlan", "flat"})
    default_type: str = "vlan"
    overlay_mtu: int = 1442


@dataclass(frozen=True)
class Need:
    """An attribute that, where it is set, takes a plugin's feature."""

    kind: type[Resource]
    attribute: str
    feature: str
    lack: str


NEEDS = (
    Need(Subnet, "enable_dhcp", "dhcp", "DHCP is not served"),
    Need(Network, "port_security_enabled", "port-security", "ports are not kept from sending under false addresses"),
    Need(Port, "port_security_enabled", "port-security", "the port is not kept from sending under false addresses"),
    Need(Port, "allowed_address_pairs", "port-security", "address pairs are not enforced"),
    Need(Port, "security_groups", "security-groups", "security groups are not enforced"),
    Need(Network, "dns_domain", "dns", "names are not served"),
    Need(Port, "dns_name", "dns", "its name is not served"),
    Need(Port, "extra_dhcp_opts", "dhcp", "DHCP is not served"),
)


def creatable(wish: Wish[R], actor: Actor, abilities: Abilities) -> Wish[R]:
    """A creation as the plugins can realise it, its defaults chosen to suit. Raises BadInput for what none can."""
    wish = with_network_type(wish, abilities)
    check_within_reach(wish, actor, abilities)
    return without_unmet_defaults(wish, abilities.features)


def served(features: frozenset[str]) -> list[type[Resource]]:
    """The resources that there are with these features; of the others the API shows nothing."""
    return [kind for kind in RESOURCES if not kind.feature or kind.feature in features]


def check_within_reach(wish: Wish[R], actor: Actor, abilities: Abilities) -> None:
    """Raises BadInput for what nobody can realise; the engine asks for it without choice and is given it."""
    for need in _unmet(type(wish.wanted), abilities.features):
        asked = need.attribute in wish.given and getattr(wish.wanted, need.attribute)
        if asked and not actor.is_engine:
            raise BadInput("InvalidInput", f"Invalid input for {need.attribute}: {need.lack} by the loaded plugins.")
    if isinstance(wish.wanted, Network):
        _check_network(wish.wanted, abilities)


def _check_network(network: Network, abilities: Abilities) -> None:
    kind = network.network_type
    if kind is not None and kind not in abilities.network_types:
        raise BadInput(
            "InvalidInput", f"Invalid input for provider:network_type: no loaded plugin realises {kind} networks."
        )
    if kind == "geneve" and network.mtu > abilities.overlay_mtu:
        raise BadInput(
            "InvalidInput",
            f"Invalid input for mtu: {network.mtu} is more than {abilities.overlay_mtu}, what an overlay carries "
            "(network.overlay_mtu of the configuration).",
        )


def with_network_type(wish: Wish[Any], abilities: Abilities) -> Wish[Any]:
    """A network's creation that names a type: the default one where nothing is said of its segment."""
    network = wish.wanted
    if not isinstance(network, Network):
        return wish
    chosen = (network.network_type, network.physical_network, network.segmentation_id) != (None, None, None)
    if not chosen and abilities.default_type == "geneve":
        network = structs.replace(network, network_type="geneve")
    if network.network_type == "geneve" and "mtu" not in wish.given:
        network = structs.replace(network, mtu=abilities.overlay_mtu)
    return Wish(network, wish.given)


def without_unmet_defaults(wish: Wish[R], features: frozenset[str]) -> Wish[R]:
    """A creation that asks for nothing by default that nobody can realise."""
    for need in _unmet(type(wish.wanted), features):
        value = getattr(wish.wanted, need.attribute)
        if need.attribute not in wish.given and value != "":
            nothing: Any = False if isinstance(value, bool) else []
            wish = Wish(structs.replace(wish.wanted, **{need.attribute: nothing}), wish.given)
    return wish


def shortfall(kind: type[Resource], document: dict[str, Any], features: frozenset[str]) -> str:
    """What of a resource as stored is not realised, in words; empty where nothing is missing."""
    return "; ".join([need.lack for need in _unmet(kind, features) if document[need.attribute]])


@cache
def _unmet(kind: type[Resource], features: frozenset[str]) -> tuple[Need, ...]:
    return tuple(need for need in NEEDS if need.kind is kind and need.feature not in features)
