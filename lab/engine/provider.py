"""An external network provider as an administrator registers it in the engine."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from lab.engine.errors import Refused

_AUTH_URL = re.compile(r"https?://[^/]*:\d+/(v3|v2\.0)/?")
_LONGEST_PASSWORD = 200  # PROVIDER_PASSWORD_MAX_SIZE


@dataclass
class Provider:
    """The row; defaults are the engine's, but for `read_only`. Raises Refused for what ProviderValidator refuses."""

    url: str  # "http://host:9696", to which /v2.0 is added
    name: str = "quantum"
    type: Literal["EXTERNAL_NETWORK", "OPENSTACK_NETWORK"] = "EXTERNAL_NETWORK"
    requires_authentication: bool = False
    auth_url: str = ""  # "http://host:9696/v2.0": an explicit port, and a bare /v2.0 or /v3
    username: str = ""
    password: str = field(default="", repr=False)
    tenant_name: str = ""
    user_domain_name: str | None = None
    project_name: str = ""
    project_domain_name: str | None = None
    plugin_type: str = "OVIRT_QUANTUM"
    read_only: bool = False
    auto_sync: bool = True
    truststore: Path | None = None  # PEM file of the imported certificates; None: none was imported

    def __post_init__(self) -> None:
        if self.requires_authentication and not _AUTH_URL.fullmatch(self.auth_url):
            raise Refused(f"authentication URL {self.auth_url!r} must be http(s)://HOST:PORT/v2.0 or .../v3")
        if len(self.password) > _LONGEST_PASSWORD:
            raise Refused(f"the password is longer than {_LONGEST_PASSWORD} characters")
        if self.type == "OPENSTACK_NETWORK":
            if not self.plugin_type:
                raise Refused("a provider of type OPENSTACK_NETWORK needs a plug-in type")
            self.check_authentication()

    def check_authentication(self) -> None:
        """NetworkProviderValidator.validateAuthentication. For type external the engine asks only before a sync.

        Raises Refused.
        """
        if not self.requires_authentication:
            return
        if not (self.username and self.password):
            raise Refused("authentication needs a user name and a password")
        if self.type == "OPENSTACK_NETWORK" and not (self.tenant_name or self.user_domain_name):
            raise Refused("a provider of type OPENSTACK_NETWORK needs a tenant name or a user domain name")
