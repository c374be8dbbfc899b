"""Clients that send too much, too slowly, or nothing: none of them keeps the others waiting."""

import http.client
import socket
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import pytest

from tests.service import Service

SOON_S = 10.0
"""Far beyond what the impatient service waits for anything."""


class Impatient(Service):
    """The real service, told to wait for half a second where it would for half a minute."""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-m", "tests.api.impatient"]


@pytest.fixture(scope="module")
def impatient(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    service = Impatient(tmp_path_factory.mktemp("impatient")).start()
    yield service
    service.stop()


@pytest.fixture(scope="module")
def token(impatient: Service) -> str:
    return impatient.token()


@contextmanager
def connected(service: Service) -> Iterator[socket.socket]:
    with socket.create_connection(("127.0.0.1", service.port), timeout=SOON_S) as connection:
        yield connection


def rest_of(connection: socket.socket) -> bytes:
    """All that comes until the service ends the connection."""
    received = bytearray()
    try:
        while part := connection.recv(65536):
            received += part
    except ConnectionResetError:
        pass
    return bytes(received)


def head(token: str, *headers: str) -> bytes:
    lines = ["POST /v2.0/networks HTTP/1.1", "Host: x", f"X-Auth-Token: {token}", *headers]
    return "\r\n".join([*lines, "", ""]).encode()


def status(connection: socket.socket) -> int:
    """Of the next answer, which is read to its end."""
    answer = http.client.HTTPResponse(connection)
    answer.begin()
    answer.read()
    return answer.status


def networks(service: Service, token: str) -> int:
    """How many there are; answered however busy others keep the service."""
    answer = service.call("GET", "/v2.0/networks", token=token)
    assert answer.status == 200
    return len(answer.body["networks"])


def test_a_body_of_100_mb_is_refused_before_it_is_read(impatient: Service, token: str) -> None:
    """413 by what it announces; the client need not send the rest."""
    with connected(impatient) as connection:
        connection.sendall(head(token, f"Content-Length: {100 * 1024 * 1024}") + b"{")
        assert status(connection) == 413
    assert networks(impatient, token) == 0


def test_a_client_that_asks_first_sends_nothing(impatient: Service, token: str) -> None:
    """Expect: 100-continue is answered with the final 413."""
    with connected(impatient) as connection:
        connection.sendall(head(token, f"Content-Length: {100 * 1024 * 1024}", "Expect: 100-continue"))
        assert status(connection) == 413


@pytest.mark.parametrize("connection", ["close", "keep-alive"])
def test_a_client_that_sends_all_of_it_still_reads_the_answer(impatient: Service, token: str, connection: str) -> None:
    """A connection closed under a sending client would lose it (RFC 9112, section 9.6)."""
    body = b" " * (4 * 1024 * 1024)
    answer = impatient.call("POST", "/v2.0/networks", body, token, {"Connection": connection})
    assert (answer.status, answer.error) == (413, "RequestTooLarge")


def test_a_chunked_body_of_100_mb_is_cut_off(impatient: Service, token: str) -> None:
    """413 as soon as it is too large; what still comes is thrown away, and not for long."""
    chunk = b"10000\r\n" + b" " * 0x10000 + b"\r\n"
    sent = 0
    with connected(impatient) as connection:
        connection.sendall(head(token, "Transfer-Encoding: chunked"))
        try:
            for _ in range(1600):
                connection.sendall(chunk)
                sent += len(chunk)
        except OSError:
            pass
        assert b"413" in rest_of(connection) or sent < 100 * 1024 * 1024
    assert networks(impatient, token) == 0


@pytest.mark.parametrize("announced", ["Content-Length: 100", "Transfer-Encoding: chunked"])
def test_a_body_that_never_ends_is_given_up(impatient: Service, token: str, announced: str) -> None:
    """Slowly or not at all: the connection ends, nothing is written."""
    with connected(impatient) as connection:
        connection.sendall(head(token, announced))
        started = time.monotonic()
        try:
            while time.monotonic() - started < SOON_S:
                connection.sendall(b"1\r\n \r\n")
                time.sleep(0.05)
                assert networks(impatient, token) == 0
        except OSError:
            pass
        assert time.monotonic() - started < SOON_S
    assert networks(impatient, token) == 0


@pytest.mark.parametrize("sent", [b"", b"G", b"GET / HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: 1"])
def test_headers_that_do_not_come_are_not_waited_for(impatient: Service, token: str, sent: bytes) -> None:
    """An idle connection and one that stops in its middle end alike."""
    with connected(impatient) as connection:
        connection.sendall(sent)
        assert networks(impatient, token) == 0
        assert rest_of(connection) == b""


def test_slow_headers_are_not_waited_for(impatient: Service, token: str) -> None:
    """A byte now and then does not buy time."""
    with connected(impatient) as connection:
        started = time.monotonic()
        try:
            connection.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
            while time.monotonic() - started < SOON_S:
                connection.sendall(b"x")
                time.sleep(0.05)
        except OSError:
            pass
        assert time.monotonic() - started < SOON_S
    assert networks(impatient, token) == 0


def test_giant_headers_are_cut_off(impatient: Service, token: str) -> None:
    """A megabyte of them is nobody's request."""
    with connected(impatient) as connection:
        with suppress(OSError):
            connection.sendall(b"GET / HTTP/1.1\r\n" + b"X-Giant: " + b"x" * (1024 * 1024) + b"\r\n\r\n")
        assert b"200 OK" not in rest_of(connection)
    assert networks(impatient, token) == 0


def test_a_connection_is_kept_for_the_next_request_but_not_for_ever(impatient: Service) -> None:
    """Two requests, then nothing: it ends."""
    with connected(impatient) as connection:
        for _ in range(2):
            connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
            assert status(connection) == 200
        assert rest_of(connection) == b""


def test_a_refused_body_does_not_keep_the_connection_for_ever(impatient: Service) -> None:
    """Answered before its body came, which then comes: the next request is served, and then it ends."""
    with connected(impatient) as connection:
        connection.sendall(head("garbage", "Content-Length: 5"))
        assert status(connection) == 401
        connection.sendall(b"hello" + b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        assert status(connection) == 200
        connection.sendall(head("garbage", "Content-Length: 5"))
        assert status(connection) == 401
        connection.sendall(b"hello")
        assert rest_of(connection) == b""


def test_hundreds_of_idle_connections_keep_nobody_waiting(impatient: Service, token: str) -> None:
    """And all of them end."""
    idle = [socket.create_connection(("127.0.0.1", impatient.port), timeout=SOON_S) for _ in range(300)]
    assert networks(impatient, token) == 0
    for connection in idle:
        assert rest_of(connection) == b""
        connection.close()
