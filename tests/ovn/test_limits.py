"""A port's limits: how much gets through, by what arrives; its marks, by what is on the wire."""

import re
from typing import Any

import pytest

from lab.host import DATA_NIC
from tests.api.client import Document
from tests.ovn.site import Site, Vm, until
from tests.ovn.traffic import tcp_kbps, udp_kbps

pytestmark = pytest.mark.root

FREE = 15_000
"""Kilobits a second, of 20,000 that are sent: nothing limits it."""


def policy(site: Site, *rules: tuple[str, Document]) -> str:
    """A policy with rules of these types."""
    made = site.admin.create("qos/policies", name="gold")
    for kind, rule in rules:
        answer = site.admin.send("POST", f"qos/policies/{made['id']}/{kind}_rules", {f"{kind}_rule": rule})
        assert answer.status == 201, answer
    id: str = made["id"]
    return id


def limit(kbps: int, **more: Any) -> tuple[str, Document]:
    return "bandwidth_limit", {"max_kbps": kbps, **more}


@pytest.fixture
def blue(site: Site) -> Document:
    return site.network("10.1.0.0/24", port_security_enabled=False)


def pair(site: Site, network: Document, **port: Any) -> tuple[Vm, Vm]:
    """A VM with this port, and one on the other host that it reaches."""
    one, other = site.start(network, site.host1, **port).ask_dhcp(), site.start(network, site.host2).ask_dhcp()
    until(lambda: one.reaches(other.address, tries=1), "the two do not reach each other")
    return one, other


def test_a_limit_of_what_a_vm_sends(site: Site, blue: Document) -> None:
    """UDP and TCP; what it gets is free. A bucket of one second's worth is there at the beginning."""
    one, other = pair(site, blue, qos_policy_id=policy(site, limit(2000)))
    assert 1900 < udp_kbps(one, other) < 3000
    assert 1500 < tcp_kbps(one, other) < 2600
    assert udp_kbps(other, one, 1) > FREE


def test_a_limit_of_what_a_vm_gets(site: Site, blue: Document) -> None:
    """And what it sends is free."""
    one, other = pair(site, blue, qos_policy_id=policy(site, limit(2000, direction="ingress")))
    assert 1900 < udp_kbps(other, one) < 3000
    assert 1500 < tcp_kbps(other, one) < 2600
    assert udp_kbps(one, other, 1) > FREE


def test_a_burst(site: Site, blue: Document) -> None:
    """What may be sent at once, beside the rate: 8,000 kilobits more in three seconds."""
    one, other = pair(site, blue, qos_policy_id=policy(site, limit(2000, max_burst_kbps=8000)))
    assert 4000 < udp_kbps(one, other) < 5200


def test_a_limit_that_changes_and_goes(site: Site, blue: Document) -> None:
    """A rule of the network's policy, on a VM that runs; nothing is left of it in OVN."""
    gold = policy(site, limit(2000))
    site.admin.update("networks", blue["id"], qos_policy_id=gold)
    one, other = pair(site, blue)
    assert udp_kbps(one, other) < 3000
    (rule,) = site.admin.show("qos/policies", gold)["rules"]
    path = f"qos/policies/{gold}/bandwidth_limit_rules/{rule['id']}"
    assert site.admin.send("PUT", path, {"bandwidth_limit_rule": {"max_kbps": 6000}}).status == 200
    assert 5500 < udp_kbps(one, other) < 9000
    site.admin.update("networks", blue["id"], qos_policy_id=None)
    until(lambda: udp_kbps(one, other, 1) > FREE, "the limit is gone and slows packets down")
    assert site.ovn.nbctl("list", "QoS") == ""


