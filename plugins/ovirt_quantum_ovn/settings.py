"""The plugin's table of the configuration file."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

import msgspec

from .ovsdb import Tls, remotes


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may be configured.

    northbound, southbound: where the databases are served: unix:/PATH, or ssl:HOST:PORT for each server of a cluster,
    with commas between.
    private_key, certificate, ca_cert: PEM files for ssl, all three or none.
    integration_bridge: OVN's bridge on every host (ovn-controller(8), external_ids:ovn-bridge).
    distributed_floating_ips: True where every host has a way to the external networks: floating IPs are then
    translated on the VM's own host instead of the gateway's.
    timeout: seconds that one exchange with a database may take.
    while_down: what becomes of writes while the northbound database is out of reach: they are accepted, and realised
    when it is back, or refused.
    """

    northbound: str
    southbound: str
    private_key: str = ""
    certificate: str = ""
    ca_cert: str = ""
    integration_bridge: str = "br-int"
    distributed_floating_ips: bool = False
    timeout: Annotated[float, msgspec.Meta(gt=0, le=60)] = 5.0
    while_down: Literal["accept", "refuse"] = "accept"

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> "Settings":
        """Raises ValueError naming the key that is unknown, ill-typed or missing."""
        try:
            settings = msgspec.convert(dict(table), cls)
            remotes.parse(settings.northbound)
            remotes.parse(settings.southbound)
        except (msgspec.ValidationError, ValueError) as error:
            raise ValueError(f"plugin ovn: {error}") from None
        given = [bool(settings.private_key), bool(settings.certificate), bool(settings.ca_cert)]
        if any(given) and not all(given):
            raise ValueError("plugin ovn needs private_key, certificate and ca_cert together, or none of them")
        return settings

    @property
    def tls(self) -> Tls | None:
        return Tls(self.private_key, self.certificate, self.ca_cert) if self.certificate else None
