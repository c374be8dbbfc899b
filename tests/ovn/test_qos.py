"""A policy's rules as OVN's."""

from typing import Literal

import pytest
from ovirt_quantum.model import (
    AnyQosRule,
    BandwidthLimitRule,
    DscpMarkingRule,
    MinimumBandwidthRule,
    Network,
    PhysicalNetwork,
    Port,
    QosPolicy,
)
from ovirt_quantum.plugin import DesiredPort
from ovirt_quantum_ovn import port as ports
from ovirt_quantum_ovn import qos

DEPLOYMENT = "11111111-1111-4111-8111-111111111111"
OVERLAY = Network(network_type="geneve")
VLAN = Network(network_type="vlan", physical_network="blue", segmentation_id=100)
PORT = Port(network_id=OVERLAY.id)


def desired(*rules: AnyQosRule, network: Network = OVERLAY) -> DesiredPort:
    physical = PhysicalNetwork(name="blue") if network.network_type == "vlan" else None
    return DesiredPort(PORT, network, physical, QosPolicy(rules=list(rules)))


@pytest.mark.parametrize(
    ("direction", "way", "match"), [("egress", "from-lport", "inport"), ("ingress", "to-lport", "outport")]
)
def test_a_limit(direction: Literal["egress", "ingress"], way: str, match: str) -> None:
    """Kilobits, as at the API; without a burst OVN chooses one."""
    (row,) = qos.rows(desired(BandwidthLimitRule(max_kbps=2000, direction=direction)), DEPLOYMENT)
    assert row.place == qos.rule_of(PORT.id, direction)
    assert (row.columns["direction"], row.columns["match"]) == (way, f'{match} == "{PORT.id}"')
    assert (row.columns["bandwidth"], row.columns["action"]) == ({"rate": 2000}, {})
    (row,) = qos.rows(desired(BandwidthLimitRule(max_kbps=2, max_burst_kbps=3, direction=direction)), DEPLOYMENT)
    assert row.columns["bandwidth"] == {"rate": 2, "burst": 3}


def test_a_mark_and_a_limit_are_one_rule() -> None:
    """Of two that match a packet OVN takes one."""
    (row,) = qos.rows(desired(DscpMarkingRule(dscp_mark=26), BandwidthLimitRule(max_kbps=2)), DEPLOYMENT)
    assert (row.columns["bandwidth"], row.columns["action"]) == ({"rate": 2}, {"dscp": 26})


def test_no_policy_no_rule() -> None:
    """And rules that there were are looked for in their places."""
    assert qos.rows(DesiredPort(PORT, OVERLAY, None, None), DEPLOYMENT) == ()
    assert {qos.rule_of(PORT.id, "egress"), qos.rule_of(PORT.id, "ingress")} <= set(ports.extent(PORT.id).places)


def test_a_minimum_is_the_ports_own_option() -> None:
    """In bits a second, on a wire; elsewhere it is said that it is not kept."""
    least = MinimumBandwidthRule(min_kbps=3000)
    assert qos.options(desired(least, network=VLAN)) == {"qos_min_rate": "3000000"}
    assert qos.shortfall(desired(least, network=VLAN)) == []
    assert qos.options(desired(least)) == {}
    assert len(qos.shortfall(desired(least))) == 1
    assert len(qos.shortfall(desired(MinimumBandwidthRule(min_kbps=1, direction="ingress"), network=VLAN))) == 1
