"""A clock that a test sets."""


class Clock:
    """Call it for its time; `go` moves it, backwards too."""

    def __init__(self, now: float) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now

    def go(self, seconds: float) -> None:
        self.now += seconds
