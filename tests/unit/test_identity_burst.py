"""Many log-ins at once, as when the engine starts many VMs just after the service did."""

import asyncio

import pytest
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.identity.attempts import MOST_OF_ACCOUNT
from ovirt_quantum.identity.passwords import MOST_WAITING, Passwords, hash_password

HASH = hash_password("right")
BURST = 4 * MOST_WAITING
"""More than may wait, and far more than may fail."""


async def burst(passwords: Passwords, password: str, stored: str | None = HASH) -> list[bool]:
    """So many log-ins at the same moment, by one account from one place."""
    return await asyncio.gather(*(passwords.verify("engine", password, stored, "10.0.0.1") for _ in range(BURST)))


def test_the_right_password_gets_in_however_often_at_once() -> None:
    """None of them is remembered yet, and none has failed."""
    assert asyncio.run(burst(Passwords(), "right")) == [True] * BURST


@pytest.mark.parametrize("stored", [HASH, None], ids=["somebody", "nobody"])
def test_the_same_wrong_password_at_once_is_one_attempt(stored: str | None) -> None:
    """It tells as much as one; and another wrong password is another attempt."""

    async def story() -> None:
        passwords = Passwords(lambda: 0.0)
        assert await burst(passwords, "wrong", stored) == [False] * BURST
        for number in range(MOST_OF_ACCOUNT - 1):
            assert not await passwords.verify("engine", f"wrong {number}", stored, "10.0.0.1")
        with pytest.raises(Unavailable, match="Too many failed"):
            await passwords.verify("engine", "wrong at last", stored, "10.0.0.1")

    asyncio.run(story())


def test_different_passwords_at_once_are_judged_each_by_itself() -> None:
    """A right one beside wrong ones."""

    async def story() -> list[bool]:
        passwords = Passwords(lambda: 0.0)
        asked = ("wrong", "right", "Right", "right")
        return await asyncio.gather(*(passwords.verify("engine", word, HASH, "10.0.0.1") for word in asked))

    assert asyncio.run(story()) == [False, True, False, True]


def test_a_password_changed_meanwhile_is_judged_by_the_new_hash() -> None:
    """Who asks about the old one does not answer for the new one."""

    async def story() -> list[bool]:
        passwords = Passwords(lambda: 0.0)
        hashes = (HASH, hash_password("new"))
        return await asyncio.gather(*(passwords.verify("engine", "right", one, "10.0.0.1") for one in hashes))

    assert asyncio.run(story()) == [True, False]


def test_one_who_goes_away_takes_nobody_along() -> None:
    """The first of them asked for all."""

    async def story() -> bool:
        passwords = Passwords(lambda: 0.0)
        first, second = (asyncio.ensure_future(passwords.verify("engine", "right", HASH, "10.0.0.1")) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        return await second

    assert asyncio.run(story())
