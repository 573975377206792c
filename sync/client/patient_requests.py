"""Requests to a server outside of rounds, such as for an invite: each tried again in patience."""

from collections.abc import Callable, Mapping
from typing import TypeVar

import msgspec

from store.domain.ids import SpaceId
from sync import errors
from sync.client.retry import Clock, FullJitter, Patience, Sleep, while_patient
from sync.client.server_side import ServerSide
from sync.protocol.routes import Route
from sync.transport.base import Transport

Q = TypeVar("Q", bound=msgspec.Struct)
B = TypeVar("B", bound=msgspec.Struct)
R = TypeVar("R", bound=msgspec.Struct)


class PatientRequests:
    """Asks servers one thing at a time.

    What hands out a token may be asked again when its reply got lost, so each is tried again for as
    long as rounds are.

    Args:
        transport_for: makes the transport to a server's address; closed after each request.
        clock: seconds that only grow.
        backoff: how long to wait between tries.
        sleep: waits between tries.
        timeout_s: when to give up a server that doesn't answer.
    """

    def __init__(
        self,
        transport_for: Callable[[str], Transport],
        clock: Clock,
        backoff: FullJitter,
        sleep: Sleep,
        timeout_s: float,
    ) -> None:
        self._transport_for = transport_for
        self._clock = clock
        self._backoff = backoff
        self._sleep = sleep
        self._timeout_s = timeout_s

    async def ask(
        self,
        url: str,
        space: SpaceId,
        token: str | None,
        route: Route[Q, B, R],
        *,
        query: Mapping[str, str] | None = None,
        body: B | None = None,
    ) -> R:
        """Ask one thing of a server, and again while there is patience.

        Args:
            url: where the server is.
            space: id of the space that it is about.
            token: opens the space to this home; None before it has one.
            route: what to ask for.
            query: fields of the query string, as text.
            body: the message.

        Raises:
            SyncError: the server refused, or didn't answer.
        """
        transport = self._transport_for(url)
        patience = Patience(self._timeout_s, self._clock)
        tries = while_patient(patience, backoff=self._backoff, sleep=self._sleep)
        try:
            async for attempt in tries:
                with attempt:
                    server = ServerSide(transport, space, token, self._clock, patience.left_s)
                    try:
                        return await server.ask(route, query=query, body=body)
                    except errors.SyncError:
                        patience.failed(asked_at=server.asked_at, progress=0)
                        raise
        finally:
            await transport.aclose()
        raise AssertionError("the last try returns or raises")
