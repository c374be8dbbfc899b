"""Waiting for what the service does in its own time."""

import time
from collections.abc import Callable


def eventually(condition: Callable[[], bool]) -> bool:
    """Whether it comes true within fifteen seconds."""
    until = time.monotonic() + 15
    while not condition() and time.monotonic() < until:
        time.sleep(0.1)
    return condition()
