"""A network that disturbs one message: loses, repeats, delays, cuts or damages it."""

from collections.abc import Awaitable, Callable
from dataclasses import replace

from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange

Disturb = Callable[[WireRequest, Exchange], Awaitable[WireResponse]]


async def lost(request: WireRequest, send: Exchange) -> WireResponse:
    raise Unreachable("The request got lost.")


async def reply_lost(request: WireRequest, send: Exchange) -> WireResponse:
    await send(request)
    raise Unreachable("The reply got lost.")


async def repeated(request: WireRequest, send: Exchange) -> WireResponse:
    await send(request)
    return await send(request)


async def cut(request: WireRequest, send: Exchange) -> WireResponse:
    response = await send(request)
    return replace(response, body=response.body[: len(response.body) // 2])


async def damaged(request: WireRequest, send: Exchange) -> WireResponse:
    response = await send(request)
    return replace(response, body=_flipped(response.body))


async def someone_else(request: WireRequest, send: Exchange) -> WireResponse:
    return WireResponse(200, {"content-type": "text/html"}, b"<h1>Welcome on board</h1>")


async def failed_gateway(request: WireRequest, send: Exchange) -> WireResponse:
    return WireResponse(502, {"content-type": "text/html"}, b"<h1>Bad gateway</h1>")


async def cut_on_its_way_in(request: WireRequest, send: Exchange) -> WireResponse:
    return await send(replace(request, body=request.body[: len(request.body) // 2]))


async def damaged_on_its_way_in(request: WireRequest, send: Exchange) -> WireResponse:
    return await send(replace(request, body=_flipped(request.body)))


def _flipped(content: bytes) -> bytes:
    body = bytearray(content)
    if body:
        body[len(body) // 2] ^= 0x10
    return bytes(body)


class Once:
    """Disturbs the message with one number, and lets all others pass.

    Args:
        number: which message, from 0.
        disturb: what becomes of it; None keeps it back, and its asker hears nothing.
        after: messages after which one that was kept back arrives.

    Attributes:
        seen: messages that were sent.
        names: what they were.
    """

    def __init__(self, number: int, disturb: Disturb | None, *, after: int = 1) -> None:
        self.number = number
        self.seen = 0
        self.names: list[str] = []
        self._disturb = disturb
        self._after = after
        self._kept_back: WireRequest | None = None

    async def __call__(self, request: WireRequest, send: Exchange) -> WireResponse:
        self.seen += 1
        self.names.append(request.path.rpartition("/")[2])
        if self.seen != self.number + 1:
            response = await send(request)
            if self._kept_back is not None and self.seen == self.number + 1 + self._after:
                await send(self._kept_back)
            return response
        if self._disturb is not None:
            return await self._disturb(request, send)
        self._kept_back = request
        raise Unreachable("No answer came in time.")


# Drop, double, reorder, delay, cut and corrupt, on both ways where there are two; and what comes
# from somebody else than the server.
FAULTS: dict[str, Callable[[int], Once]] = {
    "lost": lambda number: Once(number, lost),
    "reply lost": lambda number: Once(number, reply_lost),
    "repeated": lambda number: Once(number, repeated),
    "reordered": lambda number: Once(number, None, after=1),
    "delayed": lambda number: Once(number, None, after=5),
    "reply cut": lambda number: Once(number, cut),
    "request cut": lambda number: Once(number, cut_on_its_way_in),
    "reply damaged": lambda number: Once(number, damaged),
    "request damaged": lambda number: Once(number, damaged_on_its_way_in),
    "portal": lambda number: Once(number, someone_else),
    "gateway": lambda number: Once(number, failed_gateway),
}
