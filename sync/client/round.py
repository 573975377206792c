"""One round with the server of one space: hello, push, pull, and a comparison where it is due.

Every step may be cut off and repeated. What a round moves is counted in the `Tally` as it goes, so
that a round which fails half way still tells.
"""

import asyncio
from collections.abc import Callable, Iterable
from typing import Final

from store.domain.ids import DocId, ReplicaId
from sync.client.commanding import Commanding
from sync.client.history import History
from sync.client.home import Home, Standing
from sync.client.incoming import Incoming, Taken, within_bytes
from sync.client.meeting import Meeting
from sync.client.observing import Observer
from sync.client.offering import Offering, Tally
from sync.client.outgoing import Outgoing
from sync.client.planner import BatchSize, Explained, must_compare
from sync.client.server_side import LEADS_NOWHERE, ServerSide
from sync.errors import BadRequest, CursorMismatch, Diverged, Unreachable
from sync.protocol.messages import DOCS_MAX, RANGES_MAX, Differences, Pulled, Receipt

# One round compares this far; the next one goes on. Far above what a real difference takes.
COMPARISONS_MAX: Final = 500


class Round:
    """One round; made for it and used once.

    Args:
        home: this home's end.
        server: the other end, with the token in use.
        size: how much to move at once; kept from round to round.
        explained: why the two sides differ though all was compared; kept from round to round.
        tally: written to as the round goes.
        observer: told what the round meets, for the measures.
        new_replica_id: makes an id, should this home turn out to be a copy.
    """

    def __init__(
        self,
        home: Home,
        server: ServerSide,
        size: BatchSize,
        explained: Explained,
        tally: Tally,
        observer: Observer,
        new_replica_id: Callable[[], ReplicaId],
    ) -> None:
        self._home = home
        self._history = History(home)
        self._meeting = Meeting(home, self._history, server, tally, observer, new_replica_id)
        self._outgoing = Outgoing(home)
        self._incoming = Incoming(home)
        self._offering = Offering(self._outgoing, server, size, tally, observer, self._begin_moving)
        self._commanding = Commanding(home, server, tally, self._begin_moving)
        self._observer = observer
        self._server = server
        self._size = size
        self._explained = explained
        self._tally = tally
        self._is_moving = False
        self._has_reset = False
        self._has_fetched = False  # rows whose place in the server's log is not known
        self._receipts: list[Receipt] = []
        self._is_puzzled = False  # something came that nothing held back explains
        self._offered_upto = 0  # of our log; what may not be offered counts too
        self._is_incomplete = False  # the authority's acts have a hole that was asked for before

    async def run(self) -> None:
        """Run the round.

        Raises:
            SyncError: what stopped it; all that was moved before is kept.
        """
        began = self._server.clock()
        await asyncio.to_thread(self._history.check_peer)
        await self._hello()
        page = await self._exchange()
        waiting = (await asyncio.to_thread(self._home.standing)).waiting
        await self._fetch(waiting)
        is_verified = await self._compare(page)
        if self._is_incomplete:
            raise Diverged(
                "The server lacks a part of what it has decided about supplies and money; "
                "ask whoever runs it. Tasks and notes are synced."
            )
        await self._end(page, is_verified=is_verified, began=began)
        if self._offering.unexamined is not None:
            raise self._offering.unexamined
        changed = self._commanding.refusal
        if changed is not None:
            raise Diverged(changed.detail, type=changed.type, title=changed.title) from changed

    async def _hello(self) -> None:
        """Learn our role, and make sure that our log is the one the server remembers."""
        hello = await self._meeting.hello()
        self._has_reset = self._meeting.has_new_id
        await asyncio.to_thread(self._history.note_role, hello.role)
        self._offering.role = hello.role
        await self._commanding.met(hello.ledger, hello.role)
        self._offering.parks_by_role = await asyncio.to_thread(self._history.is_told_by_all)

    async def _exchange(self) -> Pulled:
        """Push, ask, then pull; again from the beginning where the server has another history."""
        await self._push()
        await self._commanding.ask()
        try:
            return await self._pull()
        except CursorMismatch:
            self._has_reset = True
            self._tally.resets += 1
            await asyncio.to_thread(self._history.met_another)
        await self._push()
        return await self._pull()

    async def _end(self, page: Pulled, *, is_verified: bool, began: float) -> None:
        standing = await asyncio.to_thread(self._home.standing)
        is_alike = standing.position.heads_digest == page.heads_digest
        has_moved = bool(self._tally.progress) or self._has_reset
        pending = standing.pending - (standing.unasked if self._commanding.is_deaf else 0)
        is_withheld = self._offering.withheld_from is not None
        is_sent = is_withheld or not pending
        self._tally.is_quiet = is_sent and (is_alike or not has_moved)
        self._observer.ended(
            self._server.clock() - began, pushed=self._tally.pushed, repairs=self._tally.repairs
        )
        await asyncio.to_thread(
            self._home.ended,
            self._observer,
            self._meeting.contact,
            is_synced=self._tally.is_quiet and (is_alike or not is_withheld),
            is_verified=is_verified,
            receipts=self._receipts,
            milestone=self._milestone(standing, page),
            held=self._held(standing, is_alike=is_alike),
        )

    def _held(self, standing: Standing, *, is_alike: bool) -> tuple[int, int] | None:
        """How far a device has our log where it lacks nothing: what it gave us counts too.

        Of a server that is known by where rows came from; a space without one has several peers.
        What a viewer can't hand on has come there too where all documents are alike.
        """
        if is_alike and self._offering.withheld_from is not None:
            return standing.peer.push_seq, self._offered_upto
        lacks_nothing = not (standing.pending or standing.parked)
        if not (self._home.is_with_device and lacks_nothing):
            return None
        return standing.peer.push_seq, standing.position.seq

    def _milestone(self, standing: Standing, page: Pulled) -> tuple[int, int] | None:
        """Places in both logs, of which ours holds nothing that the server's lacks up to there."""
        if standing.pending or self._has_fetched or not page.seq:
            return None
        return standing.position.seq, page.seq

    async def _begin_moving(self) -> None:
        """Say once a round that it moves something; a round that finds nothing stays unseen."""
        if not self._is_moving:
            self._is_moving = True
            await asyncio.to_thread(self._home.began)

    # -- push ----------------------------------------------------------------------------------

    async def _push(self) -> None:
        after = cursor = (await asyncio.to_thread(self._home.standing)).peer.push_seq
        while True:
            batch = await asyncio.to_thread(self._outgoing.next_batch, after, size=BatchSize())
            refused = await self._offering.offer_with_causes(batch.rows)
            if self._offering.unexamined is not None:  # the refusals before it hold nevertheless
                await asyncio.to_thread(self._outgoing.acknowledged, refused)
                return
            upto = self._acknowledged_upto(batch.upto)
            if refused or batch.kept_back or upto != cursor:
                await asyncio.to_thread(
                    self._outgoing.acknowledged, refused, batch=batch, moved=(cursor, upto)
                )
            after, cursor = batch.upto, upto
            if batch.is_last:
                self._offered_upto = batch.upto
                return

    def _acknowledged_upto(self, seq: int) -> int:
        """How far the push cursor may go: what a viewer can't hand on is not there by that."""
        withheld = self._offering.withheld_from
        return seq if withheld is None else min(seq, withheld - 1)

    # -- pull ----------------------------------------------------------------------------------

    async def _pull(self) -> Pulled:
        """Read the server's log to its end; give back the last page."""
        cursor = (await asyncio.to_thread(self._home.standing)).peer.pull_cursor
        rows_max = self._size.rows
        while True:
            stated = await asyncio.to_thread(self._home.stated)
            try:
                page = await self._server.pull(
                    cursor,
                    rows_max=rows_max,
                    stated=stated,
                    probes=self._observer.probes_seen,
                )
            except Unreachable:
                self._size.shrink(self._size.rows, self._size.bytes)
                raise
            rows_max = self._size.rows_after([row.doc for row in page.rows])
            if page.rows or page.cursor != cursor:
                taken = await self._take(page, page.cursor)
                if taken.acts.asks_anew:  # once for each place where acts are missing
                    cursor = None
                    continue
            self._receipts += page.receipts
            self._observer.met_probes(page.probes, self._home.now_ms())
            if not page.more:
                if await self._must_ask_for_the_last_acts():
                    cursor = None
                    continue
                self._observer.caught_up(self._home.replica.readings, self._home.now_ms())
                return page
            if page.cursor == cursor:
                raise BadRequest(LEADS_NOWHERE)
            cursor = page.cursor

    async def _must_ask_for_the_last_acts(self) -> bool:
        """Tell, at the end of the log, whether to read it again for acts that did not come."""
        # Where the log turned out to be another one, what was said at the hello is over.
        if self._has_reset or not await self._commanding.lacks_acts():
            return False
        must_ask = await asyncio.to_thread(self._incoming.ask_for_the_last_acts)
        self._is_incomplete = self._is_incomplete or not must_ask
        return must_ask

    async def _fetch(self, docs: Iterable[DocId]) -> None:
        """Ask for what documents have beyond our heads."""
        left = list(docs)
        self._has_fetched = self._has_fetched or bool(left)
        while left:
            heads = await asyncio.to_thread(self._incoming.heads_of, left[:DOCS_MAX])
            part = within_bytes(heads)
            page = await self._server.changes(part)
            taken = await self._take(page, None)
            if not (page.more and taken.accepted):  # else the same ones, with the heads we have now
                left = left[len(part) :]

    async def _take(self, page: Pulled, cursor: str | None) -> Taken:
        if page.rows:
            await self._begin_moving()
        taken = await asyncio.to_thread(self._incoming.take, page.rows, cursor)
        self._tally.pulled += taken.accepted - taken.statements
        self._tally.told += taken.statements
        self._observer.counted(taken.samples)
        self._observer.took_in(page, taken.fresh, self._home.now_ms())
        self._is_puzzled = self._is_puzzled or bool(taken.waiting or taken.damaged)
        self._is_incomplete = self._is_incomplete or taken.acts.is_incomplete
        return taken

    # -- compare -------------------------------------------------------------------------------

    async def _compare(self, page: Pulled) -> bool:
        """Find what the cursors missed, both ways; tell whether all documents were compared."""
        standing = await asyncio.to_thread(self._home.standing)
        ours = standing.position.heads_digest
        if ours == page.heads_digest:
            return True
        is_to_send = standing.pending and self._offering.withheld_from is None
        if is_to_send or not must_compare(
            ours=ours,
            theirs=page.heads_digest,
            is_held_up=standing.is_held_up and not self._is_puzzled,
            explained=self._explained,
            verified_at_ms=standing.peer.verified_at_ms,
            now_ms=self._home.now_ms(),
        ):
            return False
        moved_before = self._tally.pushed + self._tally.pulled
        left = [await asyncio.to_thread(self._incoming.whole_range)]
        for _ in range(COMPARISONS_MAX):
            if not left:
                break
            asked, left = left[:RANGES_MAX], left[RANGES_MAX:]
            differences = await self._server.differences(asked)
            left += await asyncio.to_thread(self._incoming.differing, differences.ranges)
            left.sort(key=lambda range_: range_.lo)
            await self._exchange_listed(differences)
        moved = self._tally.pushed + self._tally.pulled - moved_before
        self._tally.repairs += moved
        if not (moved or left):  # else the next round looks once more
            self._explained.note(ours, page.heads_digest)
        return not left

    async def _exchange_listed(self, differences: Differences) -> None:
        self._has_fetched = True
        unlike = await asyncio.to_thread(
            self._incoming.unlike, differences.listed, differences.docs
        )
        await self._fetch(DocId(doc) for doc in unlike.wanted)
        offered = list(unlike.offered.items())
        while offered:
            some, offered = dict(offered[:DOCS_MAX]), offered[DOCS_MAX:]
            rows = await asyncio.to_thread(self._outgoing.rows_beyond, some)
            refused = await self._offering.offer_with_causes(rows)
            if self._offering.role == "viewer":
                await asyncio.to_thread(self._outgoing.lost, rows)
            if refused:
                await asyncio.to_thread(self._outgoing.acknowledged, refused)
            if self._offering.unexamined is not None:
                raise self._offering.unexamined
