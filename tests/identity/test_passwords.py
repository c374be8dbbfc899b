"""Passwords: who gets in, who has to wait, and what it costs."""

import asyncio
import threading
from collections.abc import Awaitable, Callable

import pytest
from argon2 import PasswordHasher, extract_parameters
from argon2.low_level import Type
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.identity import attempts
from ovirt_quantum.identity.attempts import Attempts
from ovirt_quantum.identity.passwords import AT_ONCE, MOST_WAITING, REMEMBERED_S, Passwords, hash_password

from tests.identity.clock import Clock

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
HASH = CHEAP.hash("right")
OTHER_HASH = CHEAP.hash("other")
"""A stored hash says itself how it is computed: these cost next to nothing."""


async def attempts_that_ran(passwords: Passwords, password: str, client: str, count: int) -> int:
    """How many of so many log-ins were answered at all; none may be let in."""
    ran = 0
    for _ in range(count):
        try:
            assert not await passwords.verify("alice", password, HASH, client)
        except Unavailable:
            continue
        ran += 1
    return ran


def exhausted(passwords: Passwords, client: str) -> Awaitable[int]:
    return attempts_that_ran(passwords, "wrong", client, attempts.MOST_OF_ACCOUNT + 1)


def test_the_hash_is_argon2id() -> None:
    """And each is salted."""
    stored = hash_password("right")
    assert extract_parameters(stored).type is Type.ID
    assert hash_password("right") != stored


def test_only_the_password_gets_in(clock: Clock) -> None:
    """Not a wrong one, not the right one of no account, not one against a damaged hash."""

    async def story() -> None:
        passwords = Passwords(clock)
        assert await passwords.verify("alice", "right", HASH, "10.0.0.1")
        assert not await passwords.verify("alice", "wrong", HASH, "10.0.0.1")
        assert not await passwords.verify("alice", "right", None, "10.0.0.1")
        assert not await passwords.verify("alice", "right", "damaged", "10.0.0.1")
        assert not await passwords.verify("alice", "", HASH, "10.0.0.1")

    asyncio.run(story())


def test_a_changed_password_is_forgotten_at_once(clock: Clock) -> None:
    """Whoever changed it: what counts is the stored hash."""

    async def story() -> None:
        passwords = Passwords(clock)
        assert await passwords.verify("alice", "right", HASH, "10.0.0.1")
        assert not await passwords.verify("alice", "right", OTHER_HASH, "10.0.0.1")
        assert await passwords.verify("alice", "other", OTHER_HASH, "10.0.0.1")

    asyncio.run(story())


def test_failures_pause_log_ins_from_there_and_from_there_only(clock: Clock) -> None:
    """The right password still gets in from elsewhere, and after a short while from there too."""

    async def story() -> None:
        passwords = Passwords(clock)
        assert await exhausted(passwords, "10.0.0.66") == attempts.MOST_OF_ACCOUNT
        with pytest.raises(Unavailable, match="Too many failed"):
            await passwords.verify("alice", "right", HASH, "10.0.0.66")
        assert await passwords.verify("alice", "right", HASH, "10.0.0.1")
        clock.go(REMEMBERED_S + 1)
        assert await passwords.verify("alice", "right", HASH, "10.0.0.66")

    asyncio.run(story())


def test_a_pause_looks_the_same_for_nobody(clock: Clock) -> None:
    """Or it would tell which accounts there are."""

    async def story() -> None:
        passwords = Passwords(clock)
        for _ in range(attempts.MOST_OF_ACCOUNT):
            assert not await passwords.verify("nobody", "wrong", None, "10.0.0.66")
        with pytest.raises(Unavailable, match="Too many failed"):
            await passwords.verify("nobody", "wrong", None, "10.0.0.66")

    asyncio.run(story())


def test_a_remembered_password_is_let_in_during_a_pause(clock: Clock) -> None:
    """Even at the attacker's own address, for as long as the engine keeps logging in."""

    async def story() -> None:
        passwords = Passwords(clock)
        assert await passwords.verify("alice", "right", HASH, "10.0.0.66")
        for _ in range(3):
            clock.go(REMEMBERED_S / 2)
            await exhausted(passwords, "10.0.0.66")
            assert await passwords.verify("alice", "right", HASH, "10.0.0.66")

    asyncio.run(story())


