"""Routers as their tests make them, and VMs that route by them."""

from typing import Any

from tests.api.client import Client, Document
from tests.ovn.site import Site, Vm

OPEN = {"port_security_enabled": False}
"""A port that everything may come in to, and go out of."""


def router(site: Site, *networks: Document, **attributes: Any) -> Document:
    """One with an interface on each subnet of the networks."""
    made = site.admin.create("routers", **attributes)
    for network in networks:
        for subnet in site.admin.find("subnets", f"network_id={network['id']}"):
            interface(site.admin, made, "add", subnet_id=subnet["id"])
    return made


def interface(admin: Client, router: Document, verb: str, **what: str) -> Document:
    """verb: "add" or "remove"."""
    answer = admin.send("PUT", f"routers/{router['id']}/{verb}_router_interface", what)
    assert answer.status == 200, answer
    found: Document = answer.body
    return found


def ports_on(site: Site, router: Document, network: Document) -> list[str]:
    """The router's ports on a network: one for IPv4, one for IPv6."""
    found = site.admin.find("ports", f"device_id={router['id']}&network_id={network['id']}")
    return [port["id"] for port in found]


def gateway(public: Document, **info: Any) -> dict[str, Any]:
    return {"external_gateway_info": {"network_id": public["id"]} | info}


def routed(vm: Vm) -> Vm:
    """Takes its addresses, and its subnets' gateways for default routes, without asking."""
    vm.configure()
    for fixed in vm.port["fixed_ips"]:
        subnet = vm.site.admin.show("subnets", fixed["subnet_id"])
        family = ["-6"] if ":" in subnet["cidr"] else []
        vm.netns.ip(*family, "route", "replace", "default", "via", subnet["gateway_ip"])
    return vm


def outer_address(site: Site, router: Document) -> str:
    """The router's own IPv4 address outside."""
    info = site.admin.show("routers", router["id"])["external_gateway_info"]
    addresses = (fixed["ip_address"] for fixed in info["external_fixed_ips"])
    found: str = next(address for address in addresses if ":" not in address)
    return found
