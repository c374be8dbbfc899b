"""What the API says of itself: versions, resources, extensions."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import NotFound
from ..service.features import served
from .json import json_response

EXTENSIONS: Mapping[str, str] = {
    "binding": "Port Binding",
    "external-net": "Neutron external network",
    "net-mtu": "Network MTU",
    "net-mtu-writable": "Network MTU (writable)",
    "network-segment-range": "Neutron Network Segment Range",
    "pagination": "Pagination support",
    "project-id": "project_id field enabled",
    "provider": "Provider Network",
    "qos": "Quality of Service",
    "qos-bw-limit-direction": "Direction for QoS bandwidth limit rule",
    "revision-if-match": "If-Match constraints based on revision_number",
    "sorting": "Sorting support",
    "standard-attr-description": "standard-attr-description",
    "standard-attr-revisions": "Resource revision numbers",
    "standard-attr-timestamp": "Resource timestamps",
}
"""Alias -> name, of what is realised here. What is not is not listed: clients look it up to know what they may ask."""
BY_FEATURE: Mapping[str, Mapping[str, str]] = {
    "tap-mirror": {"tap-mirror": "Tap as a Service: Tap Mirror"},
    "dns": {"dns-integration": "DNS Integration"},
    "qos-minimum-bandwidth": {"qos-bw-minimum-ingress": "Ingress direction for QoS minimum bandwidth rule"},
    "firewall": {"fwaas_v2": "Firewall service v2"},
    "port-security": {
        "allowed-address-pairs": "Allowed Address Pairs",
        "port-security": "Port Security",
    },
    "router": {
        "expose-port-forwarding-in-fip": "Expose Port Forwarding in FIP",
        "ext-gw-mode": "Neutron L3 Configurable external gateway mode",
        "extraroute": "Neutron Extra Route",
        "extraroute-atomic": "Atomically add/remove extra routes",
        "fip-port-details": "Floating IP Port Details Extension",
        "floating-ip-port-forwarding": "Floating IP Port Forwarding",
        "floating-ip-port-forwarding-description": "Floating IP Port Forwarding support description",
        "floating-ip-port-forwarding-port-ranges": "Floating IP Port Forwarding support port ranges",
        "router": "Neutron L3 Router",
    },
    "security-groups": {
        "address-group": "Address group",
        "port-security-groups-filtering": "Port filtering on security groups",
        "security-group": "security-group",
        "security-groups-normalized-cidr": "Normalized CIDR field for security group rules",
        "security-groups-remote-address-group": "Remote address group id field for security group rules",
        "security-groups-rules-belongs-to-default-sg": "Security group rules belongs to the default security group",
        "stateful-security-group": "Stateful security group",
    },
}
"""Feature of a loaded plugin -> what it adds."""


def base_url(request: Request) -> str:
    """This service as the client reached it, without a version: `http://host:9696`."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '').removesuffix('/v2.0')}"


async def versions(request: Request) -> Response:
    link = {"rel": "self", "href": f"{base_url(request)}/v2.0/"}
    return json_response({"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]})


class RootRoutes:
    """What is below /v2.0 beside the resources, by what the loaded plugins can do."""

    def __init__(self, features: frozenset[str]) -> None:
        self._kinds = served(features)
        self._extensions = dict(EXTENSIONS)
        for feature in sorted(features & BY_FEATURE.keys()):
            self._extensions |= BY_FEATURE[feature]

    def routes(self) -> list[Route]:
        return [
            Route("/", self.resources, methods=["GET"]),
            Route("/extensions", self.extensions, methods=["GET"]),
            Route("/extensions/{alias}", self.extension, methods=["GET"]),
        ]

    async def resources(self, request: Request) -> Response:
        """The engine's connection test; it must be a JSON object."""
        found = [
            {
                "name": kind.member,
                "collection": kind.collection,
                "links": [{"rel": "self", "href": f"{base_url(request)}/v2.0/{kind.path}"}],
            }
            for kind in self._kinds
            if not kind.parent
        ]
        return json_response({"resources": found})

    async def extensions(self, _request: Request) -> Response:
        return json_response({"extensions": [self._extension(alias) for alias in self._extensions]})

    async def extension(self, request: Request) -> Response:
        alias = request.path_params["alias"]
        if alias not in self._extensions:
            raise NotFound("HTTPNotFound", f"Extension with alias {alias} does not exist")
        return json_response({"extension": self._extension(alias)})

    def _extension(self, alias: str) -> dict[str, object]:
        name = self._extensions[alias]
        return {"alias": alias, "name": name, "description": name, "updated": "2026-01-01T00:00:00-00:00", "links": []}
