"""Where the engine's client gets the X-Auth-Token from."""

from __future__ import annotations

from typing import Protocol

from lab.engine import jackson
from lab.engine.connector import Answer, Connector, check_status, provider_connector, read_entity
from lab.engine.errors import MessagelessFailure
from lab.engine.models import Access
from lab.engine.provider import Provider

_HEADERS = {"Accept": "application/json", "Content-Type": "application/json"}
_ACCESS = jackson.unwrap("access", jackson.object_of(Access))


class TokenSource(Protocol):
    """OpenStackTokenProvider of openstack-java-sdk."""

    def token(self) -> str | None:
        """The token, asked for if there is none yet; None if the answer's id was null. Raises ProviderFailure."""

    def expire(self) -> None:
        """Forget the token."""


def token_source(provider: Provider) -> TokenSource:
    """Which Keystone the engine speaks to its provider (ExternalNetworkProviderProxy, OpenStackTokenProviderFactory).

    With a tenant name, or for OPENSTACK_NETWORK, the request bypasses the engine's trust store and timeouts: the
    engine then waits for ever, the double does not.
    """
    if provider.type == "EXTERNAL_NETWORK" and not provider.tenant_name:
        return KeystoneV2(provider, provider_connector(provider.truststore))
    if provider.auth_url.endswith(("/v3", "/v3/")):
        return KeystoneV3(provider, Connector())
    return KeystoneV2(provider, Connector())


class KeystoneV2:
    """POST {auth_url}/tokens, whatever auth_url ends in."""

    def __init__(self, provider: Provider, connector: Connector) -> None:
        self._provider = provider
        self._connector = connector
        self._access: Access | None = None

    def token(self) -> str | None:
        """`access.token.id`; of the rest only the types are looked at, not even the date of expiry."""
        if self._access is None:
            url = f"{self._provider.auth_url}/tokens"
            self._access = read_entity(_post(self._connector, url, v2_request(self._provider)), _ACCESS)
        if self._access is None or self._access.token is None:
            raise MessagelessFailure("the token answer has no access.token")
        return self._access.token.id

    def expire(self) -> None:
        self._access = None


class KeystoneV3:
    """POST {auth_url}/auth/tokens."""

    def __init__(self, provider: Provider, connector: Connector) -> None:
        self._provider = provider
        self._connector = connector
        self._token: str | None = None

    def token(self) -> str:
        """The header X-Subject-Token; the body is not read."""
        if self._token is None:
            url = f"{self._provider.auth_url}/auth/tokens"
            self._token = _subject_token(_post(self._connector, url, v3_request(self._provider)))
        return self._token

    def expire(self) -> None:
        self._token = None


def v2_request(provider: Provider) -> dict[str, object]:
    """UsernamePassword; `tenantName` only where there is one."""
    tenant = {"tenantName": provider.tenant_name} if provider.tenant_name else {}
    credentials = {"username": provider.username, "password": provider.password}
    return {"auth": {**tenant, "passwordCredentials": credentials}}


def v3_request(provider: Provider) -> dict[str, object]:
    """Authentication; `scope` only where there is a project name."""
    user = {"domain": _domain(provider.user_domain_name), "name": provider.username, "password": provider.password}
    auth: dict[str, object] = {"identity": {"methods": ["password"], "password": {"user": user}}}
    if provider.project_name:
        project = {"domain": _domain(provider.project_domain_name), "name": provider.project_name}
        auth["scope"] = {"project": project}
    return {"auth": auth}


def _domain(name: str | None) -> dict[str, str]:
    return {} if name is None else {"name": name}


def _post(connector: Connector, url: str, body: dict[str, object]) -> Answer:
    encoded = jackson.write(body).encode()
    answer = connector.send("POST", url, {**_HEADERS, "Content-Length": str(len(encoded))}, encoded)
    check_status(answer)
    return answer


def _subject_token(answer: Answer) -> str:
    token = answer.headers["X-Subject-Token"]
    if token is None:
        raise MessagelessFailure("the token answer has no header X-Subject-Token")
    return str(token)
