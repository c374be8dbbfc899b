"""What clients send to log in, in the words of Keystone v2.0 and v3 (Identity API reference)."""

from dataclasses import dataclass, field
from typing import Annotated, Any

from msgspec import UNSET, Meta, Struct, UnsetType
from msgspec import field as wire_field
from starlette.requests import Request

from ..errors import BadInput, Unauthorized
from .json import read_object
from .wire import typed

Name = Annotated[str, Meta(max_length=255)]
Secret = Annotated[str, Meta(max_length=4096)]


class _Secretive(Struct):
    """Shows nothing of itself in logs and traces."""

    def __repr__(self) -> str:
        return type(self).__name__


class PasswordCredentials(_Secretive):
    """v2.0: `auth.passwordCredentials`."""

    username: Name
    password: Secret


class TokenCredentials(_Secretive):
    """Both versions: `auth.token`, `auth.identity.token`."""

    id: Secret


@dataclass(frozen=True)
class LogIn:
    """Who wants to log in, by what, and for which project (None: whichever it is)."""

    credentials: PasswordCredentials | TokenCredentials = field(repr=False)
    project: str | None

    @property
    def method(self) -> str:
        """v3's name of it."""
        return "password" if isinstance(self.credentials, PasswordCredentials) else "token"


class _AuthV2(Struct):
    """`POST /v2.0/tokens`; the engine sends it with or without a tenant."""

    password: PasswordCredentials | UnsetType = wire_field(default=UNSET, name="passwordCredentials")
    token: TokenCredentials | UnsetType = UNSET
    tenant_name: Name | None = wire_field(default=None, name="tenantName")
    tenant_id: Name | None = wire_field(default=None, name="tenantId")


class _User(_Secretive):
    """By name or id, ours are the same. There is one domain, so what is said of it changes nothing."""

    password: Secret
    name: Name | None = None
    id: Name | None = None


class _Password(Struct):
    user: _User


class _Identity(Struct):
    methods: list[Name]
    password: _Password | UnsetType = UNSET
    token: TokenCredentials | UnsetType = UNSET


class _Project(Struct):
    """By name or id, ours are the same."""

    name: Name | None = None
    id: Name | None = None


class _Scope(Struct):
    project: _Project | UnsetType = UNSET


class _AuthV3(Struct):
    """`POST /v3/auth/tokens`. A scope may also be the text `unscoped`."""

    identity: _Identity
    scope: _Scope | str | None = None


async def read_v2(request: Request) -> LogIn:
    """Raises BadInput, TooLarge."""
    asked: _AuthV2 = await _auth(request, _AuthV2)
    credentials = asked.password if isinstance(asked.password, PasswordCredentials) else asked.token
    if isinstance(credentials, UnsetType):
        raise BadInput("BadRequest", "Expecting to find passwordCredentials or token in auth.")
    return LogIn(credentials, asked.tenant_name or asked.tenant_id)


async def read_v3(request: Request) -> LogIn:
    """Raises BadInput, TooLarge, Unauthorized."""
    asked: _AuthV3 = await _auth(request, _AuthV3)
    return LogIn(_credentials(asked.identity), _project(asked.scope))


async def _auth(request: Request, kind: type[Any]) -> Any:
    body = await read_object(request)
    if not isinstance(body.get("auth"), dict):
        raise BadInput("BadRequest", "Expecting to find auth in request body.")
    return typed(kind, body["auth"], "auth")


def _credentials(identity: _Identity) -> PasswordCredentials | TokenCredentials:
    """Who names two methods wants both asked for, so one of them must not do."""
    if identity.methods == ["password"] and isinstance(identity.password, _Password):
        user = identity.password.user
        return PasswordCredentials(user.name or user.id or "", user.password)
    if identity.methods == ["token"] and isinstance(identity.token, TokenCredentials):
        return identity.token
    if identity.methods in (["password"], ["token"]):
        raise BadInput("BadRequest", f"Expecting to find {identity.methods[0]} in auth.identity.")
    raise Unauthorized("Unauthorized", "Log in by one method, password or token.")


def _project(scope: _Scope | str | None) -> str | None:
    if not isinstance(scope, _Scope):
        return None
    if isinstance(scope.project, UnsetType):
        raise Unauthorized("Unauthorized", "Roles are on projects here: ask for a project, not a domain or the system.")
    return scope.project.name or scope.project.id
