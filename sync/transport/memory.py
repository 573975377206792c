"""The official fake: a transport to a server in the same process, with faults on demand.

Everything is encoded and decoded as over HTTP; only the network is missing. A fault hook stands
where the network stands and may do what networks do:

    async def lose_the_reply(request, send):
        await send(request)  # the server acts
        raise Unreachable("The connection broke.")

It may leave `send` out (lost), call it twice (repeated), wait before or after it (late, reordered),
or change the request or the response (damaged).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import TypeAlias, TypeVar

import msgspec

from sync.errors import Unreachable
from sync.protocol import codec
from sync.protocol.wire import WireRequest, WireResponse, build_request, read_response
from sync.transport.base import Traffic

T = TypeVar("T")

Exchange: TypeAlias = Callable[[WireRequest], Awaitable[WireResponse]]
FaultHook: TypeAlias = Callable[[WireRequest, Exchange], Awaitable[WireResponse]]


class MemoryTransport:
    """Asks a server in this process.

    Attributes:
        traffic: see `Transport`.
        fault: the hook, None = a network without faults; may be changed at any time.
    """

    def __init__(
        self,
        exchange: Exchange,
        *,
        fault: FaultHook | None = None,
        media_type: str = codec.MSGPACK,
    ) -> None:
        """Connect to a server by its `Endpoint.exchange`."""
        self.traffic = Traffic()
        self.fault = fault
        self._exchange = exchange
        self._media_type = media_type

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
        """Send one request and give back its answer; see `Transport.request`."""
        request = build_request(
            method,
            path,
            query=query,
            body=body,
            token=token,
            media_type=self._media_type,
            request_id=request_id,
        )
        self.traffic.requests += 1
        self.traffic.bytes_sent += len(request.body)
        try:
            async with asyncio.timeout(timeout_s):
                response = await self._carried(request)
        except TimeoutError as error:
            raise Unreachable(f"The server gave no answer within {timeout_s:g} s.") from error
        self.traffic.bytes_received += len(response.body)
        return read_response(response, reply)

    async def aclose(self) -> None:
        """Nothing to give back."""

    async def _carried(self, request: WireRequest) -> WireResponse:
        if self.fault is None:
            return await self._exchange(request)
        return await self.fault(request, self._exchange)
