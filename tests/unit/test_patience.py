"""Work that hangs, and work that does not."""

import asyncio
import threading
import time

import pytest
from ovirt_quantum.errors import Unavailable
from ovirt_quantum.patience import in_thread


def test_what_hangs_is_not_waited_for() -> None:
    """The thread is left to it; others are asked meanwhile."""
    end = threading.Event()

    async def ask() -> int:
        started = time.monotonic()
        with pytest.raises(Unavailable):
            await in_thread(end.wait, wait_s=0.1)
        assert time.monotonic() - started < 5
        return await in_thread(lambda: 7)

    try:
        assert asyncio.run(ask()) == 7
    finally:
        end.set()


def test_an_error_is_the_works_own() -> None:
    """Not one of the waiting."""
    with pytest.raises(KeyError):
        asyncio.run(in_thread(lambda: {}["no such"]))
