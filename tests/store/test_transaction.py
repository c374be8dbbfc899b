"""What the service's verbs write through."""

import pytest
from msgspec import structs
from ovirt_quantum.errors import Conflict, NotFound
from ovirt_quantum.model import Host, Network, PhysicalNetwork, Port, QosPolicy
from ovirt_quantum.model.types import MacAddress
from ovirt_quantum.plugin import Ref
from ovirt_quantum.service.qos import delete_policy
from ovirt_quantum.store import allocations
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.transaction import Transaction

from .cloud import ADMIN, Cloud, all_of


def test_what_is_added_is_found(database: Database) -> None:
    """By id, by column, and in what was touched."""
    with database.writing() as connection:
        tx = Transaction(connection)
        host = tx.add(Host(name="host1"))
        assert tx.get(Host, host.id) == host
        assert tx.touched == {Ref("host", host.id): Host}
    with database.reading() as connection:
        tx = Transaction(connection)
        assert tx.get(Host, host.id) == host
        assert tx.find(Host, name="host1") == [host]
        assert tx.find(Host, name="host2") == []
        assert tx.any(Host, name="host1")
        assert not tx.any(Host, name="HOST1")
        assert not tx.any(Host, name="host1 ")


def test_standard_attributes_are_kept(database: Database) -> None:
    """Revision 1 and the time at first; each change counts up and keeps when it was made."""
    with database.writing() as connection:
        tx = Transaction(connection)
        first = tx.add(Host(name="host1"))
        second = tx.change(structs.replace(first, description="rack 1"))
        third = tx.change(structs.replace(second, description="rack 2"))
    assert first.revision_number == 1
    assert first.created_at == first.updated_at
    assert first.created_at.endswith("Z")
    assert third.revision_number == 3
    assert third.created_at == first.created_at
    assert all_of(database, Host) == [third]


def test_what_is_derived_makes_no_revision(database: Database) -> None:
    """`rewrite` keeps the revision and tells no plugin."""
    with database.writing() as connection:
        host = Transaction(connection).add(Host(name="host1"))
    with database.writing() as connection:
        tx = Transaction(connection)
        tx.rewrite(structs.replace(host, description="seen"))
        assert tx.get(Host, host.id).description == "seen"
        assert tx.touched == {}
    assert all_of(database, Host)[0].revision_number == 1


def test_columns_follow_the_document(database: Database) -> None:
    """A changed attribute is found by its new value only."""
    with database.writing() as connection:
        tx = Transaction(connection)
        wire = tx.add(PhysicalNetwork(name="blue", bridge="br-blue"))
        tx.change(structs.replace(wire, bridge="br-green"))
    with database.reading() as connection:
        assert Transaction(connection).any(PhysicalNetwork, bridge="br-green")
        assert not Transaction(connection).any(PhysicalNetwork, bridge="br-blue")


def test_what_is_removed_is_gone(database: Database) -> None:
    """Also for the transaction that removed it."""
    with database.writing() as connection:
        tx = Transaction(connection)
        host = tx.add(Host(name="host1"))
        tx.remove(host)
        assert tx.look(Host, host.id) is None
        with pytest.raises(NotFound, match=rf"Host {host.id} could not be found"):
            tx.get(Host, host.id)
    assert all_of(database, Host) == []


def test_nothing_stays_of_a_transaction_that_fails(database: Database) -> None:
    """An exception rolls all of it back."""

    def half(tx: Transaction) -> None:
        tx.add(Host(name="host1"))
        raise RuntimeError

    with pytest.raises(RuntimeError), database.writing() as connection:
        half(Transaction(connection))
    assert all_of(database, Host) == []


def test_readers_see_one_state(database: Database) -> None:
    """What is committed while somebody reads is not part of what he reads, and he does not wait for it."""
    with database.reading() as connection:
        assert Transaction(connection).find(Host) == []
        with database.writing() as other:
            Transaction(other).add(Host(name="host1"))
        assert not Transaction(connection).any(Host, name="host1")
    assert len(all_of(database, Host)) == 1


