"""The configuration: one TOML file, read once into frozen objects. docs/configuration.md has every key."""

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec


class ConfigError(Exception):
    """The configuration file is wrong: the administrator mends the key that it names."""


class Server(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where and how the API is served."""

    listen: str = "127.0.0.1:9696"
    """HOST:PORT."""
    keystone_listen: str = ""
    """A second listener for the same API, 127.0.0.1:35357 for one; empty: none."""
    certificate: str = ""
    """PEM file with the certificate and its chain; empty: plain HTTP, refused but on loopback."""
    private_key: str = ""
    plain_http: bool = False
    """True: plain HTTP also where packets leave the machine."""


class DatabaseSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where the truth is kept."""

    url: str = ""
    """SQLAlchemy URL, without a password; empty: an SQLite file in the data directory."""
    password_file: str = ""
    """File with the database's password."""


class IdentitySettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Log-in."""

    auth: Literal["password", "none"] = "password"
    token_lifetime_s: Annotated[int, msgspec.Meta(ge=1, le=31_536_000)] = 3600


class NetworkSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a network gets that asks for nothing."""

    default_type: Literal["", "vlan", "geneve"] = ""
    """The type of a network whose creator names none; empty: an overlay where a plugin has such, else a VLAN."""
    overlay_mtu: int = 1442
    """Bytes that an overlay network carries: the MTU between hosts less 58, Geneve's share of it over IPv4."""


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole of it. Beside these keys every loaded plugin has a table of its own name."""

    data: str = "data"
    """Directory of what the service writes: database file, keys, witness."""
    plugins: list[str] = msgspec.field(default_factory=lambda: ["ovs"])
    """Which plugins realise networks and ports, in order."""
    resync_s: Annotated[float, msgspec.Meta(gt=0, le=86_400)] = 300.0
    """How often everything is compared with the backends."""
    server: Server = Server()
    database: DatabaseSettings = DatabaseSettings()
    identity: IdentitySettings = IdentitySettings()
    network: NetworkSettings = NetworkSettings()
    plugin: dict[str, dict[str, Any]] = {}
    """The plugins' tables, by their names."""


def load(path: Path | None) -> Config:
    """Reads the file; without one, the defaults. Raises ConfigError that names the key."""
    if path is None:
        return Config()
    try:
        with path.open("rb") as file:
            return msgspec.convert(_with_plugin_tables(tomllib.load(file)), Config)
    except OSError as error:
        raise ConfigError(f"{path}: {error.strerror}") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not valid TOML: {error}") from None
    except msgspec.ValidationError as error:
        raise ConfigError(f"{path}: {str(error).replace('`$.', '`').replace('Object contains', 'it has an')}") from None


def _with_plugin_tables(read: dict[str, Any]) -> dict[str, Any]:
    """Collects the tables of the plugins that are named. One of another name stays, and is refused as unknown."""
    if "plugin" in read:
        raise msgspec.ValidationError("Object contains unknown field `plugin`: a plugin's table is called as it is")
    named = read.get("plugins", Config().plugins)
    tables = {name: read.pop(name) for name in list(read) if isinstance(named, list) and name in named}
    return read | {"plugin": tables}
