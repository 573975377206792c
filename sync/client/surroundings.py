"""Notices that the network came back, or that the machine slept: then waiting makes no sense.

Nobody tells a program of either in a way that works on every system, so both are looked at. The
route to the outside is the local address that the system would send from: asking for it sends
nothing. A machine that slept shows by its wall clock, which went on while the other one stood
still; a clock that a person set forth looks the same, and costs one round.
"""

import socket
from collections.abc import Callable
from typing import Final

SLEPT_MS: Final = 60_000.0  # a shorter sleep is no more than a pause between two rounds
# Addresses for documentation (RFC 5737, RFC 3849), which belong to nobody.
_OUTSIDE: Final = (
    (socket.AF_INET, "192.0.2.1"),
    (socket.AF_INET6, "2001:db8::1"),
)
_DISCARD_PORT: Final = 9


def local_route() -> tuple[str, ...]:
    """Give the addresses that the system would send from, by IPv4 and by IPv6; empty offline."""
    found = []
    for family, outside in _OUTSIDE:
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((outside, _DISCARD_PORT))  # of a datagram socket: nothing is sent
                found.append(str(probe.getsockname()[0]))
        except OSError:  # no such route, or no such family: that is the answer
            continue
    return tuple(found)


class Surroundings:
    """What was seen of the network and the clocks at the last look.

    Args:
        clock: seconds that only grow, and stand still while the machine sleeps.
        now_ms: Unix time.
        route: the way to the outside as a value that changes with it; empty where there is none.
    """

    def __init__(
        self,
        clock: Callable[[], float],
        now_ms: Callable[[], float],
        route: Callable[[], tuple[str, ...]] = local_route,
    ) -> None:
        self._clock = clock
        self._now_ms = now_ms
        self._route = route
        self._way = route()
        self._ahead_ms = self._wall_ahead_ms()

    def news(self) -> str:
        """Tell in a word why waiting has become pointless since the last look; empty if it hasn't.

        A network that went away is no reason to ask, one that is another than before is.
        """
        way, before = self._route(), self._way
        ahead_ms, ahead_before_ms = self._wall_ahead_ms(), self._ahead_ms
        self._way, self._ahead_ms = way, ahead_ms
        if way and way != before:
            return "network"
        return "awake" if ahead_ms - ahead_before_ms > SLEPT_MS else ""

    def _wall_ahead_ms(self) -> float:
        return self._now_ms() - self._clock() * 1000
