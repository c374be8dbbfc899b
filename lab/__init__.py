"""A two-host oVirt data centre on one machine: real Open vSwitch, libvirt and QEMU in network namespaces.

from lab import DataCentre, Exchange, VirtualMachine, make_guest

with DataCentre(folder, prefix="demo") as dc:
    a = VirtualMachine.start(dc.hosts[0], domain_xml, make_guest(), {"52:54:00:00:00:0a": ["10.0.0.10/24"]})
    b = VirtualMachine.start(dc.hosts[1], other_xml, make_guest(), {"52:54:00:00:00:0b": ["10.0.0.11/24"]})
    with Exchange(a, "10.0.0.10", b, "10.0.0.11", rate=50) as exchange:
        a.migrate(dc.hosts[1], bandwidth_mib=4)
    print(exchange.report)
"""

from lab.datacentre import DataCentre
from lab.errors import LabError
from lab.guest import Guest, make_guest
from lab.host import Host
from lab.namespace import Namespace
from lab.traffic import Direction, Exchange, Sniffer, TrafficReport
from lab.vm import VirtualMachine

__all__ = [
    "DataCentre",
    "Direction",
    "Exchange",
    "Guest",
    "Host",
    "LabError",
    "Namespace",
    "Sniffer",
    "TrafficReport",
    "VirtualMachine",
    "make_guest",
]
