"""How much gets from one VM to another, measured by what the other one is given."""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread

from tests.ovn.site import Vm

PORT = 5001
PAYLOAD = b"x" * 1200
OFFERED_KBPS = 20_000


def udp_kbps(sender: Vm, receiver: Vm, seconds: float = 3.0) -> int:
    """Kilobits a second of UDP payload that arrive when 20 Mbit/s are sent; a burst counts as what it is."""
    with _socket(receiver, socket.SOCK_DGRAM) as inlet, _socket(sender, socket.SOCK_DGRAM) as outlet:
        inlet.bind(("", PORT))
        inlet.settimeout(0.5)
        with _counting(inlet) as arrived:
            _send_steadily(outlet, receiver.address, seconds)
    return round(sum(arrived) * 8 / 1000 / seconds)


def tcp_kbps(sender: Vm, receiver: Vm, seconds: float = 4.0) -> int:
    """Kilobits a second that one TCP connection carries."""
    with receiver.netns.entered():
        server = socket.create_server(("", PORT))
    with server, _socket(sender, socket.SOCK_STREAM) as outlet:
        outlet.settimeout(seconds + 10)
        outlet.connect((receiver.address, PORT))
        inlet, _ = server.accept()
        with inlet, _counting(inlet) as arrived:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                outlet.send(PAYLOAD)
            total = sum(arrived)
            outlet.close()
    return round(total * 8 / 1000 / seconds)


def _socket(vm: Vm, kind: socket.SocketKind) -> socket.socket:
    with vm.netns.entered():
        return socket.socket(socket.AF_INET, kind)


def _send_steadily(outlet: socket.socket, address: str, seconds: float) -> None:
    begun, sent = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        outlet.sendto(PAYLOAD, (address, PORT))
        sent += len(PAYLOAD)
        time.sleep(max(0.0, sent * 8 / 1000 / OFFERED_KBPS - passed))


@contextmanager
def _counting(inlet: socket.socket) -> Iterator[list[int]]:
    """The lengths of what arrives, in another thread, until nothing more does."""
    arrived: list[int] = []

    def count() -> None:
        try:
            while data := inlet.recv(65536):
                arrived.append(len(data))
        except TimeoutError:
            pass

    thread = Thread(target=count)
    thread.start()
    try:
        yield arrived
    finally:
        thread.join()
