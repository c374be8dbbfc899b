"""Keystone v2.0 and v3 on Neutron's port: what the engine and OpenStack's clients log in with."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType, field
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput, QuantumError, Unauthorized
from ..identity import Account, Identity, Token
from ..model import Role
from ..provider import Provider
from .errors import status_of
from .json import json_response, read_object
from .wire import typed

Short = Annotated[str, Meta(max_length=4096)]
Document = dict[str, Any]
DOMAIN = {"id": "default", "name": "Default"}


class PasswordCredentials(Struct):
    """v2.0."""

    username: Short
    password: Short


class TokenId(Struct):
    """A token to be exchanged."""

    id: Short


class AuthV2(Struct, rename={"tenant_name": "tenantName", "tenant_id": "tenantId", "password": "passwordCredentials"}):
    """`{"auth": ...}` of `POST /v2.0/tokens`; the engine sends it with or without a tenant."""

    password: PasswordCredentials | UnsetType = UNSET
    token: TokenId | UnsetType = UNSET
    tenant_name: Short | None = None
    tenant_id: Short | None = None


class UserV3(Struct):
    """A user by name or id; ours are the same. The domain, any, is not asked for."""

    password: Short
    name: Short | None = None
    id: Short | None = None


class PasswordV3(Struct):
    """The method password."""

    user: UserV3


class IdentityV3(Struct):
    """The methods and their data."""

    methods: list[Short]
    password: PasswordV3 | UnsetType = UNSET
    token: TokenId | UnsetType = UNSET


class ProjectV3(Struct):
    """A project by name or id; ours are the same."""

    name: Short | None = None
    id: Short | None = None


class ScopeV3(Struct):
    """What the token shall be for."""

    project: ProjectV3 = field(default_factory=ProjectV3)


class AuthV3(Struct):
    """`{"auth": ...}` of `POST /v3/auth/tokens`."""

    identity: IdentityV3
    scope: ScopeV3 | str | None = None


Handler = Callable[[Request], Awaitable[Response]]


def keystone_routes(provider: Provider, base_url: Callable[[Request], str]) -> list[Route]:
    """Everything of Keystone that clients of a network service need."""
    keystone = _Keystone(provider.identity, base_url)
    handlers: list[tuple[str, str, Handler]] = [
        ("POST", "/v2.0/tokens", keystone.tokens_v2),
        ("GET", "/v2.0/tenants", keystone.tenants),
        ("GET", "/v3", keystone.version),
        ("GET", "/v3/", keystone.version),
        ("POST", "/v3/tokens", keystone.tokens_v2),
        ("POST", "/v3/auth/tokens", keystone.create_token),
        ("GET", "/v3/auth/tokens", keystone.show_token),
        ("DELETE", "/v3/auth/tokens", keystone.revoke_token),
        ("GET", "/v3/auth/catalog", keystone.catalog),
        ("GET", "/v3/auth/projects", keystone.projects),
        ("GET", "/v3/projects", keystone.projects),
    ]
    return [Route(path, _guarded(provider, handler), methods=[method]) for method, path, handler in handlers]


def _guarded(provider: Provider, handler: Handler) -> Handler:
    """Errors in Keystone's form; and no log-in is refused for an account that a lost database has forgotten."""

    async def guarded(request: Request) -> Response:
        try:
            provider.check_standing()
            return await handler(request)
        except QuantumError as error:
            return keystone_error(error)

    return guarded


def keystone_error(error: QuantumError) -> Response:
    """Keystone's form of an error."""
    status = status_of(error)
    titles = {400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 413: "Request Entity Too Large"}
    title = titles.get(status, "Service Unavailable")
    return json_response({"error": {"code": status, "title": title, "message": error.message}}, status)


