"""From a configuration to a running service."""

from collections.abc import Sequence
from pathlib import Path

import structlog

from . import plugins
from .api.app import application
from .api.server import Limits, check_certificate, listen
from .api.server import serve as serve_http
from .config import Config, ConfigError
from .identity import KEY_FILE, Identity, first_accounts, load_or_make_key
from .model import Actor, PhysicalNetwork, Role, VlanRange
from .model.wish import Wish
from .plugin import Context, Observed, PluginMaker
from .provider import Provider
from .reconciler import Reconciler
from .service.features import Abilities
from .service.physical import create_physical_network
from .store.accounts import SqlAccounts
from .store.database import Database, with_password
from .store.deployment import Standing, Witness, confirm, examine
from .store.transaction import Transaction

LOOPBACK = ("127.", "[::1]", "localhost")
WITNESS = "witness.json"
LIMITS = Limits()

log = structlog.get_logger()


def serve(config: Config, limits: Limits = LIMITS) -> None:
    """The whole product: what should be in the database, plugins that make it so, an API in front."""
    check_listeners(config)
    plugins.check(config.plugins)
    data = data_directory(config)
    database = open_database(config)
    standing = examine(database, data / WITNESS)
    identity = open_identity(config, database)
    if not standing.doubt:
        first_accounts(SqlAccounts(database), data)
        if standing.generation == 0:
            declare_first_physical_network(database)
    reconcilers = make_reconcilers(config, database, standing)
    abilities = abilities_of(config, reconcilers)
    provider = Provider(database, identity, reconcilers, abilities, data / WITNESS, standing)
    app = application(provider, authenticated=config.identity.auth != "none")
    listeners = [listen(address) for address in (config.server.listen, config.server.keystone_listen) if address]
    provider.start()
    log.info("serving", listen=config.server.listen, plugins=",".join(config.plugins), doubt=standing.doubt or None)
    try:
        serve_http(app, listeners, config.server.certificate, config.server.private_key, limits)
    finally:
        provider.close()


def open_identity(config: Config, database: Database) -> Identity:
    """Accounts in the database, the signing key in the data directory."""
    key = load_or_make_key(data_directory(config) / KEY_FILE)
    return Identity(SqlAccounts(database), key, config.identity.token_lifetime_s)


def open_database(config: Config) -> Database:
    """Opened and migrated."""
    database = Database(database_url(config))
    database.migrate()
    return database


def database_url(config: Config) -> str:
    """The URL with the password from its file; an SQLite file in the data directory where none is set."""
    settings = config.database
    if not settings.url:
        return f"sqlite:///{Path(config.data).resolve() / 'quantum.db'}"
    password = Path(settings.password_file).read_text().strip() if settings.password_file else ""
    try:
        return with_password(settings.url, password)
    except ValueError as error:
        raise ConfigError(f"database.url: {error}") from None


def data_directory(config: Config) -> Path:
    """Made where it is missing, for the service's user alone."""
    data = Path(config.data)
    data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return data


def make_reconcilers(config: Config, database: Database, standing: Standing) -> list[Reconciler]:
    """The plugins in the order of the configuration. The first that can plugs the ports of a type of network.

    Raises ConfigError.
    """
    reconcilers: list[Reconciler] = []
    plugged = frozenset[str]()
    for name in config.plugins:
        maker = plugins.find(name)
        reconcilers.append(make_reconciler(config, name, maker, maker.network_types - plugged, database, standing))
        plugged |= maker.network_types
    return reconcilers


def make_reconciler(
    config: Config, name: str, maker: PluginMaker, plugs: frozenset[str], database: Database, standing: Standing
) -> Reconciler:
    """A plugin and the loop that drives it; what the plugin sees goes to its loop. Raises ConfigError."""

    def observe(seen: Sequence[Observed]) -> None:
        reconciler.observe(seen)

    try:
        plugin = maker(Context(standing.deployment, config.plugin.get(name, {}), observe, plugs))
        reconciler = Reconciler(plugin, database, config.resync_s)
    except ValueError as error:
        raise ConfigError(f"{name}: {error}") from None
    return reconciler


def abilities_of(config: Config, reconcilers: Sequence[Reconciler]) -> Abilities:
    """All that the plugins can do. Raises ConfigError for a default type that none can."""
    loaded = [reconciler.plugin for reconciler in reconcilers]
    features = frozenset[str]().union(*(plugin.features for plugin in loaded))
    kinds = frozenset[str]().union(*(plugin.network_types for plugin in loaded)) or Abilities().network_types
    default = config.network.default_type or ("geneve" if "geneve" in kinds else "vlan")
    if default not in kinds:
        raise ConfigError(f"network.default_type: no loaded plugin realises {default} networks")
    return Abilities(features, kinds, default, config.network.overlay_mtu)


def confirm_database(config: Config) -> Witness:
    """An administrator's word that the database is the right one, an empty one included: it is made ready for use."""
    database, data = open_database(config), data_directory(config)
    first_accounts(SqlAccounts(database), data)  # before a running service takes the word and lets people log in
    confirmed = confirm(database, data / WITNESS)
    if confirmed.generation == 0:
        declare_first_physical_network(database)
    database.close()
    return confirmed


def declare_first_physical_network(database: Database) -> None:
    """On the first start of all: something that a plain `POST networks` can take a VLAN from."""
    with database.writing() as connection:
        tx = Transaction(connection)
        if tx.find(PhysicalNetwork):
            return
        first = PhysicalNetwork(name="physnet1", vlan_ranges=[VlanRange(100, 999)])
        create_physical_network(tx, Actor("admin", Role.ADMIN, "admin"), Wish(first, frozenset()))
        log.info("declared a first physical network: change it to what is there", name="physnet1", vlans="100-999")


def check_listeners(config: Config) -> None:
    """Raises ConfigError for plain HTTP where packets leave the machine, unless the administrator wants it."""
    server = config.server
    if bool(server.certificate) != bool(server.private_key):
        raise ConfigError("server.certificate and server.private_key go together")
    if server.certificate:
        check_certificate(server.certificate, server.private_key)
    for key, address in (("listen", server.listen), ("keystone_listen", server.keystone_listen)):
        if not address:
            continue
        if not server.certificate and not server.plain_http and not address.startswith(LOOPBACK):
            raise ConfigError(
                f"server.{key} {address} leaves this machine: set server.certificate and server.private_key, "
                "or server.plain_http = true"
            )
        if config.identity.auth == "none" and not address.startswith(LOOPBACK) and not server.plain_http:
            raise ConfigError(f"identity.auth = none on {address} lets anybody in: use a loopback address")