def test_two_ports_of_a_network_never_share_a_mac(cloud: Cloud) -> None:
    """Even where no check stood in the way: a conflict, and the first port stays."""
    network = cloud.network()
    port = Port(network_id=network.id, mac_address=MacAddress("52:54:00:00:00:01"))
    cloud.write(lambda tx: tx.add(port))
    with pytest.raises(Conflict, match="Try again"):
        cloud.write(lambda tx: tx.add(Port(network_id=network.id, mac_address=port.mac_address)))
    assert [one.id for one in all_of(cloud.database, Port)] == [port.id]


def test_the_same_mac_may_be_on_two_networks(cloud: Cloud) -> None:
    """A MAC must be unique on its own network only."""
    for network in (cloud.network(), cloud.network()):
        port = Port(network_id=network.id, mac_address=MacAddress("52:54:00:00:00:01"))
        cloud.write(lambda tx, port=port: tx.add(port))  # type: ignore[misc]
    assert len(all_of(cloud.database, Port)) == 2


def test_a_vlan_is_never_taken_twice(cloud: Cloud) -> None:
    """The last line of defence behind the pool's own choice."""
    cloud.write(lambda tx: allocations.take_vlan(tx.connection, "blue", 7, "first"))
    with pytest.raises(Conflict, match="Try again"):
        cloud.write(lambda tx: allocations.take_vlan(tx.connection, "blue", 7, "second"))
    with cloud.database.reading() as connection:
        assert allocations.vlan_holder(connection, "blue", 7) == (True, "first")


@pytest.mark.parametrize("cidr", ["10.0.0.0/24", "2001:db8::/64"])
def test_an_address_is_never_taken_twice(cloud: Cloud, cidr: str) -> None:
    """The last line of defence behind the subnet's own choice."""
    subnet = cloud.subnet(cloud.network(), cidr)
    cloud.write(lambda tx: allocations.take_address(tx.connection, subnet.id, 5, "first"))
    with pytest.raises(Conflict, match="Try again"):
        cloud.write(lambda tx: allocations.take_address(tx.connection, subnet.id, 5, "second"))
    with cloud.database.reading() as connection:
        assert allocations.address_holder(connection, subnet.id, 5) == "first"


def test_addresses_are_ordered_as_numbers(cloud: Cloud) -> None:
    """Text order is numeric order, at IPv6's sizes too."""
    subnet = cloud.subnet(cloud.network(), "2001:db8::/64")
    numbers = [2, 10, 255, 256, 2**64 - 1, 2**64, 2**127]
    for taken in reversed(numbers):
        cloud.write(lambda tx, taken=taken: allocations.take_address(tx.connection, subnet.id, taken, "p"))  # type: ignore[misc]
    with cloud.database.reading() as connection:
        assert list(allocations.used_addresses(connection, subnet.id, 0, 2**128 - 1)) == numbers
        assert allocations.last_address(connection, subnet.id, 3, 2**64 - 1) == 2**64 - 1
        assert allocations.last_address(connection, subnet.id, 3, 9) is None


def test_a_network_in_use_is_not_removed(cloud: Cloud) -> None:
    """A port without a network can't be: the database itself refuses."""
    network = cloud.network()
    cloud.port(network)
    with pytest.raises(Conflict, match="Try again"):
        cloud.write(lambda tx: tx.remove(network))
    assert all_of(cloud.database, Network)[0].id == network.id


def test_a_policy_in_use_is_not_removed(cloud: Cloud) -> None:
    """Ports and networks are found by the policy that they use."""
    policy = cloud.write(lambda tx: tx.add(QosPolicy()))
    network = cloud.network()
    cloud.write(lambda tx: tx.change(structs.replace(network, qos_policy_id=policy.id)))
    with pytest.raises(Conflict, match=f"use by network {network.id}"):
        cloud.write(lambda tx: delete_policy(tx, ADMIN, policy.id))