def test_no_row_is_left_of_a_port_that_is_removed(site: Site, blue: Document) -> None:
    """The switch stays; its rules go with the port."""
    gold = policy(site, limit(2000), limit(3000, direction="ingress"), ("dscp_marking", {"dscp_mark": 26}))
    port = site.admin.create("ports", network_id=blue["id"], qos_policy_id=gold)
    assert len(site.ovn.nbctl("--bare", "--columns=_uuid", "list", "QoS").split()) == 2
    site.admin.delete("ports", port["id"])
    assert site.ovn.nbctl("list", "QoS") == ""


def test_a_rule_that_is_changed_by_hand_is_put_right(site: Site, blue: Document) -> None:
    """Like every row of ours."""
    site.admin.create("ports", network_id=blue["id"], qos_policy_id=policy(site, limit(2000)))
    id = site.ovn.nbctl("--bare", "--columns=_uuid", "list", "QoS")
    site.ovn.nbctl("set", "QoS", id, "bandwidth:rate=99")
    until(lambda: site.ovn.nbctl("get", "QoS", id, "bandwidth:rate") == "2000", "the rate is not put right")
    site.ovn.nbctl("clear", "Logical_Switch", blue["id"], "qos_rules")
    until(lambda: site.ovn.nbctl("--bare", "--columns=_uuid", "list", "QoS") == id, "the rule does not come back")


def test_what_a_vm_sends_is_marked(site: Site, blue: Document) -> None:
    """DSCP 26, beside a limit, as its peer gets it: the answer to a ping that was not marked."""
    gold = policy(site, ("dscp_marking", {"dscp_mark": 26}), limit(5000))
    one, other = pair(site, blue, qos_policy_id=gold)
    log = site.folder / "marks.log"
    capture = ["tcpdump", "-i", "eth0", "-c", "2", "-l", "-n", "-v", "icmp"]
    watching = other.netns.popen(capture, log=log)
    until(lambda: "listening" in log.read_text(), "tcpdump does not start")
    assert other.reaches(one.address)
    assert watching.wait(10) == 0
    assert re.findall(r"\(tos (0x[0-9a-f]+),", log.read_text())[:2] == ["0x0", hex(26 << 2)]


def test_a_minimum_is_a_class_of_the_hosts_wire(site: Site) -> None:
    """On a VLAN network: 3 Mbit/s for this port. That the kernel gives it packets is not shown: the datapath in user
    space passes its classes by.

    In about 4 of 22 runs ovn-controller 23.03 did not make the class within 10 s, why is not known. Since the test
    makes it compute everything again, 20 of 20 did.
    """
    wire = {"provider:network_type": "vlan", "provider:physical_network": "physnet1"}
    green = site.network("10.3.0.0/24", **wire, **{"provider:segmentation_id": 333})
    site.host1.ovs_vsctl("set", "Interface", DATA_NIC, "external_ids:ovn-egress-iface=true")
    vm = site.start(green, site.host1, qos_policy_id=policy(site, ("minimum_bandwidth", {"min_kbps": 3000})))

    def classes() -> str:
        return site.host1.run(["tc", "class", "show", "dev", DATA_NIC]).stdout

    site.host1.run(["ovn-appctl", "-t", "ovn-controller", "inc-engine/recompute"])
    until(lambda: "rate 3Mbit" in classes(), "the host's wire has no class for the port")
    assert site.status(vm) == ("ACTIVE", ["host1"])
    site.admin.update("ports", vm.port["id"], qos_policy_id=None)
    until(lambda: "rate 3Mbit" not in classes(), "the class stays without the policy")


def test_what_ovn_does_not_keep_is_said(site: Site, blue: Document) -> None:
    """A minimum on an overlay, or of what comes in."""
    gold = policy(
        site,
        ("minimum_bandwidth", {"min_kbps": 3000}),
        ("minimum_bandwidth", {"min_kbps": 3000, "direction": "ingress"}),
    )
    port = site.admin.create("ports", network_id=blue["id"], qos_policy_id=gold)

    def reason() -> str:
        return str(site.admin.show("ports", port["id"])["status_reason"])

    until(lambda: "VLAN and flat networks only" in reason() and "comes to a VM" in reason(), "the port does not say it")
