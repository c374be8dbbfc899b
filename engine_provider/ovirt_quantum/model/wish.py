"""What a client asks for: the resource as it should be, and which attributes it named itself."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Generic, TypeVar

from .resource import Resource

R = TypeVar("R", bound=Resource)


@dataclass(frozen=True)
class Wish(Generic[R]):
    """`wanted` is complete and well-typed: declared defaults on create, the old values on update.

    `given` has the names (in Python) of what the client said itself: with `gateway_ip` left out the service
    chooses, with null there is none.
    """

    wanted: R
    given: Set[str]
