"""What a vNIC of ours becomes, and that nothing else changes."""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from .certificates import Authority
from .conftest import NIC, OURS, PORT, Host
from .machine import HOOKS
from .provider import HOST_ID, Provider

KEPT = ("model", "link", "driver", "alias", "address", "boot", "mac", "mtu", "bandwidth")


def children(data: str) -> dict[str, list[str]]:
    """Each child element, by tag, in canonical form."""
    found: dict[str, list[str]] = {}
    for element in ElementTree.fromstring(data):
        element.tail = None
        found.setdefault(element.tag, []).append(ElementTree.canonicalize(ElementTree.tostring(element, "unicode")))
    return found


@pytest.mark.parametrize("event", ["before_device_create", "before_nic_hotplug"])
def test_a_vlan_port_is_plugged_with_its_tag(host: Host, provider: Provider, event: str) -> None:
    """Bridge, port id and VLAN tag are written; all else of the engine's stays."""
    host.use(provider.url())
    ran = host.plug(event=event)
    assert (ran.code, ran.words) == (0, "")
    now, before = children(ran.data), children(NIC)
    assert now.pop("source") == ['<source bridge="br-int"></source>']
    assert now.pop("virtualport") == [
        f'<virtualport type="openvswitch"><parameters interfaceid="{PORT}"></parameters></virtualport>'
    ]
    assert now.pop("vlan") == ['<vlan><tag id="100"></tag></vlan>']
    assert now == {tag: before[tag] for tag in KEPT}
    assert provider.asked == [(f"/plug/{PORT}", HOST_ID)]


@pytest.mark.parametrize(("vlan", "written"), [(None, None), (0, "0"), (4094, "4094")])
def test_no_tag_and_tag_zero_are_different_things(
    host: Host, provider: Provider, vlan: int | None, written: str | None
) -> None:
    """A port without a VLAN gets no <vlan>; VLAN 0 is a value."""
    provider.add(PORT, vlan, bridge="br-other")
    host.use(provider.url())
    interface = ElementTree.fromstring(host.plug().data)
    tag = interface.find("vlan/tag")
    assert (None if tag is None else tag.get("id")) == written
    assert interface.find("source").get("bridge") == "br-other"  # type: ignore[union-attr]


def test_an_ovn_only_host_asks_nobody(host: Host) -> None:
    """Without a provider in host.conf the port goes to the configured bridge, untagged."""
    host.configure("# OVN alone", "", "bridge = br-ovn")
    interface = ElementTree.fromstring(host.plug().data)
    assert interface.find("source").get("bridge") == "br-ovn"  # type: ignore[union-attr]
    assert interface.find("vlan") is None


def test_leftovers_are_replaced(host: Host, provider: Provider) -> None:
    """What an earlier hook wrote, or libvirt refuses on an Open vSwitch port, is gone; a filter is named."""
    host.use(provider.url())
    leftovers = """<port isolated="yes"/><target dev="vnet7"/><vlan><tag id="7"/></vlan>
        <filterref filter="vdsm-no-mac-spoofing"><parameter name="A" value="1"/></filterref>
        <virtualport type="openvswitch"/><virtualport type="802.1Qbh"><parameters profileid="x"/></virtualport>
        <source bridge="second"/></interface>"""
    ran = host.plug(NIC.replace("</interface>", leftovers))
    assert ran.code == 0
    assert sorted(children(ran.data)) == sorted((*KEPT, "source", "virtualport", "vlan"))
    assert [len(found) for found in children(ran.data).values()] == [1] * 12
    assert ran.words.count("\n") == 1
    assert "vdsm-no-mac-spoofing" in ran.words


def test_running_it_twice_changes_nothing_more(host: Host, provider: Provider) -> None:
    """The hook's own output is as good an input as the engine's."""
    host.use(provider.url())
    once = host.plug().data
    assert children(host.plug(once).data) == children(once)


def test_teaming_and_qos_of_the_profile_stay(host: Host, provider: Provider) -> None:
    """A failover pair and the vNIC profile's bandwidth are the administrator's wish."""
    host.use(provider.url())
    wish = '<teaming type="persistent"/><bandwidth><inbound average="1000" burst="10" peak="2000"/></bandwidth>'
    now = children(host.plug(NIC.replace("<bandwidth/>", wish)).data)
    assert now["teaming"] == ['<teaming type="persistent"></teaming>']
    assert now["bandwidth"] == ['<bandwidth><inbound average="1000" burst="10" peak="2000"></inbound></bandwidth>']


def test_an_upper_case_port_id_is_the_same_port(host: Host, provider: Provider) -> None:
    """UUIDs are written in either case; libvirt's and ours are lower case."""
    host.use(provider.url())
    ran = host.plug(device={**OURS, "vnic_id": PORT.upper()})
    assert ran.code == 0
    assert f'interfaceid="{PORT}"' in ran.data


def test_a_different_mac_at_the_provider_is_said_and_accepted(host: Host, provider: Provider) -> None:
    """The engine tells of an edited MAC only with a change of host, so the VM must start."""
    provider.add(PORT, 100, mac_address="56:6f:00:00:00:99")
    host.use(provider.url())
    ran = host.plug()
    assert ran.code == 0
    assert "56:6f:00:00:00:99" in ran.words


def test_tls_is_spoken_and_verified(host: Host, tls_provider: Provider, authority: Authority) -> None:
    """By host name and by address, with the CA of ca_file."""
    host.use(tls_provider.url("localhost"), ca_file=authority.ca_file)
    assert host.plug().code == 0
    host.use(tls_provider.url("127.0.0.1"), ca_file=authority.ca_file)
    assert host.plug().code == 0
    assert len(tls_provider.asked) == 2


def test_a_url_may_have_a_path(host: Host) -> None:
    """A provider behind a reverse proxy lives below a prefix."""
    with Provider(prefix="/quantum") as provider:
        provider.add(PORT, 5)
        host.use(provider.url() + "/")
        assert host.plug().code == 0


def test_it_runs_as_the_user_vdsm(system_host: Host, provider: Provider) -> None:
    """Nothing in it needs root: neither the files nor the rewriting."""
    system_host.use(provider.url())
    assert system_host.plug(uid=36).code == 0


@pytest.mark.parametrize("event", ["before_device_create", "before_nic_hotplug", "after_get_caps"])
def test_the_scripts_lie_as_vdsm_wants_them(event: str) -> None:
    """VDSM runs what it may execute, and nothing else lies there."""
    script = HOOKS / event / "50_ovirt_quantum"
    assert list(script.parent.iterdir()) == [script]
    assert script.stat().st_mode & 0o777 == 0o755
    assert script.read_text().startswith("#!/usr/bin/python3 -IS\n")
    assert (
        Path(HOOKS, "before_nic_hotplug/50_ovirt_quantum").read_text()
        == Path(HOOKS, "before_device_create/50_ovirt_quantum").read_text()
    )
