"""A network that disturbs one message of an exchange."""

from collections.abc import Awaitable, Callable

from sync.errors import Unreachable
from sync.protocol.wire import WireRequest, WireResponse
from sync.transport.memory import Exchange

Disturb = Callable[[WireRequest, Exchange], Awaitable[WireResponse]]


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
