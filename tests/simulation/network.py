"""The way of one device to the server: what can become of a message, drawn from the seed.

lost         the request never arrives              refused     nobody listens, at once
reply-lost   the server acts, the answer is gone    late        it arrives after the asker gave up
repeated     it arrives again, seconds later        slow        both ways take seconds
cut          half of a body arrives                 altered     a bit of a body is another one
gateway      a proxy's 502 page                     portal      a login page that answers 200
lies         a sound answer that isn't true: rows left out though the cursor moves on, rows
altered behind a new digest, a push acknowledged that was never made, or refused
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from random import Random
from typing import TYPE_CHECKING

import msgspec

from sync.errors import Unreachable
from sync.protocol import codec, routes
from sync.protocol.messages import Pulled, Push, PushReply, RefusedRow, Row
from sync.protocol.wire import WireRequest, WireResponse, expanded
from sync.transport.memory import MemoryTransport
from tests.sync.client.world import edited, sent

if TYPE_CHECKING:
    from tests.simulation.lan import Door
    from tests.simulation.server import Server
    from tests.simulation.trace import Trace

FATES = (
    ("lost", 3),
    ("refused", 2),
    ("reply-lost", 4),
    ("late", 3),
    ("repeated", 3),
    ("slow", 4),
    ("cut", 2),
    ("altered", 2),
    ("gateway", 2),
    ("portal", 1),
)
LIES = ("rows left out", "rows altered")
LATE_S = (11.0, 90.0)
SLOW_S_MAX = 9.0
HOP_S_MAX = 0.03
BODY_BYTES_MAX = 1 << 24

Carry = Callable[[WireRequest], Awaitable[WireResponse]]


@dataclass
class Network:
    """One device's network.

    Attributes:
        server: who is at its other end.
        doors: devices that serve, by address.
        rng: decides.
        fault_share: of messages, how many go wrong (0 to 1).
        lie_share: of answers, how many are lies.
        lies: how many were told.
        is_down: nothing gets through.
        rounds: rounds that were begun over it.
        rows: rows of logs that went through it, either way, since it was told to count them; None
            while it doesn't.
    """

    server: "Server"
    trace: "Trace"
    name: str
    rng: Random
    doors: Mapping[str, "Door"] = field(default_factory=dict)
    fault_share: float = 0.0
    lie_share: float = 0.0
    lies: int = 0
    is_down: bool = False
    rounds: int = 0
    rows: int | None = None

    def transport(self, url: str) -> MemoryTransport:
        """A connection by way of this network."""
        door = self.server if url == self.server.url else self.doors[url]
        return MemoryTransport(lambda request: self._carry(request, door.exchange))

    async def _carry(self, request: WireRequest, exchange: Carry) -> WireResponse:
        what = request.path.rpartition("/")[2]
        self.rounds += what == "hello"
        fate = self._fate()
        await asyncio.sleep(self.rng.uniform(0.0, HOP_S_MAX))
        if self.is_down:
            self.trace.say(f"{self.name} {what}: down")
            raise Unreachable("The network is down.")
        is_lie = self.rng.random() < self.lie_share
        try:
            if is_lie and request.path == routes.PUSH.path and self.rng.random() < 0.5:
                response = self._never_pushed(request)
            else:
                response = await self._with_fate(fate, request, exchange)
                response = self._lie(request, response) if is_lie and fate == "well" else response
        except Unreachable:
            self.trace.say(f"{self.name} {what}: {fate}, no answer")
            raise
        await asyncio.sleep(self.rng.uniform(0.0, HOP_S_MAX))
        if self.is_down:
            raise Unreachable("The network went down.")
        self.trace.say(f"{self.name} {what}: {fate} {response.status} {len(response.body)}")
        if self.rows is not None:
            self.rows += _rows_in(request, response)
        return response

    def _fate(self) -> str:
        if self.rng.random() >= self.fault_share:
            return "well"
        return self.rng.choices([fate for fate, _ in FATES], [weight for _, weight in FATES])[0]

    async def _with_fate(  # noqa: C901 -- a table of fates
        self, fate: str, request: WireRequest, exchange: Carry
    ) -> WireResponse:
        match fate:
            case "refused":
                raise Unreachable("Nobody listens there.")
            case "lost":
                await asyncio.Event().wait()
            case "reply-lost":
                await exchange(request)
                if self.rng.random() < 0.5:
                    raise Unreachable("The connection broke.")
                await asyncio.Event().wait()
            case "late":
                self.server.deliver_later(request, self.rng.uniform(*LATE_S), exchange)
                await asyncio.Event().wait()
            case "repeated":
                self.server.deliver_later(request, self.rng.uniform(0.0, LATE_S[1]), exchange)
            case "slow":
                await asyncio.sleep(self.rng.uniform(0.0, SLOW_S_MAX))
                response = await exchange(request)
                await asyncio.sleep(self.rng.uniform(0.0, SLOW_S_MAX))
                return response
            case "cut" | "altered":
                return await self._damaged(fate, request, exchange)
            case "gateway":
                return WireResponse(502, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>")
            case "portal":
                return WireResponse(200, {"content-type": "text/html"}, b"<h1>Welcome</h1>")
        return await exchange(request)

    async def _damaged(self, fate: str, request: WireRequest, exchange: Carry) -> WireResponse:
        """Damage the request where it has a body, or the answer."""
        if request.body and self.rng.random() < 0.5:
            return await exchange(replace(request, body=self._spoilt(fate, request.body)))
        response = await exchange(request)
        return replace(response, body=self._spoilt(fate, response.body))

    def _spoilt(self, fate: str, body: bytes) -> bytes:
        if not body:
            return body
        at = self.rng.randrange(len(body))
        if fate == "cut":
            return body[:at]
        return body[:at] + bytes([body[at] ^ 1 << self.rng.randrange(8)]) + body[at + 1 :]

    # -- lies ----------------------------------------------------------------------------------

    def _lie(self, request: WireRequest, response: WireResponse) -> WireResponse:
        if response.status != 200:
            return response
        if request.path in (routes.PULL.path, routes.CHANGES.path):
            kind = self.rng.choice(LIES)
            told = edited(response, Pulled, lambda page: self._another_page(kind, page))
        elif request.path == routes.PUSH.path:
            kind = "false refusal"
            told = edited(response, PushReply, lambda reply: self._refused(request, reply))
        else:
            return response
        self._note_lie(kind)
        return told

    def _note_lie(self, kind: str) -> None:
        self.lies += 1
        self.trace.say(f"{self.name}: a lie, {kind}")

    def _never_pushed(self, request: WireRequest) -> WireResponse:
        """Acknowledge a push that the server never sees."""
        self._note_lie("false acknowledgement")
        reply = PushReply(
            accepted=len(sent(request, Push).rows), duplicate=0, seq=1, refused=[], missing=[]
        )
        body = codec.encode(reply)
        headers = {"content-type": codec.MSGPACK, codec.DIGEST_HEADER: codec.digest_of(body)}
        return WireResponse(200, headers, body)

    def _another_page(self, kind: str, page: Pulled) -> Pulled:
        if kind == "rows left out":
            kept = [row for row in page.rows if self.rng.random() < 0.5]
            return msgspec.structs.replace(page, rows=kept)
        return msgspec.structs.replace(page, rows=[self._another_row(row) for row in page.rows])

    def _another_row(self, row: Row) -> Row:
        if self.rng.random() < 0.5:
            return row
        return Row(row.type, row.doc, row.hash, self._spoilt("altered", row.raw))

    def _refused(self, request: WireRequest, reply: PushReply) -> PushReply:
        """Say of one row that was taken that it wasn't."""
        rows = sent(request, Push).rows
        if not rows:
            return reply
        row = self.rng.choice(rows)
        lie = RefusedRow(row.hash, row.doc, "not-loadable", "It can't be loaded.")
        return msgspec.structs.replace(reply, refused=[*reply.refused, lie])


def _rows_in(request: WireRequest, response: WireResponse) -> int:
    """Count the rows of a log that a message or its answer carries."""
    if request.path == routes.PUSH.path:
        return len(sent(request, Push).rows)
    if response.status == 200 and request.path in (routes.PULL.path, routes.CHANGES.path):
        body = expanded(response, BODY_BYTES_MAX)
        return len(codec.decode(body, Pulled).rows)
    return 0
