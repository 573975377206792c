"""A network that comes and goes by a seed, between a device and its server.

While it is away a request goes nowhere. While it is there, one request in some still loses its
answer on the way: the server has acted, and nobody heard of it.
"""

from collections.abc import Callable, Mapping
from random import Random
from typing import Final, TypeVar

import msgspec

from sync.errors import Unreachable
from sync.protocol import routes
from sync.protocol.ledger import Decisions
from sync.transport.base import Transport

T = TypeVar("T")

THERE_S: Final = (0.3, 1.5)  # how long it lasts, at least and at most
AWAY_S: Final = (0.1, 0.6)
LOST_OF: Final = 12  # one answer of so many is lost


class Flapping:
    """One device's network; counts what it does to commands.

    Attributes:
        lost: batches of commands that had no answer, and were sent again.
        moved: compare-and-set commands that somebody else was faster than.
    """

    def __init__(self, rng: Random, clock: Callable[[], float]) -> None:
        self.lost = 0
        self.moved = 0
        self._rng = rng
        self._clock = clock
        self._is_there = True
        self._changes_at = clock() + rng.uniform(*THERE_S)
        self._is_steady = False

    def steady(self) -> None:
        """Stay there from now on."""
        self._is_steady = True

    def is_there(self) -> bool:
        """Whether a request would go anywhere now."""
        while self._clock() >= self._changes_at:
            self._is_there = not self._is_there
            lasts_s = self._rng.uniform(*(THERE_S if self._is_there else AWAY_S))
            self._changes_at += lasts_s
        return self._is_there or self._is_steady

    def loses(self) -> bool:
        """Whether the next answer is lost."""
        return not self._is_steady and self._rng.randrange(LOST_OF) == 0


class FlappingTransport:
    """A transport over such a network."""

    def __init__(self, inner: Transport, network: Flapping) -> None:
        self.traffic = inner.traffic
        self._inner = inner
        self._network = network

    async def request(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str],
        body: msgspec.Struct | None,
        reply: type[T],
        token: str | None,
        timeout_s: float,
        request_id: str | None = None,
    ) -> T:
        """Send a request, unless the network is away; lose some answers."""
        is_command = path == routes.COMMANDS.path
        if not self._network.is_there():
            self._network.lost += is_command
            raise Unreachable("The network is away.")
        answer = await self._inner.request(
            method,
            path,
            query=query,
            body=body,
            reply=reply,
            token=token,
            timeout_s=timeout_s,
            request_id=request_id,
        )
        if self._network.loses():
            self._network.lost += is_command
            raise Unreachable("The answer was lost on its way.")
        if isinstance(answer, Decisions):
            self._network.moved += sum(one.version > 0 for one in answer.decisions)
        return answer

    async def aclose(self) -> None:
        """Give back connections."""
        await self._inner.aclose()