class _Keystone:
    def __init__(self, identity: Identity, base_url: Callable[[Request], str]) -> None:
        self._identity = identity
        self._base_url = base_url

    async def tokens_v2(self, request: Request) -> Response:
        """The engine posts here also with an auth URL that ends in /v3."""
        asked: AuthV2 = await _auth(request, AuthV2)
        account, token = await self._log_in(asked.password, asked.token)
        _check_project(account, asked.tenant_name or asked.tenant_id)
        return json_response({"access": _access(account, token, self._base_url(request))})

    async def create_token(self, request: Request) -> Response:
        asked: AuthV3 = await _auth(request, AuthV3)
        account, token = await self._log_in(_credentials(asked.identity), asked.identity.token)
        if isinstance(asked.scope, ScopeV3):
            _check_project(account, asked.scope.project.name or asked.scope.project.id)
        body = {"token": _token_v3(account, token, asked.identity.methods, self._base_url(request))}
        return json_response(body, 201, {"X-Subject-Token": token.text})

    async def show_token(self, request: Request) -> Response:
        await self._account(request)
        subject = request.headers.get("x-subject-token", "")
        account = await run_in_threadpool(self._identity.account_of, subject)
        token = self._identity.read(subject)
        body = {"token": _token_v3(account, token, ["password"], self._base_url(request))}
        return json_response(body, 200, {"X-Subject-Token": subject})

    async def revoke_token(self, request: Request) -> Response:
        await self._account(request)
        await run_in_threadpool(self._identity.revoke, request.headers.get("x-subject-token", ""))
        return Response(status_code=204)

    async def catalog(self, request: Request) -> Response:
        await self._account(request)
        return json_response({"catalog": _catalog_v3(self._base_url(request))})

    async def tenants(self, request: Request) -> Response:
        account = await self._account(request)
        return json_response({"tenants": [_project(account) | {"enabled": True}], "tenants_links": []})

    async def projects(self, request: Request) -> Response:
        account = await self._account(request)
        project = _project(account) | {"enabled": True, "domain_id": DOMAIN["id"]}
        return json_response({"projects": [project], "links": {"self": str(request.url), "next": None}})

    async def version(self, request: Request) -> Response:
        link = {"rel": "self", "href": f"{self._base_url(request)}/v3/"}
        version = {"id": "v3.14", "status": "stable", "updated": "2020-04-07T00:00:00Z", "links": [link]}
        return json_response({"version": version | {"media-types": []}})

    async def _log_in(
        self, password: PasswordCredentials | UnsetType, token: TokenId | UnsetType
    ) -> tuple[Account, Token]:
        if isinstance(password, PasswordCredentials):
            return await run_in_threadpool(self._identity.log_in, password.username, password.password)
        if isinstance(token, TokenId):
            return await run_in_threadpool(self._identity.renew, token.id)
        raise BadInput("BadRequest", "Expecting to find a password or a token in auth.")

    async def _account(self, request: Request) -> Account:
        return await run_in_threadpool(self._identity.account_of, request.headers.get("x-auth-token", ""))


async def _auth(request: Request, kind: type[Any]) -> Any:
    body = await read_object(request)
    if not isinstance(body.get("auth"), dict):
        raise BadInput("BadRequest", "Expecting to find auth in request body.")
    return typed(kind, body["auth"], "auth")


def _credentials(identity: IdentityV3) -> PasswordCredentials | UnsetType:
    if not isinstance(identity.password, PasswordV3) or "password" not in identity.methods:
        return UNSET
    user = identity.password.user
    return PasswordCredentials(user.name or user.id or "", user.password)


def _check_project(account: Account, asked: str | None) -> None:
    """The engine's administrator may have typed any tenant name; a tenant has one project."""
    if asked and asked != account.project_id and account.role < Role.ENGINE:
        raise Unauthorized("Unauthorized", "The account has no role in that project.")


def _access(account: Account, token: Token, base: str) -> Document:
    expires = _time(token.expires) if token.expires else None
    return {
        "token": {"id": token.text, "issued_at": _time(token.issued), "expires": expires, "tenant": _project(account)},
        "serviceCatalog": [_service_v2(kind, name, url) for kind, name, url in _services(base)],
        "user": {
            "id": account.name,
            "name": account.name,
            "username": account.name,
            "roles": [{"name": account.role.name.lower()}],
            "roles_links": [],
        },
        "metadata": {"is_admin": int(account.role is Role.ADMIN), "roles": []},
    }


def _token_v3(account: Account, token: Token, methods: list[str], base: str) -> Document:
    return {
        "methods": methods,
        "user": {"id": account.name, "name": account.name, "domain": DOMAIN, "password_expires_at": None},
        "project": _project(account) | {"domain": DOMAIN},
        "is_domain": False,
        "roles": [{"id": account.role.name.lower(), "name": account.role.name.lower()}],
        "catalog": _catalog_v3(base),
        "audit_ids": [token.jti],
        "issued_at": _time(token.issued),
        "expires_at": _time(token.expires) if token.expires else None,
    }


def _services(base: str) -> list[tuple[str, str, str]]:
    """(type, name, URL). The network's is without a version: clients discover it by `GET /`."""
    return [("network", "ovirt-quantum", base), ("identity", "keystone", f"{base}/v3")]


def _service_v2(kind: str, name: str, url: str) -> Document:
    endpoint = {"id": kind, "region": "RegionOne", "publicURL": url, "internalURL": url, "adminURL": url}
    return {"type": kind, "name": name, "endpoints": [endpoint], "endpoints_links": []}


def _catalog_v3(base: str) -> list[Document]:
    return [
        {"id": kind, "type": kind, "name": name, "endpoints": [_endpoint(kind, face, url) for face in FACES]}
        for kind, name, url in _services(base)
    ]


FACES = ("public", "internal", "admin")


def _endpoint(kind: str, face: str, url: str) -> Document:
    return {"id": f"{kind}-{face}", "interface": face, "region": "RegionOne", "region_id": "RegionOne", "url": url}


def _project(account: Account) -> Document:
    return {"id": account.project_id, "name": account.project_id}


def _time(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
