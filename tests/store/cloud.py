"""A cloud in a database, for tests: who writes to it, what is in it, and what must hold of it at any time."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

from ovirt_quantum.addressing import number
from ovirt_quantum.model import Actor, Network, PhysicalNetwork, Port, Resource, Role, Subnet, VlanRange
from ovirt_quantum.model.types import Cidr, Uuid
from ovirt_quantum.model.wish import Wish
from ovirt_quantum.plugin import Context, Observed, Plugin
from ovirt_quantum.service.network import create_network
from ovirt_quantum.service.physical import create_physical_network
from ovirt_quantum.service.port import create_port
from ovirt_quantum.service.subnet import create_subnet
from ovirt_quantum.store.database import Database
from ovirt_quantum.store.sync import generation
from ovirt_quantum.store.tables import TABLES, deployment, ip_allocations, sync, vlan_allocations
from ovirt_quantum.store.transaction import Transaction
from ovirt_quantum.store.writer import Batch, Work, Writer
from sqlalchemy import insert, select

from tests.contract.memory_plugin import GuardingPlugin, Memory, MemoryPlugin

T = TypeVar("T")
ADMIN = Actor("admin", Role.ADMIN, "admin")
DEPLOYMENT = str(uuid4())
PATIENCE_S = 60.0


def wish(resource: Resource, *given: str) -> Wish[Resource]:
    return Wish(resource, frozenset(given))


class Cloud:
    """A writer on a database; `batches` has what it committed, `listeners` hear of it."""

    def __init__(self, database: Database, plugins: tuple[Plugin, ...] | None = None) -> None:
        self.database = database
        self.memory = Memory()
        self.plugins = (memory_plugin(self.memory),) if plugins is None else plugins
        self.batches: list[Batch] = []
        self.listeners: list[Callable[[Batch], None]] = [self.batches.append]
        self.writer = Writer(database, self.plugins, self._hear)
        self.writer.start()

    def _hear(self, batch: Batch) -> None:
        for listener in self.listeners:
            listener(batch)

    def close(self) -> None:
        self.writer.close()

    def write(self, work: Work[T]) -> T:
        """Raises what the work raises."""
        return self.writer.submit(work).result(PATIENCE_S).value

    def physical_network(self, name: str = "blue", first: int = 100, last: int = 999) -> PhysicalNetwork:
        physical = PhysicalNetwork(name=name, bridge=f"br-{name}", vlan_ranges=[VlanRange(first, last)])
        return self.write(lambda tx: create_physical_network(tx, ADMIN, wish(physical)))  # type: ignore[arg-type]

    def network(self) -> Network:
        return self.write(new_network)

    def subnet(self, network: Network, cidr: str = "10.0.0.0/16") -> Subnet:
        wanted = Subnet(network_id=network.id, cidr=Cidr(cidr), ip_version=6 if ":" in cidr else 4)
        return self.write(lambda tx: create_subnet(tx, ADMIN, wish(wanted, "ip_version")))  # type: ignore[arg-type]

    def port(self, network: Network) -> Port:
        return self.write(new_port(network.id))

    def generation(self) -> int:
        with self.database.reading() as connection:
            return generation(connection)


def found(database: Database) -> None:
    """Makes an empty database that of DEPLOYMENT."""
    with database.writing() as connection:
        connection.execute(insert(deployment).values(id=DEPLOYMENT, generation=0))


def new_network(tx: Transaction) -> Network:
    return create_network(tx, ADMIN, Wish(Network(), frozenset()))


def new_port(network_id: Uuid) -> Work[Port]:
    return lambda tx: create_port(tx, ADMIN, Wish(Port(network_id=network_id), frozenset()))


def memory_plugin(memory: Memory, observe: Callable[[list[Observed]], None] = lambda seen: None) -> MemoryPlugin:
    return MemoryPlugin(Context(DEPLOYMENT, {"memory": memory}, observe, frozenset({"vlan", "flat"})))  # type: ignore[arg-type]


def all_of(database: Database, kind: type[T]) -> list[T]:
    with database.reading() as connection:
        return Transaction(connection).find(kind)  # type: ignore[type-var]


def check_invariants(database: Database, plugin: str = "memory") -> None:
    """Addresses and VLANs are those of the ports and networks that have them, and plugins know what to do."""
    with database.reading() as connection:
        tx = Transaction(connection)
        ports, networks = tx.find(Port), tx.find(Network)
        taken = {(row.subnet_id, row.address, row.port_id) for row in connection.execute(select(ip_allocations))}
        vlans = {
            (row.physical_network, row.vlan, row.network_id) for row in connection.execute(select(vlan_allocations))
        }
        rows = connection.execute(select(sync.c.object_id).where(sync.c.plugin == plugin, sync.c.wanted > 0))
        marked = set(rows.scalars())
    assert taken == {
        (fixed.subnet_id, f"{number(fixed.ip_address):032x}", port.id)
        for port in ports
        for fixed in port.fixed_ips
        if fixed.ip_address is not None
    }
    held = {(network.physical_network, network.segmentation_id, network.id) for network in networks}
    assert {row for row in vlans if row[2] is not None} == held
    assert {one.id for one in (*ports, *networks)} <= marked


def count(database: Database, kind: type[Resource]) -> int:
    with database.reading() as connection:
        return len(connection.execute(select(TABLES[kind].c.id)).all())


def guarding_plugin() -> GuardingPlugin:
    """It has security groups."""
    return GuardingPlugin(Context(DEPLOYMENT, {}, lambda seen: None, GuardingPlugin.network_types))
