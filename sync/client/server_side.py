"""The other end of a round: each method is one request to the server of one space.

A long answer is waited for as long as it keeps arriving: an hour's first sync over a bad link is
work, ten silent seconds are not.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import msgspec

from sync.errors import Unreachable
from sync.protocol import routes
from sync.protocol.messages import (
    Differences,
    DocHeads,
    Hello,
    Hint,
    Pulled,
    Push,
    PushReply,
    Range,
    Ranges,
    Row,
    Wanted,
)
from sync.protocol.probes import ProbeOutcome, ProbeSent, SendProbe
from sync.protocol.routes import Route
from sync.protocol.seen import Seen
from sync.transport.base import Transport

ANSWER_S_MAX: Final = 10.0
# An upload gives no sign of life until it is done; this is the slowest link that we wait for.
UPLOAD_BYTES_PER_S_MIN: Final = 16 << 10
LEADS_NOWHERE: Final = "The server's answer leads nowhere; it may need an update."
EXCHANGE_S_MAX: Final = 900.0  # a server that trickles for longer than this is no use

Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Stated:
    """What a device says of itself whenever it looks for news.

    Attributes:
        log: the end of its own log, as a cursor.
        has_all: all that it read of the server's log is in its documents.
        receipts: stamp of the newest receipt that it has; 1 before the first.
    """

    log: str
    has_all: bool = False
    receipts: int = 1

    def fields(self, cursor: str | None) -> dict[str, str]:
        """As fields of a query; who reads from the start says nothing of what it had."""
        said = {"log": self.log, "receipts": str(self.receipts)}
        return {**said, "has_all": "1"} if self.has_all and cursor else said


@dataclass(slots=True)
class ServerSide:
    """Asks one server about one space.

    Attributes:
        transport: carries the requests.
        space: id of the space.
        token: opens the space to this home.
        clock: seconds that only grow.
        asked_at: when the last request was sent, by the clock.
        timeout_s: how long to wait for an answer that doesn't move.
        there_s: the same once something was answered; None = no other time.
        round_id: names the round in the server's log, with the number of each request.
        asked: requests so far.
    """

    transport: Transport
    space: str
    token: str | None
    clock: Callable[[], float]
    timeout_s: float = ANSWER_S_MAX
    there_s: float | None = None
    asked_at: float = 0.0
    round_id: str | None = None
    asked: int = 0

    async def hello(self) -> Hello:
        """Begin a round."""
        return await self.ask(routes.HELLO, query={"space": self.space})

    async def push(self, rows: Sequence[Row], committed_ms: Sequence[int] = ()) -> PushReply:
        """Offer rows, causes before their effects, and say when they were committed."""
        body = Push(self.space, list(rows), list(committed_ms))
        return await self.ask(routes.PUSH, body=body, upload=sum(len(row.raw) for row in rows))

    async def pull(
        self, cursor: str | None, *, rows_max: int, stated: Stated, probes: int = 0
    ) -> Pulled:
        """Ask for what lies beyond a cursor (None = from the start), and say where we stand."""
        query = {"space": self.space, "rows_max": str(rows_max), **stated.fields(cursor)}
        if probes:
            query["probes"] = str(probes)
        if cursor:
            query["cursor"] = cursor
        return await self.ask(routes.PULL, query=query)

    async def differences(self, ranges: Sequence[Range]) -> Differences:
        """Compare fingerprints of ranges that are in order and don't overlap."""
        return await self.ask(routes.HEADS, body=Ranges(self.space, list(ranges)))

    async def changes(self, docs: Sequence[DocHeads]) -> Pulled:
        """Ask for the changes of documents beyond our heads."""
        body = Wanted(self.space, list(docs))
        return await self.ask(
            routes.CHANGES, body=body, upload=sum(len(d.heads) for d in docs) * 40
        )

    async def wait(
        self, cursor: str | None, *, timeout_s: float, stated: Stated, probes: int = 0
    ) -> Hint:
        """Wait until there is news, at most so long; say where we stand."""
        query = {
            "space": self.space,
            "timeout_s": f"{timeout_s:.1f}",
            "probes": str(probes),
            **stated.fields(cursor),
        }
        if cursor:
            query["cursor"] = cursor
        return await self._exchange(
            routes.WAIT, query=query, body=None, timeout_s=timeout_s + self.timeout_s
        )

    async def send_probe(self, at_ms: int, seen: Seen) -> ProbeSent:
        """Write our probe, and say what we have seen since the last one."""
        return await self.ask(routes.PROBE, body=SendProbe(self.space, at_ms, seen))

    async def probe_outcome(self, stamp: int) -> ProbeOutcome:
        """Ask whom our probe has reached."""
        return await self.ask(routes.PROBED, query={"space": self.space, "stamp": str(stamp)})

    async def ask(
        self,
        route: Route[Q, B, R],
        *,
        query: Mapping[str, str] | None = None,
        body: B | None = None,
        upload: int = 0,
    ) -> R:
        """Send one request and wait while its answer moves.

        Args:
            route: what to ask for.
            query: fields of the query string, as text.
            body: the message.
            upload: about how many bytes the body has, where it may be large.

        Raises:
            SyncError: as the transport says; Unreachable where nothing moved for `timeout_s`.
        """
        self.asked_at = self.clock()
        exchange = self._exchange(route, query=query or {}, body=body, timeout_s=EXCHANGE_S_MAX)
        return await self._while_it_moves(
            exchange, self.timeout_s + upload / UPLOAD_BYTES_PER_S_MIN
        )

    async def _exchange(
        self, route: Route[Q, B, R], *, query: Mapping[str, str], body: B | None, timeout_s: float
    ) -> R:
        self.asked += 1
        request_id = None if self.round_id is None else f"{self.round_id}-{self.asked}"
        return await self.transport.request(
            route.method,
            route.path,
            query=query,
            body=body,
            reply=route.reply,
            token=self.token,
            timeout_s=timeout_s,
            request_id=request_id,
        )

    async def _while_it_moves(self, exchange: Coroutine[Any, Any, T], silence_s: float) -> T:
        """Wait for an exchange as long as bytes arrive at least every `silence_s`."""
        traffic = self.transport.traffic
        task = asyncio.ensure_future(exchange)
        try:
            while True:
                received = traffic.bytes_received
                done, _ = await asyncio.wait({task}, timeout=silence_s)
                if done:
                    answer = task.result()
                    self.timeout_s = max(self.timeout_s, self.there_s or 0.0)
                    return answer
                if traffic.bytes_received == received:
                    raise Unreachable(f"The server gave no answer within {silence_s:g} s.")
        finally:
            task.cancel()
