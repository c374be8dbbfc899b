"""Keystone v2.0 and v3 on Neutron's port: what the engine and OpenStack's clients log in with."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from ..errors import BadInput, Forbidden, NotFound, QuantumError, Unauthorized
from ..identity import Account, Grant, Identity
from ..model import Role
from ..patience import in_thread
from ..provider import Provider
from . import keystone_documents as documents
from .errors import status_of
from .json import json_response
from .keystone_requests import LogIn, PasswordCredentials, read_v2, read_v3

Handler = Callable[[Request], Awaitable[Response]]

log = structlog.get_logger()


def keystone_routes(provider: Provider, base_url: Callable[[Request], str]) -> list[Route]:
    """Everything of Keystone that clients of a network service need."""
    keystone = _Keystone(provider.identity, base_url)
    handlers: list[tuple[str, str, Handler]] = [
        ("POST", "/v2.0/tokens", keystone.create_token_v2),
        ("GET", "/v2.0/tenants", keystone.tenants),
        ("GET", "/v3", keystone.version),
        ("GET", "/v3/", keystone.version),
        ("POST", "/v3/tokens", keystone.create_token_v2),  # the engine, with an auth URL that ends in /v3
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
            return await certain(request)
        except QuantumError as error:
            return keystone_error(request, error)

    async def certain(request: Request) -> Response:
        provider.check_standing()
        try:
            return await handler(request)
        except Unauthorized:
            await in_thread(provider.check_what_was_read)
            raise

    return guarded


def keystone_error(request: Request, error: QuantumError) -> Response:
    """Keystone's form of an error. The engine shows its user only the status, so the reason is logged here."""
    status = status_of(error)
    log.info("refused", path=request.url.path, status=status, reason=error.message, client=_client(request))
    body = {"error": {"code": status, "title": HTTPStatus(status).phrase, "message": error.message}}
    headers = {"WWW-Authenticate": 'Keystone uri="/v3"'} if status == HTTPStatus.UNAUTHORIZED else {}
    return json_response(body, status, headers)


class _Keystone:
    def __init__(self, identity: Identity, base_url: Callable[[Request], str]) -> None:
        self._identity = identity
        self._base_url = base_url

    async def create_token_v2(self, request: Request) -> Response:
        grant = await self._log_in(request, await read_v2(request))
        return json_response({"access": documents.access(grant, self._base_url(request))})

    async def create_token(self, request: Request) -> Response:
        asked = await read_v3(request)
        grant = await self._log_in(request, asked)
        return self._token(request, grant, asked.method, 201)

    async def show_token(self, request: Request) -> Response:
        """Also the answer to HEAD, which asks only whether the token is good."""
        return self._token(request, await self._subject(request), "password", 200)

    async def revoke_token(self, request: Request) -> Response:
        await self._identity.revoke((await self._subject(request)).token)
        return Response(status_code=204)

    async def catalog(self, request: Request) -> Response:
        await self._account(request)
        return json_response({"catalog": documents.catalog(self._base_url(request)), "links": _links(request)})

    async def tenants(self, request: Request) -> Response:
        project = documents.project(await self._account(request)) | {"enabled": True}
        return json_response({"tenants": [project], "tenants_links": []})

    async def projects(self, request: Request) -> Response:
        project = documents.project(await self._account(request))
        project |= {"enabled": True, "is_domain": False, "domain_id": documents.DOMAIN["id"]}
        return json_response({"projects": [project], "links": _links(request)})

    async def version(self, request: Request) -> Response:
        return json_response({"version": documents.version(self._base_url(request))})

    def _token(self, request: Request, grant: Grant, method: str, status: int) -> Response:
        body = {"token": documents.token(grant, method, self._base_url(request))}
        return json_response(body, status, {"X-Subject-Token": grant.token.text})

    async def _log_in(self, request: Request, asked: LogIn) -> Grant:
        """A token gets itself again: a new one would let a stolen one be renewed for ever."""
        credentials = asked.credentials
        if isinstance(credentials, PasswordCredentials):
            grant = await self._identity.log_in(credentials.username, credentials.password, _client(request))
        else:
            grant = await self._identity.accept(credentials.id)
        _check_not_host(grant.account)
        _check_project(grant.account, asked.project)
        return grant

    async def _account(self, request: Request) -> Account:
        account = (await self._identity.accept(request.headers.get("x-auth-token", ""))).account
        _check_not_host(account)
        return account

    async def _subject(self, request: Request) -> Grant:
        """The token that is spoken of: one's own, or anybody's for an administrator."""
        account = await self._account(request)
        text = request.headers.get("x-subject-token")
        if not text:
            raise BadInput("BadRequest", "The header X-Subject-Token is missing.")
        try:
            subject = await self._identity.accept(text)
        except Unauthorized:
            raise NotFound("NotFound", "There is no such token (any more).") from None
        if account.role is not Role.ADMIN and subject.account.name != account.name:
            raise Forbidden("Forbidden", "Only an administrator may look at or revoke another's token.")
        return subject


def _check_project(account: Account, asked: str | None) -> None:
    """The engine's administrator may have typed any tenant name; a tenant has one project."""
    if asked and asked != account.project_id and account.role < Role.ENGINE:
        raise Unauthorized("Unauthorized", "The account has no role in that project.")


def _check_not_host(account: Account) -> None:
    if account.role is Role.HOST:
        raise Forbidden("Forbidden", "A host's token serves only to ask how to plug a port.")


def _client(request: Request) -> str:
    """The address; all clients of a unix socket are one."""
    return request.client.host if request.client else "local"


def _links(request: Request) -> dict[str, str | None]:
    return {"self": str(request.url), "previous": None, "next": None}
