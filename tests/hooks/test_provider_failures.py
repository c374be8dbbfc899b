"""Whatever a provider does, the VM is plugged right or not started, within two seconds and with one clear line."""

import json
import socket
import time
from collections.abc import Callable

import pytest

from .certificates import Authority
from .conftest import NIC, OURS, PORT, Host
from .machine import HOOKS
from .provider import Provider, Rogue, drip, http, says, silent
from .vdsm import VM_ID, run_event

LIMIT = 3.5  # seconds: the hook's 2 and a slow machine's start of Python


def refusal(host: Host) -> str:
    """Plug, which must fail closed and in time; the words."""
    started = time.monotonic()
    ran = host.plug()
    assert time.monotonic() - started < LIMIT
    assert (ran.code, ran.data) == (2, NIC)
    assert ran.words.count("\n") == 1
    for name in (VM_ID, "ua-1c2c2fa2", "56:6f:00:00:00:01", PORT):
        assert name in ran.words
    return ran.words


def unused_url() -> str:
    """A port where nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return f"http://127.0.0.1:{listener.getsockname()[1]}"


def plug(**changes: object) -> bytes:
    """A good answer with changed fields."""
    return http(json.dumps({"plug": {"port_id": PORT, "bridge": "br-int", "vlan": 100, **changes}}).encode())


def test_a_dead_provider(host: Host) -> None:
    """Connection refused."""
    url = unused_url()
    host.use(url)
    assert url in (words := refusal(host))
    assert "refused" in words


def test_an_unknown_host_name(host: Host) -> None:
    """No such name: said, not waited for."""
    host.use("http://no-such-host.invalid:9696")
    assert "no-such-host.invalid" in refusal(host)


@pytest.mark.parametrize(
    ("status", "message"),
    [(401, "bad token"), (404, "no such port"), (503, "confirm the database first"), (500, "oops")],
)
def test_the_providers_own_words_reach_the_administrator(
    host: Host, provider: Provider, status: int, message: str
) -> None:
    """Status and message of Neutron's error document."""
    provider.refusal = (status, message + "\nsecond line")
    host.use(provider.url())
    words = refusal(host)
    assert str(status) in words
    assert message in words


def test_a_wrong_token_is_refused_and_not_shown(host: Host, provider: Provider) -> None:
    """The provider's 401 is told; the token never."""
    host.configure(f"provider = {provider.url()}", "token = wrong-secret")
    words = refusal(host)
    assert "401" in words
    assert "wrong-secret" not in words


GARBAGE = {
    "not HTTP": says(b"SSH-2.0-OpenSSH_9.2\r\n\r\n"),
    "nothing": says(b""),
    "half a header": says(b"HTTP/1.1 200 OK\r\nContent-Le"),
    "no length": says(b"HTTP/1.1 200 OK\r\n\r\n{}"),
    "a short body": says(plug()[:-5]),
    "64 KiB and more": says(http(b" " * 70000)),
    "endless headers": says(b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20000),
    "no JSON": says(http(b"<html>It works!</html>")),
    "no UTF-8": says(http(b'{"plug": "\xff"}')),
    "deep JSON": says(http(b"[" * 60000)),
    "a list": says(http(b"[]")),
    "null": says(http(b"null")),
    "no plug": says(http(b"{}")),
    "a plug that is text": says(http(b'{"plug": "br-int"}')),
    "a redirect": says(http(b"", "302 Found")),
    "an error without words": says(http(b"{}", "503 Busy")),
    "an error that is a list": says(http(b'{"NeutronError": []}', "400 Bad")),
    "another port": says(plug(port_id=PORT.replace("0", "1"))),
    "no port": says(plug(port_id=None)),
    "no bridge": says(http(b'{"plug": {"port_id": "%s", "vlan": 1}}' % PORT.encode())),
    "an empty bridge": says(plug(bridge="")),
    "a long bridge": says(plug(bridge="b" * 16)),
    "an evil bridge": says(plug(bridge="--help")),
    "a bridge with a path": says(plug(bridge="../etc")),
    "a bridge in Greek": says(plug(bridge="γέφυρα")),
    "VLAN 4095": says(plug(vlan=4095)),
    "VLAN -1": says(plug(vlan=-1)),
    "VLAN true": says(plug(vlan=True)),
    "VLAN 1.0": says(plug(vlan=1.0)),
    "VLAN as text": says(plug(vlan="100")),
    "VLAN as infinity": says(http(b'{"plug": {"port_id": "%s", "bridge": "b", "vlan": 1e999}}' % PORT.encode())),
    "a missing VLAN": says(http(b'{"plug": {"port_id": "%s", "bridge": "br-int"}}' % PORT.encode())),
}


