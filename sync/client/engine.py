"""The engine: runs rounds with the servers of this home's spaces, one at a time.

It keeps what a person is told (`store.peers`) true after every round, whether it went well or not.
When to run rounds is the scheduler's business; which to repeat at once is decided here. How one is
run is `RoundRunner`'s, whom there is to ask is `Dialler`'s.
"""

import asyncio
import logging
import os
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from random import Random
from typing import TYPE_CHECKING, Final

from store import peers, queries
from store.clocks import system_now_ms
from store.domain.ids import SpaceId
from store.peers import Peer
from store.rows import Status
from sync.client.dialler import Dialler
from sync.client.observing import seen_in
from sync.client.results import Sums, SyncResult, peer_state
from sync.client.retry import FullJitter, Patience, Sleep, while_patient
from sync.client.round_runner import RoundRunner
from sync.client.server_side import ANSWER_S_MAX
from sync.errors import SyncError, Unreachable
from sync.transport.base import Transport

if TYPE_CHECKING:
    from store.replica import Replica

log = logging.getLogger("cairn.sync")

# A first sync takes a few rounds; whoever needs more than this is in a circle.
ROUNDS_MAX: Final = 100
AWAY_S_MAX: Final = 2.0  # for another device, where there is somebody else to sync with


class Engine:
    """Syncs one home. Whoever uses one holds the home's `EngineLock`.

    Args:
        replica: the home.
        transport_for: makes the transport to a server's address; kept until `aclose`.
        clock: seconds that only grow.
        now_ms: Unix time, for what people see.
        rng: chance, for jitter.
        sleep: waits between tries.
        entropy: so many random bytes, for names of rounds and for a new replica id.
        timeout_s: how long a single round or question waits for an answer.
    """

    def __init__(
        self,
        replica: "Replica",
        transport_for: Callable[[str], Transport],
        *,
        clock: Callable[[], float] = time.monotonic,
        now_ms: Callable[[], int] = system_now_ms,
        rng: Random | None = None,
        sleep: Sleep = asyncio.sleep,
        entropy: Callable[[int], bytes] = os.urandom,
        timeout_s: float = ANSWER_S_MAX,
    ) -> None:
        self._replica = replica
        self._clock = clock
        self._now_ms = now_ms
        self._backoff = FullJitter(rng or Random())
        self._sleep = sleep
        self._dialler = Dialler(replica, transport_for, clock, now_ms, timeout_s)
        self._runner = RoundRunner(self._dialler, clock, entropy)

    async def sync_peer(self, peer_id: str) -> SyncResult:
        """Run one round with one peer; none if it was forgotten meanwhile.

        Raises:
            SyncError: what stopped the round; the peer's row says it too.
        """
        began = self._clock()
        sums = Sums()
        peer = await asyncio.to_thread(self._dialler.peer, peer_id)
        if peer is not None:
            try:
                await self._runner.run(peer, sums, self._dialler.line(peer))
            except SyncError as error:
                await self.note_failure(peer_id, error)
                raise
        return await self._result(None if peer is None else peer.space, sums, began)

    async def sync_until_quiet(
        self, space: SpaceId | None = None, *, timeout_s: float = ANSWER_S_MAX
    ) -> SyncResult:
        """Run rounds until nothing moves any more, for one space or for all.

        A server that doesn't answer is tried again, and given up after `timeout_s` without an
        answer that led anywhere: not in total, a long sync goes on as long as it moves.

        Returns:
            The sums over all spaces; `error` is the first that stopped one of them.
        """
        began = self._clock()
        sums = Sums()
        shared = await asyncio.to_thread(self.shared_spaces)
        for one in shared if space is None else (space,):
            stopped = await self._until_quiet(one, sums, timeout_s)
            sums.error = sums.error or stopped
        return await self._result(space, sums, began)

    async def _until_quiet(self, space: SpaceId, sums: Sums, timeout_s: float) -> SyncError | None:
        """Sync with all peers of a space until nobody has anything for another; give what failed.

        What comes from one of them goes on to the others, so all are asked again while it moves. A
        device that is away is the usual case: it gets less time than a server.
        """
        failed: dict[str, SyncError] = {}
        asked: list[Peer] = []
        for _ in range(ROUNDS_MAX):
            asked = await asyncio.to_thread(self._dialler.dialled, space)
            pulled_before = sums.tally.pulled + sums.tally.told
            for peer in asked:
                if peer.id in failed:
                    continue
                patience_s = (
                    timeout_s
                    if len(asked) == 1 or peer.kind == peers.SERVER
                    else (min(timeout_s, AWAY_S_MAX))
                )
                try:
                    await self._rounds(peer.id, sums, patience_s, timeout_s)
                except SyncError as error:
                    failed[peer.id] = error
                    await self.note_failure(peer.id, error)
            if len(asked) < 2 or (sums.tally.pulled + sums.tally.told == pulled_before):
                break
        if sums.tally.progress:
            await self._say_what_is_here([peer.id for peer in asked if peer.id not in failed])
        return _blocking(asked, failed)

    async def has_news(self, peer_id: str, *, timeout_s: float) -> bool:
        """Wait until a peer has something new, at most so long; a hint, never data.

        Raises:
            SyncError: the wait broke off.
        """
        peer = await asyncio.to_thread(self._dialler.peer, peer_id)
        if peer is None:
            return False
        home = self._dialler.home(peer)
        observer = await self._dialler.observer(home)
        hint = await self._dialler.line(peer).wait(
            peer.pull_cursor,
            timeout_s=timeout_s,
            stated=await asyncio.to_thread(home.stated),
            probes=observer.probes_seen,
        )
        await asyncio.to_thread(home.heard, hint.receipts)
        return hint.news

    async def probe(self, space: SpaceId, wait_s: Callable[[float], Awaitable[None]]) -> int:
        """See whom a probe reaches in time; sampled with the next round.

        Args:
            space: which space.
            wait_s: waits for so many seconds.

        Returns:
            How many devices were connected; 0 before the server's clock is known.

        Raises:
            SyncError: the probe can't be sent, or nobody says whom it reached.
        """
        peer = await asyncio.to_thread(self._dialler.server_of, space)
        if peer is None:
            return 0
        observer = await self._dialler.observer(self._dialler.home(peer))
        clock = observer.clock
        if clock is None:
            return 0
        server = self._dialler.line(peer)
        unsaid, at_ms = observer.take_unsaid(), max(0, round(clock.there(self._now_ms())))
        try:
            sent = await server.send_probe(at_ms, seen_in(unsaid))
        except SyncError:
            observer.counted(unsaid)  # it is said with the next one
            raise
        if sent.devices:
            thresholds = await asyncio.to_thread(self._replica.thresholds)
            await wait_s(thresholds.probe_timeout_s)
            outcome = await server.probe_outcome(sent.stamp)
            observer.probed(outcome.devices, outcome.confirmed)
        return sent.devices

    async def note_failure(
        self, peer_id: str, error: SyncError, retry_at_ms: int | None = None
    ) -> None:
        """Tell people why a round ended early, and when the next try is due."""
        peer = await asyncio.to_thread(self._dialler.peer, peer_id)
        if peer is not None:
            home = self._dialler.home(peer)
            observer = await self._dialler.observer(home)
            await asyncio.to_thread(
                home.failed,
                observer,
                peer_state(error),
                error.detail,
                was_seen=not isinstance(error, Unreachable),
                retry_at_ms=retry_at_ms,
            )
            if peer.kind == peers.SERVER:
                await asyncio.to_thread(self._replica.give_up_unanswered, peer.space)

    def shared_spaces(self) -> tuple[SpaceId, ...]:
        """List the spaces that have a server or another peer to ask. Blocks."""
        return tuple(dict.fromkeys(peer.space for peer in self._dialler.dialled()))

    async def aclose(self) -> None:
        """Give back the connections."""
        await self._dialler.aclose()

    async def _say_what_is_here(self, asked: Iterable[str]) -> None:
        """Confirm what came in: a program that ends now has no later round to say it with."""
        for peer_id in asked:
            try:
                await self.has_news(peer_id, timeout_s=0)
            except SyncError as error:  # all is synced nevertheless; the next round says it
                log.info("receipt peer=%s outcome=%s", peer_id, error.type)

    async def _rounds(self, peer_id: str, sums: Sums, timeout_s: float, there_s: float) -> None:
        """Run rounds until one is quiet, each tried again while there is patience.

        Args:
            peer_id: whom to ask.
            sums: written to.
            timeout_s: when to give up who doesn't answer at all.
            there_s: when to give up a device that has answered something: it is there, but slow.
        """
        for _ in range(ROUNDS_MAX):
            patience = Patience(timeout_s, self._clock)
            async for attempt in while_patient(patience, backoff=self._backoff, sleep=self._sleep):
                with attempt:
                    if not await self._try_round(peer_id, sums, patience, there_s):
                        return

    async def _try_round(
        self, peer_id: str, sums: Sums, patience: Patience, there_s: float
    ) -> bool:
        """Run a round; tell whether there is a reason for another."""
        peer = await asyncio.to_thread(self._dialler.peer, peer_id)
        if peer is None:
            return False
        server = self._dialler.line(peer, patience.left_s)
        if peer.kind == peers.DEVICE:  # a phone may be slow; a server that greets only may not
            server.there_s = there_s
        try:
            await self._runner.run(peer, sums, server)
        except SyncError:
            patience.failed(asked_at=server.asked_at, progress=sums.tally.progress)
            raise
        return not sums.tally.is_quiet

    async def _result(self, space: SpaceId | None, sums: Sums, began: float) -> SyncResult:
        status = await asyncio.to_thread(self._status, space)
        return sums.result(status, round((self._clock() - began) * 1000))

    def _status(self, space: SpaceId | None) -> Status:
        with self._replica.db.read() as conn:
            return queries.status(conn, space)


def _blocking(asked: Sequence[Peer], failed: Mapping[str, SyncError]) -> SyncError | None:
    """Give the failure that holds a space up: its server's, or without one that of all peers."""
    counted = [peer for peer in asked if peer.kind == peers.SERVER] or asked
    if any(peer.id not in failed for peer in counted):
        return None
    return next((failed[peer.id] for peer in counted), None)
