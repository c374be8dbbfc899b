"""What set-up is made of."""

from typing import Iterable, Iterator, Optional


class Step:
    """One thing that set-up makes so. `str()` is the thing in words, as it will be."""

    def problem(self) -> "Optional[str]":
        """Why it cannot be, and what to do about it; asked before anything is changed."""
        return None

    def done(self) -> bool:
        """Whether it is so already."""
        raise NotImplementedError

    def do(self) -> None:
        """Make it so. Raises HostError."""
        raise NotImplementedError


def problems(steps: "Iterable[Step]") -> "Iterator[str]":
    """Every reason not to begin."""
    for step in steps:
        problem = step.problem()
        if problem:
            yield f"{step}: {problem}"


def take(steps: "Iterable[Step]", dry_run: bool) -> "Iterator[str]":
    """Do what is not done yet, one line for each step. Raises HostError."""
    for step in steps:
        if step.done():
            yield f"ok     {step}"
        elif dry_run:
            yield f"would  {step}"
        else:
            step.do()
            yield f"did    {step}"
