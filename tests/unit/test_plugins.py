"""Plugins as the configuration names them: what is wrong with one stops the start with a sentence."""

from pathlib import Path

import pytest
from ovirt_quantum.config import Config, ConfigError
from ovirt_quantum.plugin import Context
from ovirt_quantum.reconciler import Reconciler
from ovirt_quantum.serving import make_reconciler
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.deployment import Standing

from tests.contract.memory_plugin import MemoryPlugin


class Router(MemoryPlugin):
    """Realises what the core knows nothing of."""

    kinds = frozenset({"port", "router"})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'quantum.db'}")


def test_a_setting_that_a_plugin_does_not_know_is_named(database: Database) -> None:
    """As one of the service's own keys is."""
    config = Config(plugin={"ovs": {"colour": 1}})
    with pytest.raises(ConfigError, match=r"plugin\.ovs: .* no setting 'colour'"):
        make_reconciler(config, "ovs", database, Standing("deployment", 0))


def test_a_plugin_that_is_not_installed_is_named(database: Database) -> None:
    """With those that are."""
    with pytest.raises(ConfigError, match="there is no plugin 'osv'; installed: ovs"):
        make_reconciler(Config(), "osv", database, Standing("deployment", 0))


def test_a_plugin_that_wants_more_than_there_is_does_not_start(database: Database) -> None:
    """Else every write of that kind would fail."""
    with pytest.raises(ValueError, match="realises router; there is only network, port"):
        Reconciler(Router(Context("deployment", {}, lambda seen: None)), database, 300.0)
