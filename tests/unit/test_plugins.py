"""Plugins as the configuration names them: what is wrong with one stops the start with a sentence."""

from pathlib import Path

import pytest
from ovirt_quantum.config import Config, ConfigError
from ovirt_quantum.plugin import Context
from ovirt_quantum.plugins import check
from ovirt_quantum.reconciler import Reconciler
from ovirt_quantum.serving import make_reconcilers
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.deployment import Standing

from tests.contract.memory_plugin import MemoryPlugin
from tests.contract.ports import desired_port


class Cabling(MemoryPlugin):
    """Realises what the core knows nothing of."""

    kinds = frozenset({"port", "cable"})


@pytest.fixture
def database(tmp_path: Path) -> Database:
    return Database(f"sqlite:///{tmp_path / 'quantum.db'}")


def test_a_setting_that_a_plugin_does_not_know_is_named(database: Database) -> None:
    """As one of the service's own keys is."""
    config = Config(plugin={"ovs": {"colour": 1}})
    with pytest.raises(ConfigError, match=r"^ovs: .* no setting 'colour'"):
        make_reconcilers(config, database, Standing("deployment", 0))


def test_a_plugin_that_is_not_installed_is_named() -> None:
    """With those that are."""
    with pytest.raises(ConfigError, match=r"there is no plugin 'osv'; installed: .*ovs"):
        check(["osv"])


def test_a_plugin_that_is_named_twice_is_refused() -> None:
    """Two of one would work against each other."""
    with pytest.raises(ConfigError, match="named twice"):
        check(["ovs", "ovs"])


def test_a_plugin_that_wants_more_than_there_is_does_not_start(database: Database) -> None:
    """Else every write of that kind would fail."""
    context = Context("deployment", {}, lambda seen: None, MemoryPlugin.network_types)
    with pytest.raises(ValueError, match="realises cable; there is only network, "):
        Reconciler(Cabling(context), database, 300.0)


def test_the_first_plugin_that_can_plugs_a_networks_ports(database: Database) -> None:
    """Those after it get what it leaves."""
    tables = {"ovn": {"northbound": "unix:/none", "southbound": "unix:/none"}}
    config = Config(plugins=["ovs", "ovn"], plugin=tables)
    ovs, ovn = make_reconcilers(config, database, Standing("11111111-1111-4111-8111-111111111111", 0))
    desired = desired_port(1)
    assert ovs.plugin.plug(desired).vlan == desired.network.segmentation_id
    assert (ovs.plugin.network_types, ovn.plugin.network_types) == ({"vlan", "flat"}, {"geneve"})
    for reconciler in (ovs, ovn):
        reconciler.plugin.close()
