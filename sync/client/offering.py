"""Offering rows to the server: in parts as large as it takes, with the causes that it lacks.

What it refuses comes back to the caller, who parks it; what it has accepted is counted at once, so
that a round which fails half way still tells what it moved.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from store.log import LogRow
from store.log.reading import CHANGE
from sync.client.observing import Observer, committed_by
from sync.client.outgoing import (
    ROLE_REFUSED,
    VIEWER_REFUSED,
    Outgoing,
    next_part,
    refused,
    refused_as_orphans,
    wire_row,
)
from sync.client.planner import BatchSize
from sync.client.server_side import ServerSide
from sync.errors import Busy, Refused, RoleRefused, Unreachable
from sync.protocol.messages import PushReply, RefusedRow
from sync.protocol.problems import TRIAL_UNAVAILABLE

TOO_LARGE: Final = 413
# What a request is refused with for what is in it: less is sent, and then what is at fault parked.
OF_THE_ROWS: Final = frozenset({400, TOO_LARGE, 422})


@dataclass(slots=True)
class Tally:
    """What a round moved.

    Attributes:
        pushed: changes that are new to the server.
        pulled: changes that are new here.
        repairs: those of both that a comparison moved, after the cursors had missed them.
        asked: commands that the authority has decided, and parts of what it had lost.
        told: statements about members that are new here.
        resets: times that the two histories turned out to be others than remembered.
        is_quiet: there is no reason for another round right away.
    """

    pushed: int = 0
    pulled: int = 0
    repairs: int = 0
    asked: int = 0
    told: int = 0
    resets: int = 0
    is_quiet: bool = False

    @property
    def progress(self) -> int:
        """A count that grows with everything that moves."""
        return self.pushed + self.pulled + self.asked + self.told + self.resets


@dataclass(slots=True)
class _Offered:
    """What the server said to some rows."""

    refused: list[RefusedRow] = field(default_factory=list)
    missing: list[LogRow] = field(default_factory=list)

    def add(self, part: Sequence[LogRow], reply: PushReply) -> None:
        """Keep what concerns the rows that were sent; nobody asked about others."""
        sent = {row.hash: row for row in part}
        self.refused += [
            refused(sent[one.hash], one.type, one.detail)
            for one in reply.refused
            if one.hash in sent and sent[one.hash].type == CHANGE
        ]
        self.missing += [sent[one.hash] for one in reply.missing if one.hash in sent]


@dataclass(slots=True)
class Offering:
    """Pushes rows for one round.

    Attributes:
        outgoing: reads what is to be offered again.
        server: who is asked.
        size: how much at once; kept from round to round.
        tally: counts what is new to the server.
        observer: knows when rows were committed.
        begin_moving: called before anything is sent.
        role: what this device may do; a viewer offers no changes.
        parks_by_role: what a viewer wrote is parked; else it is only not offered here, as another
            peer may know better what this device may do.
        withheld_from: place in our log of the first row that a viewer may not hand on, and that
            the other end may still get from whoever wrote it; None where there is none.
        unexamined: the server could not examine what was offered, this time: nothing more is
            offered in this round, which goes on otherwise and then reports it.
    """

    outgoing: Outgoing
    server: ServerSide
    size: BatchSize
    tally: Tally
    observer: Observer
    begin_moving: Callable[[], Awaitable[None]]
    role: str = ""
    parks_by_role: bool = True
    withheld_from: int | None = None
    unexamined: Busy | None = None

    async def offer_with_causes(self, rows: Sequence[LogRow]) -> list[RefusedRow]:
        """Offer rows, and the whole of documents of which the server turns out to lack causes.

        Returns:
            What the server will not take.
        """
        may_write = self.role != "viewer"  # what is signed by others anybody may hand on
        first = await self._offer([row for row in rows if may_write or row.type != CHANGE])
        withheld = [] if may_write else [row for row in rows if row.type == CHANGE]
        refused = [*first.refused, *self._refused_by_role(withheld)]
        if not first.missing or self.unexamined is not None:
            return refused
        causes = await asyncio.to_thread(self._causes, first)
        second = await self._offer(causes)
        # An act that is missing still is missing here too: whoever has it hands it on.
        orphans = [row for row in second.missing if row.type == CHANGE]
        return [*refused, *second.refused, *refused_as_orphans(orphans)]

    def _causes(self, first: _Offered) -> list[LogRow]:
        """All that rows can wait for: their whole documents, and all acts. Blocks."""
        docs = {row.doc for row in first.missing if row.type == CHANGE}
        causes = self.outgoing.whole_docs(docs, without={one.hash for one in first.refused})
        if any(row.type != CHANGE for row in first.missing):
            causes += self.outgoing.all_acts()
        return causes

    def _refused_by_role(self, rows: Sequence[LogRow]) -> list[RefusedRow]:
        """Refuse, for the server, what a viewer wrote; what others wrote is theirs to push."""
        parked = [row for row in rows if self.parks_by_role and row.origin is None]
        withheld = [row.seq for row in rows if not (self.parks_by_role and row.origin is None)]
        if self.withheld_from is not None:
            withheld.append(self.withheld_from)
        self.withheld_from = min(withheld, default=None)
        return [refused(row, ROLE_REFUSED, VIEWER_REFUSED) for row in parked]

    async def _offer(self, rows: Sequence[LogRow]) -> _Offered:
        """Push rows in parts as large as the server takes."""
        offered = _Offered()
        left = deque(await asyncio.to_thread(self.outgoing.still_to_send, rows))
        doubted: set[bytes] = set()  # refused once: what a network did to one request is not theirs
        while left and self.unexamined is None:
            await self.begin_moving()
            part = next_part(left, self.size)
            size = sum(len(row.bytes or b"") for row in part)
            try:
                await self._push(part, offered)
            except RoleRefused as error:
                left = self._demoted([*part, *left], offered, error)
            except Refused as error:
                if error.status not in OF_THE_ROWS:
                    raise
                if len(part) > 1:
                    self.size.shrink(len(part), size)
                    left.extendleft(reversed(part))
                elif error.status == TOO_LARGE or part[0].hash in doubted:
                    self._set_aside(part[0], error, offered)
                else:
                    await self.server.push([], [])  # refused as well: all would be, and none parked
                    doubted.add(part[0].hash)
                    left.appendleft(part[0])
            except Unreachable:
                self.size.shrink(len(part), size)
                raise
        return offered

    def _demoted(
        self, rows: Sequence[LogRow], offered: _Offered, error: RoleRefused
    ) -> deque[LogRow]:
        """Go on as a viewer, as it turns out since the hello; gives what a viewer may hand on."""
        if self.role == "viewer":
            raise error
        self.role = "viewer"
        offered.refused += self._refused_by_role([row for row in rows if row.type == CHANGE])
        return deque(row for row in rows if row.type != CHANGE)

    async def _push(self, part: Sequence[LogRow], offered: _Offered) -> None:
        """Push some rows, and note what became of them."""
        try:
            reply = await self.server.push(
                [wire_row(row) for row in part], committed_by(self.observer, part)
            )
        except Busy as error:
            if error.type != TRIAL_UNAVAILABLE:
                raise
            self.unexamined = error
            return
        self.size.grow()
        self.tally.pushed += reply.accepted
        offered.add(part, reply)

    def _set_aside(self, row: LogRow, error: Refused, offered: _Offered) -> None:
        """Refuse a single row that the server can't use."""
        if row.type == CHANGE:
            offered.refused.append(refused(row, error.type, error.detail))
