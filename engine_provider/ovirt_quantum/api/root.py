"""What the API says of itself: versions, resources, extensions."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import NotFound
from ..model import RESOURCES
from .json import json_response

EXTENSIONS = {
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


def base_url(request: Request) -> str:
    """This service as the client reached it, without a version: `http://host:9696`."""
    return f"{request.url.scheme}://{request.url.netloc}{request.scope.get('root_path', '').removesuffix('/v2.0')}"


async def versions(request: Request) -> Response:
    link = {"rel": "self", "href": f"{base_url(request)}/v2.0/"}
    return json_response({"versions": [{"id": "v2.0", "status": "CURRENT", "links": [link]}]})


async def resources(request: Request) -> Response:
    """The engine's connection test; it must be a JSON object."""
    found = [
        {
            "name": kind.member,
            "collection": kind.collection,
            "links": [{"rel": "self", "href": f"{base_url(request)}/v2.0/{kind.path}"}],
        }
        for kind in RESOURCES
    ]
    return json_response({"resources": found})


async def extensions(_request: Request) -> Response:
    return json_response({"extensions": [_extension(alias) for alias in EXTENSIONS]})


async def extension(request: Request) -> Response:
    alias = request.path_params["alias"]
    if alias not in EXTENSIONS:
        raise NotFound("HTTPNotFound", f"Extension with alias {alias} does not exist")
    return json_response({"extension": _extension(alias)})


def _extension(alias: str) -> dict[str, object]:
    name = EXTENSIONS[alias]
    return {"alias": alias, "name": name, "description": name, "updated": "2026-01-01T00:00:00-00:00", "links": []}


ROUTES = [
    Route("/", resources, methods=["GET"]),
    Route("/extensions", extensions, methods=["GET"]),
    Route("/extensions/{alias}", extension, methods=["GET"]),
]
"""Below /v2.0."""
