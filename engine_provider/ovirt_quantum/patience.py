"""Work that may hang, in threads: waited for no longer than a client would wait."""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import TypeVar

from .errors import Unavailable

T = TypeVar("T")

WAIT_S = 40.0
"""Longer than the database's own bounds; what is over it hangs. PostgreSQL's client has no bound at all where the
server is stopped and its machine is not (libpq: `tcp_user_timeout` is about packets)."""
THREADS = ThreadPoolExecutor(40, thread_name_prefix="asking")
"""Twice as many as can hang: each needs one of the database's connections, and gets none after a few seconds."""


async def in_thread(work: Callable[[], T], wait_s: float = WAIT_S) -> T:
    """What the work returns. Raises Unavailable once it takes longer; the thread is left to it."""
    doing = asyncio.get_running_loop().run_in_executor(THREADS, copy_context().run, work)
    try:
        return await asyncio.wait_for(doing, wait_s)
    except TimeoutError:
        raise Unavailable(
            "ServiceUnavailable", "The database does not answer. It may yet be done: look before you try again."
        ) from None
