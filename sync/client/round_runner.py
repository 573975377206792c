"""Runs rounds one at a time, whoever they are with, and keeps what the next one begins with."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from store.domain.ids import ReplicaId, new_replica_id
from store.errors import StoreError
from store.peers import Peer
from sync.client.dialler import Dialler
from sync.client.home import Home
from sync.client.offering import Tally
from sync.client.planner import BatchSize, Explained
from sync.client.results import Sums
from sync.client.retry import Clock
from sync.client.round import Round
from sync.client.server_side import ServerSide
from sync.errors import SyncError

log = logging.getLogger("cairn.sync")

ROUND_ID_BYTES: Final = 8  # of a name that stands in both sides' logs


class RoundRunner:
    """Runs one round after the other for a home.

    Args:
        dialler: this home as it stands with a peer.
        clock: seconds that only grow.
        entropy: so many random bytes, for names of rounds and for a new replica id.
    """

    def __init__(self, dialler: Dialler, clock: Clock, entropy: Callable[[int], bytes]) -> None:
        self._dialler = dialler
        self._clock = clock
        self._entropy = entropy
        self._sizes: dict[str, BatchSize] = {}
        self._explained: dict[str, Explained] = {}
        self._one_round = asyncio.Lock()

    async def run(self, peer: Peer, sums: Sums, server: ServerSide) -> None:
        """Run one round with a peer, and log it as one line however it ends.

        Args:
            peer: as it is kept now.
            sums: the round is added to it, also one that fails.
            server: the line to the peer.

        Raises:
            SyncError: what stopped the round.
        """
        tally, outcome, began = Tally(), "cut", self._clock()
        size = self._sizes.setdefault(peer.id, BatchSize())
        explained = self._explained.setdefault(peer.id, Explained())
        home = self._dialler.home(peer)
        observer = await self._dialler.observer(home)
        server.round_id = self._entropy(ROUND_ID_BYTES).hex()
        async with self._one_round:
            before = replace(server.transport.traffic)
            try:
                await Round(
                    home, server, size, explained, tally, observer, self._new_replica_id
                ).run()
                outcome = "quiet" if tally.is_quiet else "moved"
            except SyncError as error:
                outcome = error.type
                observer.failed(error)
                raise
            except BaseException as cut:  # cancelled, or the disk said no; always raised again
                _stop_saying_that_it_runs(home, cut)
                raise
            finally:
                sums.add(tally, before, server.transport.traffic)
                _log_round(server.round_id, peer.space, outcome, tally, self._clock() - began)

    def _new_replica_id(self) -> ReplicaId:
        return new_replica_id(self._entropy(16))


def _stop_saying_that_it_runs(home: Home, cut: BaseException) -> None:
    """Clear the mark of a round that was cut off, unless the disk still says no."""
    try:
        home.broke_off()
    except StoreError as failure:
        cut.add_note(f"the mark of the round is left to the next engine: {failure}")


def _log_round(round_id: str, space: str, outcome: str, tally: Tally, took_s: float) -> None:
    log.info(
        "round id=%s space=%s outcome=%s pushed=%d pulled=%d resets=%d ms=%d",
        round_id,
        space,
        outcome,
        tally.pushed,
        tally.pulled,
        tally.resets,
        round(took_s * 1000),
    )
