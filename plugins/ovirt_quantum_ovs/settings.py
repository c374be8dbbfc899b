"""The plugin's table of the configuration file."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any


@dataclass(frozen=True)
class Settings:
    """What may be configured.

    private_key, certificate, ca_cert: PEM files for `ssl:` hosts, all three or none. The hosts' certificates must be
    signed by `ca_cert` and name the host as the inventory does.
    timeout: seconds that one transaction on a host may take.
    """

    private_key: str = ""
    certificate: str = ""
    ca_cert: str = ""
    timeout: float = 5.0

    @classmethod
    def read(cls, table: Mapping[str, Any]) -> "Settings":
        """Raises ValueError naming the key that is unknown, ill-typed or missing."""
        known = {field.name for field in fields(cls)}
        if unknown := sorted(set(table) - known):
            raise ValueError(f"plugin ovs has no setting '{unknown[0]}'; it knows {', '.join(sorted(known))}")
        for key, value in table.items():
            _check(key, value)
        settings = cls(**table)
        given = [bool(settings.private_key), bool(settings.certificate), bool(settings.ca_cert)]
        if any(given) and not all(given):
            raise ValueError("plugin ovs needs private_key, certificate and ca_cert together, or none of them")
        return settings


def _check(key: str, value: Any) -> None:
    if key != "timeout":
        if not isinstance(value, str):
            raise ValueError(f"plugin ovs: '{key}' is the path of a file, not {value!r}")
    elif isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value <= 60:
        raise ValueError(f"plugin ovs: 'timeout' is more than 0 and at most 60 seconds, not {value!r}")
