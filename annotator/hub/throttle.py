"""A limit on guesses: so many failures a minute, then a wait, for each address."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections import OrderedDict, deque
from typing import TYPE_CHECKING

from annotator.errors import Throttled

if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Throttle", "network_of"]


class Throttle:
    """Counts attempts that failed, and refuses more of them for a while.

    An attempt counts from its beginning, so that many at once are no way around; one
    that went well is taken back. What is counted is in this process only.

    Parameters
    ----------
    limit
        Failures that one address may have within the window.
    window
        Seconds.
    n_addresses
        Addresses remembered at most; those heard of longest ago are forgotten.
    clock
        Gives seconds; a test's own.
    """

    def __init__(
        self,
        limit: int = 20,
        window: float = 60.0,
        *,
        n_addresses: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = limit
        self._window = window
        self._n_addresses = n_addresses
        self._clock = clock
        self._attempts: OrderedDict[str, deque[float]] = OrderedDict()
        self._lock = threading.Lock()

    def begin(self, address: str | None) -> None:
        """Count an attempt.

        Parameters
        ----------
        address
            Of the one who tries; None: unknown, all such count as one.

        Raises
        ------
        Throttled
            There were too many; `wait` says how many seconds until the next may be.
        """
        key = network_of(address)
        now = self._clock()
        with self._lock:
            times = self._attempts.setdefault(key, deque())
            self._attempts.move_to_end(key)
            while times and times[0] <= now - self._window:
                times.popleft()
            if len(times) >= self._limit:
                wait = times[0] + self._window - now
                msg = f"There were too many attempts; try again in {wait:.0f} seconds."
                raise Throttled(msg, wait)
            times.append(now)
            while len(self._attempts) > self._n_addresses:
                self._attempts.popitem(last=False)

    def forgive(self, address: str | None) -> None:
        """Take back one attempt: it went well."""
        with self._lock:
            times = self._attempts.get(network_of(address))
            if times:
                times.pop()


def network_of(address: str | None) -> str:
    """Return what counts as one address: IPv4 whole, of IPv6 the first 64 bits.

    Examples
    --------
    >>> network_of("192.0.2.7")
    '192.0.2.7'
    >>> network_of("2001:db8::1") == network_of("2001:db8::ffff")
    True
    """
    try:
        number = ipaddress.ip_address(address or "")
    except ValueError:
        return address or ""
    if isinstance(number, ipaddress.IPv4Address):
        return str(number)
    if number.ipv4_mapped:
        return str(number.ipv4_mapped)
    return str(ipaddress.ip_network((number, 64), strict=False))