@pytest.mark.parametrize("name", GARBAGE)
def test_garbage_is_no_answer(patient_host: Host, name: str) -> None:
    """An answer that is not wholly right is none: a guessed VLAN would be somebody else's."""
    with Rogue(GARBAGE[name]) as rogue:
        patient_host.use(rogue.url())
        words = refusal(patient_host)
        assert rogue.url() in words
        assert "unexpected" not in words


@pytest.mark.parametrize(("behaviour", "scheme"), [(silent, "http"), (drip, "http"), (silent, "https")])
def test_a_hung_provider_is_given_up(
    patient_host: Host, authority: Authority, behaviour: Callable[..., None], scheme: str
) -> None:
    """Silence, an answer that drips for ever, a TLS server that never handshakes: two seconds, no more."""
    with Rogue(behaviour) as rogue:
        patient_host.use(rogue.url(scheme), ca_file=authority.ca_file)
        words = refusal(patient_host)
        assert "2.0 seconds" in words or "timed out" in words


def test_a_hung_resolver_is_given_up(patient_host: Host) -> None:
    """The C library would wait for 10 seconds, and no signal wakes it."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as nameserver:
        nameserver.bind(("127.53.0.9", 53))  # takes questions, gives no answer
        (patient_host.etc / "resolv.conf").write_text("nameserver 127.53.0.9\n")
        patient_host.use("http://provider.example.org:9696")
        resolver = f"/usr/bin/mount --bind {patient_host.etc}/resolv.conf /etc/resolv.conf"
        ran = run_event(
            HOOKS / "before_device_create", NIC, device=OURS, within=patient_host.within(0, resolver), patience=LIMIT
        )
    assert (ran.code, ran.data) == (2, NIC)
    assert "2.0 seconds" in ran.words


def test_a_server_that_only_closes_during_tls(host: Host, authority: Authority) -> None:
    """Plain HTTP where TLS was expected."""
    with Rogue(says(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as rogue:
        host.use(rogue.url("https"), ca_file=authority.ca_file)
        assert rogue.url("https") in refusal(host)


def test_every_provider_is_tried(patient_host: Host, provider: Provider) -> None:
    """Two that hang and one that refuses leave time for the one that is well."""
    with Rogue(silent) as first, Rogue(drip) as second:
        patient_host.use(first.url(), second.url(), unused_url(), provider.url())
        ran = patient_host.plug()
    assert (ran.code, ran.words) == (0, "")
    assert 'id="100"' in ran.data


def test_all_failures_are_told(patient_host: Host, provider: Provider) -> None:
    """Each URL with its own reason, still within the time."""
    provider.refusal = (503, "not now")
    with Rogue(silent) as rogue:
        patient_host.use(rogue.url(), unused_url(), provider.url())
        words = refusal(patient_host)
        assert rogue.url() in words
    assert "refused" in words
    assert "503: not now" in words


def test_a_foreign_authority_is_not_trusted(
    host: Host, tls_provider: Provider, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Somebody else's certificate: refused before the token is sent."""
    stranger = Authority(tmp_path_factory.mktemp("stranger"))
    host.use(tls_provider.url("localhost"), ca_file=stranger.ca_file)
    assert "certificate verify failed" in refusal(host).lower()
    assert tls_provider.asked == []


def test_a_certificate_for_another_name_is_not_trusted(host: Host, authority: Authority) -> None:
    """The name in the URL must be in the certificate."""
    with Provider(authority.issue("other.example.org")) as provider:
        provider.add(PORT, 100)
        host.use(provider.url("localhost"), ca_file=authority.ca_file)
        assert "localhost" in refusal(host)
        assert provider.asked == []


def test_a_missing_ca_file_is_named(host: Host, tls_provider: Provider) -> None:
    """Which file, and what is wrong with it."""
    host.use(tls_provider.url("localhost"))
    assert "/etc/ovirt-quantum/ca.pem" in refusal(host)
    (host.etc / "ca.pem").write_text("not a certificate")
    assert "/etc/ovirt-quantum/ca.pem" in refusal(host)
