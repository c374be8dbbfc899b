"""What Keystone answers, in the words of its v2.0 and v3 (Identity API reference)."""

from datetime import UTC, datetime
from typing import Any

from ..identity import Account, Grant
from ..model import Role

Document = dict[str, Any]
DOMAIN = {"id": "default", "name": "Default"}
REGION = "RegionOne"
FACES = ("public", "internal", "admin")


def access(grant: Grant, base: str) -> Document:
    """v2.0: a token with its user and the catalogue. base: the service's URL without a version."""
    account, token = grant.account, grant.token
    times = {"issued_at": _time(token.issued), "expires": _time(token.expires)}
    return {
        "token": {"id": token.text, "tenant": project(account), **times},
        "serviceCatalog": [_service_v2(kind, name, url) for kind, name, url in _services(base)],
        "user": {
            "id": account.name,
            "name": account.name,
            "username": account.name,
            "roles": [{"name": _role(account)}],
            "roles_links": [],
        },
        "metadata": {"is_admin": int(account.role is Role.ADMIN), "roles": [_role(account)]},
    }


def token(grant: Grant, method: str, base: str) -> Document:
    """v3: the same; the token's text is a header."""
    account = grant.account
    return {
        "methods": [method],
        "user": {"id": account.name, "name": account.name, "domain": DOMAIN, "password_expires_at": None},
        "project": project(account) | {"domain": DOMAIN},
        "is_domain": False,
        "roles": [{"id": _role(account), "name": _role(account)}],
        "catalog": catalog(base),
        "audit_ids": [grant.token.jti],
        "issued_at": _time(grant.token.issued),
        "expires_at": _time(grant.token.expires),
    }


def catalog(base: str) -> list[Document]:
    """v3."""
    return [
        {"id": kind, "type": kind, "name": name, "endpoints": [_endpoint(kind, face, url) for face in FACES]}
        for kind, name, url in _services(base)
    ]


def project(account: Account) -> Document:
    """The account's only one; its name is its id."""
    return {"id": account.project_id, "name": account.project_id}


def version(base: str) -> Document:
    """v3, for discovery."""
    return {
        "id": "v3.14",
        "status": "stable",
        "updated": "2020-04-07T00:00:00Z",
        "links": [{"rel": "self", "href": f"{base}/v3/"}],
        "media-types": [{"base": "application/json", "type": "application/vnd.openstack.identity-v3+json"}],
    }


def _services(base: str) -> list[tuple[str, str, str]]:
    """(type, name, URL). The network's is without a version: clients discover it by `GET /`."""
    return [("network", "ovirt-quantum", base), ("identity", "keystone", f"{base}/v3")]


def _service_v2(kind: str, name: str, url: str) -> Document:
    endpoint = {"id": kind, "region": REGION, "publicURL": url, "internalURL": url, "adminURL": url}
    return {"type": kind, "name": name, "endpoints": [endpoint], "endpoints_links": []}


def _endpoint(kind: str, face: str, url: str) -> Document:
    return {"id": f"{kind}-{face}", "interface": face, "region": REGION, "region_id": REGION, "url": url}


def _role(account: Account) -> str:
    return account.role.name.lower()


def _time(seconds: float | None) -> str | None:
    """ISO 8601; None for a host's token, which has no end."""
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
