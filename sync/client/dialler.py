"""Whom this home dials: the peers of its spaces, and the line to each.

A line is kept from one round to the next: its transport, and what is observed on it.
"""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING

from store import peers
from store.domain.ids import SpaceId
from store.peers import Peer
from sync.client.home import Home
from sync.client.observing import Observer
from sync.client.retry import Clock
from sync.client.server_side import ServerSide
from sync.transport.base import Transport

if TYPE_CHECKING:
    from store.replica import Replica


class Dialler:
    """Finds peers and opens the lines to them; what looks peers up blocks.

    Args:
        replica: the home.
        transport_for: makes the transport to a peer's address; kept until `aclose`.
        clock: seconds that only grow.
        now_ms: Unix time.
        timeout_s: how long to wait for an answer, where nothing else is said.
    """

    def __init__(
        self,
        replica: "Replica",
        transport_for: Callable[[str], Transport],
        clock: Clock,
        now_ms: Callable[[], int],
        timeout_s: float,
    ) -> None:
        self._replica = replica
        self._transport_for = transport_for
        self._clock = clock
        self._now_ms = now_ms
        self._timeout_s = timeout_s
        self._transports: dict[str, Transport] = {}
        self._observers: dict[str, Observer] = {}

    def dialled(self, space: SpaceId | None = None) -> list[Peer]:
        """List the peers that are asked for a space (None = for any), its server first."""
        with self._replica.db.read() as conn:
            return peers.dialled(conn, space)

    def server_of(self, space: SpaceId) -> Peer | None:
        """Give the server of a space, None if it has none."""
        with self._replica.db.read() as conn:
            return peers.server_of(conn, space)

    def peer(self, peer_id: str) -> Peer | None:
        """Give a peer as it is kept now, None if it was forgotten."""
        with self._replica.db.read() as conn:
            return peers.find_peer(conn, peer_id)

    def home(self, peer: Peer) -> Home:
        """Give this home as it stands with a peer."""
        return Home(self._replica, peer.id, peer.space, self._now_ms, peer.kind)

    async def observer(self, home: Home) -> Observer:
        """Give what is observed of a peer, one and the same for as long as this dialler lives."""
        observer = self._observers.get(home.peer)
        if observer is None:
            observer = await asyncio.to_thread(home.observer)
            self._observers[home.peer] = observer
        return observer

    def line(self, peer: Peer, timeout_s: float | None = None) -> ServerSide:
        """Open the line to a peer; nothing is sent yet."""
        transport = self._transports.get(peer.url)
        if transport is None:
            transport = self._transports[peer.url] = self._transport_for(peer.url)
        patience_s = self._timeout_s if timeout_s is None else timeout_s
        return ServerSide(transport, peer.space, peer.token, self._clock, patience_s)

    async def aclose(self) -> None:
        """Give back the connections."""
        while self._transports:
            _, transport = self._transports.popitem()
            await transport.aclose()