def test_what_is_remembered_ends(clock: Clock) -> None:
    """Minutes after its last use a password is verified like any other: so it waits like any other."""

    async def story() -> None:
        passwords = Passwords(clock)
        assert await passwords.verify("alice", "right", HASH, "10.0.0.66")
        clock.go(REMEMBERED_S)
        await exhausted(passwords, "10.0.0.66")
        with pytest.raises(Unavailable):
            await passwords.verify("alice", "right", HASH, "10.0.0.66")

    asyncio.run(story())


def test_a_flood_gets_two_threads_and_a_bounded_queue(clock: Clock) -> None:
    """The loop goes on, at most two hashes are computed at once, and who finds the queue full is told so."""

    async def story() -> None:
        passwords, stored = Passwords(clock), PasswordHasher(time_cost=1).hash("right")
        flood = [
            asyncio.ensure_future(passwords.verify("alice", "wrong", stored, f"10.0.0.{host}"))
            for host in range(MOST_WAITING + 10)
        ]
        most, ticks = 0, 0
        while not all(one.done() for one in flood):
            await asyncio.wait(flood, timeout=0.01)
            ticks += 1
            most = max(most, sum(thread.name.startswith("argon2") for thread in threading.enumerate()))
        outcomes = await asyncio.gather(*flood, return_exceptions=True)
        assert outcomes.count(False) == MOST_WAITING
        assert sum(isinstance(outcome, Unavailable) for outcome in outcomes) == 10
        assert most == AT_ONCE
        assert ticks > MOST_WAITING
        assert await passwords.verify("alice", "right", stored, "10.0.0.1")

    asyncio.run(story())


def exhaust(counted: Attempts, client: Callable[[int], str], name: Callable[[int], str], most: int = 1000) -> int:
    """How many attempts may begin before the first that may not."""
    for number in range(most):
        try:
            counted.begin(client(number), name(number))
        except Unavailable:
            return number
    return most


def test_one_place_has_so_many_attempts_over_all_accounts(clock: Clock) -> None:
    """Names are free to invent; and one account's last attempt is not taken by another's failures."""
    counted = Attempts(clock)
    assert exhaust(counted, lambda _: "10.0.0.66", lambda number: f"name{number}") == attempts.MOST_OF_CLIENT
    assert exhaust(counted, lambda _: "10.0.0.1", lambda _: "alice") == attempts.MOST_OF_ACCOUNT


@pytest.mark.parametrize(
    ("addresses", "allowed"),
    [
        ("2001:db8:1:2::{:x}", attempts.MOST_OF_ACCOUNT),
        ("::ffff:10.0.0.{}", 100),
        ("10.0.0.{}", 100),
        ("fe80::{:x}%eth0", attempts.MOST_OF_ACCOUNT),
    ],
)
def test_an_ipv6_network_is_one_place(clock: Clock, addresses: str, allowed: int) -> None:
    """A /64 is one client's; IPv4 addresses are one by one, also where they come as IPv6."""
    counted = Attempts(clock)
    assert exhaust(counted, addresses.format, lambda _: "alice", most=100) == allowed


def test_attempts_come_back_with_time(clock: Clock) -> None:
    """One by one, and never more than there were."""
    counted = Attempts(clock)
    exhaust(counted, lambda _: "local", lambda _: "alice")
    clock.go(attempts.ACCOUNT_REFILL_S)
    assert exhaust(counted, lambda _: "local", lambda _: "alice") == 1
    clock.go(86400)
    assert exhaust(counted, lambda _: "local", lambda _: "alice") == attempts.MOST_OF_ACCOUNT


def test_good_log_ins_cost_no_attempts(clock: Clock) -> None:
    """However many there are."""
    counted = Attempts(clock)
    for _ in range(100):
        counted.begin("10.0.0.1", "alice")
        counted.was_good("10.0.0.1", "alice")


def test_a_flood_from_everywhere_is_bounded_in_memory(clock: Clock, monkeypatch: pytest.MonkeyPatch) -> None:
    """The oldest are forgotten: a lower bound makes that seen soon."""
    monkeypatch.setattr(attempts, "MOST_KEPT", 3)
    counted = Attempts(clock)
    assert exhaust(counted, lambda _: "10.0.0.1", lambda _: "alice") == attempts.MOST_OF_ACCOUNT
    for host in range(2, 10):
        counted.begin(f"10.0.0.{host}", "alice")
    assert exhaust(counted, lambda _: "10.0.0.1", lambda _: "alice") == attempts.MOST_OF_ACCOUNT
