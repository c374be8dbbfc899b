"""The ASGI application: every route of the service."""

from collections.abc import Sequence

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.routing import Router as Routes

from ..errors import QuantumError
from ..model import AddressGroup, FirewallPolicy, PortForwarding, Router, SecurityGroup, SecurityGroupRule
from ..provider import Provider
from ..service.features import served
from .access_log import AccessLog
from .address_groups import AddressGroupRoutes
from .authentication import Authentication, NoAuthentication
from .errors import neutron_error, on_any_error, on_quantum_error
from .firewall import FirewallPolicyRoutes
from .inventory import inventory_routes
from .keystone import keystone_routes
from .plug import plug_routes
from .port_forwardings import PortForwardingRoutes
from .qos_rules import rule_routes
from .resources import ResourceRoutes
from .root import RootRoutes, base_url, versions
from .routers import RouterRoutes
from .security_groups import SecurityGroupRoutes, SecurityGroupRuleRoutes

ROUTES = {
    AddressGroup: AddressGroupRoutes,
    SecurityGroup: SecurityGroupRoutes,
    SecurityGroupRule: SecurityGroupRuleRoutes,
    Router: RouterRoutes,
    PortForwarding: PortForwardingRoutes,
    FirewallPolicy: FirewallPolicyRoutes,
}
"""Of the resources that have more than the usual verbs."""


def application(provider: Provider, authenticated: bool) -> Starlette:
    """Neutron below /v2.0, Keystone beside it, and all of it again below /engine for an engine without log-in."""
    guard = Middleware(Authentication if authenticated else NoAuthentication, provider)
    app = Starlette(
        routes=[_mount("/engine", _routes(provider, guard)), *_routes(provider, guard)],
        middleware=[Middleware(AccessLog)],
        exception_handlers={
            QuantumError: on_quantum_error,
            HTTPException: _on_http_exception,
            Exception: on_any_error,
        },
    )
    app.router.redirect_slashes = False
    return app


def _routes(provider: Provider, guard: Middleware) -> list[BaseRoute]:
    root = RootRoutes(provider.abilities.features)
    neutron: list[Route] = [*root.routes(), *inventory_routes(provider), *rule_routes(provider)]
    for kind in served(provider.abilities.features):
        neutron += ROUTES.get(kind, ResourceRoutes)(provider, kind).routes()
    return [
        Route("/", versions, methods=["GET"]),
        *keystone_routes(provider, base_url),
        Route("/v2.0", root.resources, methods=["GET"], middleware=[guard]),
        _mount("/v2.0", neutron, guard),
        _mount("/", plug_routes(provider), guard),
    ]


def _mount(path: str, routes: Sequence[BaseRoute], *middleware: Middleware) -> Mount:
    """Without redirects to and from a slash at the end: the engine and OpenStack's clients follow none."""
    return Mount(path, app=Routes(routes, redirect_slashes=False), middleware=middleware)


async def _on_http_exception(_request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    names = {404: "HTTPNotFound", 405: "HTTPMethodNotAllowed"}
    words = {404: "The resource could not be found.", 405: "The method is not allowed for this resource."}
    status = error.status_code
    answer = neutron_error(status, names.get(status, "HTTPClientError"), words.get(status, error.detail))
    answer.headers.update(error.headers or {})
    return answer
