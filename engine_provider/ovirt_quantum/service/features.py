"""What the loaded plugins can't do: refused with a reason, or, from the engine, kept as intent and shown as such."""

from dataclasses import dataclass
from functools import cache
from typing import Any

from msgspec import structs

from ..errors import BadInput
from ..model import RESOURCES, Actor, Network, Port, Resource, Subnet
from ..model.wish import R, Wish


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
    Need(Port, "extra_dhcp_opts", "dhcp", "DHCP is not served"),
)


def served(features: frozenset[str]) -> list[type[Resource]]:
    """The resources that there are with these features; of the others the API shows nothing."""
    return [kind for kind in RESOURCES if not kind.feature or kind.feature in features]


def check_within_reach(wish: Wish[R], actor: Actor, features: frozenset[str]) -> None:
    """Raises BadInput for what nobody can realise; the engine asks for it without choice and is given it."""
    for need in _unmet(type(wish.wanted), features):
        asked = need.attribute in wish.given and getattr(wish.wanted, need.attribute)
        if asked and not actor.is_engine:
            raise BadInput("InvalidInput", f"Invalid input for {need.attribute}: {need.lack} by the loaded plugins.")


def without_unmet_defaults(wish: Wish[R], features: frozenset[str]) -> Wish[R]:
    """A creation that asks for nothing by default that nobody can realise."""
    for need in _unmet(type(wish.wanted), features):
        if need.attribute not in wish.given:
            nothing: Any = False if isinstance(getattr(wish.wanted, need.attribute), bool) else []
            wish = Wish(structs.replace(wish.wanted, **{need.attribute: nothing}), wish.given)
    return wish


def shortfall(kind: type[Resource], document: dict[str, Any], features: frozenset[str]) -> str:
    """What of a resource as stored is not realised, in words; empty where nothing is missing."""
    return "; ".join([need.lack for need in _unmet(kind, features) if document[need.attribute]])


@cache
def _unmet(kind: type[Resource], features: frozenset[str]) -> tuple[Need, ...]:
    return tuple(need for need in NEEDS if need.kind is kind and need.feature not in features)
