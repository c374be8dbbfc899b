"""How a host is told to plug a port: by the word of the plugin that plugs ports of its network's type."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.api.client import Client
from tests.service import Service


@pytest.fixture(scope="module")
def administrator(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Client]:
    folder: Path = tmp_path_factory.mktemp("plug")
    service = Service(folder, 'plugins = ["ovs"]\n').start()
    yield Client(service, service.token())
    service.stop()


def plug(administrator: Client, **network: object) -> dict[str, object]:
    made = administrator.create("networks", **network)
    port = administrator.create("ports", network_id=made["id"])
    answer = administrator.service.call("GET", f"/plug/{port['id']}", token=administrator.token)
    assert (answer.status, answer.body["plug"]["port_id"]) == (200, port["id"])
    found: dict[str, object] = answer.body["plug"]
    return found


def test_a_vlan_port_is_plugged_with_its_tag(administrator: Client) -> None:
    """On the bridge of the physical network, in the VLAN of the network."""
    segment = {"provider:network_type": "vlan", "provider:physical_network": "physnet1"}
    told = plug(administrator, **segment, **{"provider:segmentation_id": 3000})
    assert (told["bridge"], told["vlan"], told["mtu"]) == ("br-int", 3000, 1500)


def test_a_flat_port_is_an_access_port_without_a_tag(administrator: Client) -> None:
    """0, and not null: without a tag it would be a trunk of all VLANs."""
    told = plug(administrator, **{"provider:network_type": "flat", "provider:physical_network": "physnet1"})
    assert told["vlan"] == 0


def test_a_type_that_no_plugin_realises_is_refused(administrator: Client) -> None:
    """Plain Open vSwitch has no overlays."""
    answer = administrator.post("networks", **{"provider:network_type": "geneve"})
    assert answer.status == 400
    assert "provider:network_type" in answer.message
