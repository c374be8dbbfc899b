"""How often somebody may get a password wrong before log-ins from there have to wait."""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Hashable

from ..errors import Unavailable

MOST_OF_ACCOUNT, ACCOUNT_REFILL_S = 10, 3.0
"""Wrong passwords for one account from one place: so many at once, then one in so many seconds."""
MOST_OF_CLIENT, CLIENT_REFILL_S = 50, 1.0
"""Wrong passwords from one place in all: argon2 for more than that would be a core's whole work."""
MOST_KEPT = 10_000


class Attempts:
    """Counts by place, so that failures somewhere never keep the right password out elsewhere."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._of_account = _Allowance(MOST_OF_ACCOUNT, ACCOUNT_REFILL_S, clock)
        self._of_client = _Allowance(MOST_OF_CLIENT, CLIENT_REFILL_S, clock)

    def begin(self, client: str, name: str) -> None:
        """Takes an attempt, to be given back when it was good. Raises Unavailable where none is left."""
        place = _place(client)
        if self._of_account.take((place, name)):
            if self._of_client.take(place):
                return
            self._of_account.give_back((place, name))
        raise Unavailable("ServiceUnavailable", "Too many failed log-ins from this address. Try again in some seconds.")

    def was_good(self, client: str, name: str) -> None:
        """Gives the attempt back."""
        place = _place(client)
        self._of_account.give_back((place, name))
        self._of_client.give_back(place)


class _Allowance:
    """For each key a bucket of `most` attempts, refilled by one in `refill_s` seconds. A full one is not kept."""

    def __init__(self, most: int, refill_s: float, clock: Callable[[], float]) -> None:
        self._most = most
        self._refill_s = refill_s
        self._clock = clock
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable) -> bool:
        left = self._now_left(key)
        if left < 1:
            return False
        self._keep(key, left - 1)
        return True

    def give_back(self, key: Hashable) -> None:
        self._keep(key, self._now_left(key) + 1)

    def _now_left(self, key: Hashable) -> float:
        left, since = self._left.get(key, (self._most, 0.0))
        return min(self._most, left + (self._clock() - since) / self._refill_s)

    def _keep(self, key: Hashable, left: float) -> None:
        self._left.pop(key, None)
        if left < self._most:
            self._left[key] = (left, self._clock())
        if len(self._left) > MOST_KEPT:
            self._left.popitem(last=False)


def _place(client: str) -> str:
    """An IPv6 client has a whole /64 to choose addresses from (RFC 4291), so that is one place."""
    try:
        address = ipaddress.ip_address(client.partition("%")[0])
    except ValueError:
        return client
    if isinstance(address, ipaddress.IPv4Address) or address.ipv4_mapped:
        return client
    return str(ipaddress.ip_network((address, 64), strict=False))
