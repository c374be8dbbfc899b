"""What becomes due when something changes that objects are handed over with."""

import pytest
from msgspec import structs
from ovirt_quantum.model import BandwidthLimitRule, Network, PhysicalNetwork, Port, QosPolicy
from ovirt_quantum.plugin import NETWORK, PORT, DesiredNetwork, DesiredPort, Ref
from ovirt_quantum.service.network import update_network
from ovirt_quantum.service.physical import update_physical_network
from ovirt_quantum.service.port import update_port
from ovirt_quantum.service.qos import create_policy, create_rule
from ovirt_quantum.store.transaction import Transaction

from .cloud import ADMIN, Cloud, all_of, wish
from .loop import Loop


class Site:
    """A network with two ports, another one with one, all realised."""

    def __init__(self, cloud: Cloud, loop: Loop) -> None:
        self.cloud, self.loop = cloud, loop
        self.network, self.other = cloud.network(), cloud.network()
        self.ports = [cloud.port(self.network), cloud.port(self.network)]
        self.stranger = cloud.port(self.other)
        loop.step()

    @property
    def whole_network(self) -> set[Ref]:
        return {Ref(NETWORK, self.network.id), *(Ref(PORT, port.id) for port in self.ports)}

    def policy(self) -> QosPolicy:
        return self.cloud.write(lambda tx: create_policy(tx, ADMIN, wish(QosPolicy(name="slow"))))  # type: ignore[arg-type]

    def limit(self, policy: QosPolicy) -> set[Ref]:
        rule = BandwidthLimitRule(max_kbps=1000)
        self.cloud.write(lambda tx: create_rule(tx, ADMIN, policy.id, rule))
        return set(self.loop.step())

    def change(self, **values: object) -> set[Ref]:
        """Of the network. Returns what the plugin was handed."""
        return self._change(Network, self.network.id, update_network, values)

    def change_wire(self, **values: object) -> set[Ref]:
        blue = next(one for one in all_of(self.cloud.database, PhysicalNetwork) if one.name == "blue")
        return self._change(PhysicalNetwork, blue.id, update_physical_network, values)

    def change_port(self, **values: object) -> set[Ref]:
        return self._change(Port, self.ports[0].id, update_port, values)

    def _change(self, kind: type, id: str, update: object, values: dict[str, object]) -> set[Ref]:
        def work(tx: Transaction) -> None:
            changed = structs.replace(tx.get(kind, id), **values)
            update(tx, ADMIN, wish(changed, *values))  # type: ignore[operator]

        self.cloud.write(work)
        return set(self.loop.step())

    def held(self, port: Port) -> DesiredPort:
        """What the backend has."""
        found = self.loop.memory.objects[Ref(PORT, port.id)].value
        assert isinstance(found, DesiredPort)
        return found


@pytest.fixture
def site(cloud: Cloud, loop: Loop) -> Site:
    return Site(cloud, loop)


def test_a_network_that_goes_down_takes_its_ports_along(site: Site) -> None:
    """Its own, and no other network's."""
    assert site.change(admin_state_up=False) == site.whole_network
    assert not any(site.held(port).network.admin_state_up for port in site.ports)
    assert site.held(site.stranger).network.admin_state_up


def test_a_new_name_concerns_the_network_alone(site: Site) -> None:
    """Thousands of ports would be applied for nothing."""
    assert site.change(name="campus", description="all of it") == {Ref(NETWORK, site.network.id)}
    assert site.change_wire(description="dark fibre") == set()


def test_a_networks_policy_reaches_its_ports(site: Site) -> None:
    """When it is given one, and when a rule of that changes."""
    policy = site.policy()
    assert site.change(qos_policy_id=policy.id) == site.whole_network
    assert site.limit(policy) == site.whole_network
    for port in site.ports:
        qos = site.held(port).qos
        assert qos is not None
        assert [rule.max_kbps for rule in qos.rules] == [1000]
    assert site.held(site.stranger).qos is None


def test_a_ports_policy_reaches_it_alone(site: Site) -> None:
    """The rule that changes is one of this port's."""
    policy = site.policy()
    assert site.change_port(qos_policy_id=policy.id) == {Ref(PORT, site.ports[0].id)}
    assert site.limit(policy) == {Ref(PORT, site.ports[0].id)}


def test_a_physical_network_reaches_all_that_is_on_it(site: Site) -> None:
    """Networks and their ports know its new MTU."""
    everything = site.whole_network | {Ref(NETWORK, site.other.id), Ref(PORT, site.stranger.id)}
    assert site.change_wire(mtu=9000) == everything
    for ref in everything:
        held = site.loop.memory.objects[ref].value
        assert isinstance(held, DesiredNetwork | DesiredPort)
        assert held.physical is not None
        assert held.physical.mtu == 9000


def test_what_is_asked_again_is_read_again_after_a_write(site: Site) -> None:
    """A request that looks twice sees its own write."""

    def work(tx: Transaction) -> list[str]:
        (before,) = tx.find(Port, id=site.stranger.id)
        assert tx.find(Port, id=site.stranger.id) == [before]
        tx.change(structs.replace(before, name="seen"))
        return [port.name for port in tx.find(Port, id=site.stranger.id)]

    assert site.cloud.write(work) == ["seen"]
