"""Asking the space's authority (DECISIONS D17, D24): its key, what it lost, what is asked of it.

A command's key is durable before the first send, and the outbox notes each send before it happens.
So whatever is cut off is asked again under its key, and takes effect once. Commands go in the order
that the outbox gives them, one batch after the other.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Final

from store.errors import LedgerKeyChanged
from store.ledger.command_codec import asked_form
from store.ledger.offering import Told, clear, offer_later, remembered, to_offer
from store.ledger.outbox import Intent, intents, send_again
from store.ledger.standing import ledger_at
from store.log.entries import entry_hash
from store.replica.authority import Answer
from sync.client.home import Home
from sync.client.offering import Tally
from sync.client.server_side import LEADS_NOWHERE, ServerSide
from sync.errors import BadRequest, RoleRefused, SyncError, Transient
from sync.protocol import routes
from sync.protocol.ledger import COMMANDS_MAX, Asked, Commands, LedgerPlace, LedgerState, Offered

_BEHIND: Final = "ledger-behind"  # it lacks what it had told us: it was restored
_NO_LEDGER: Final = "no-ledger"
OFFER_ACTS_MAX: Final = 500
OFFER_BYTES_MAX: Final = 3 << 20
# Of a command that is sent alone these are final: the authority can't use it, now or later.
_USELESS: Final = frozenset({400, 413, 422})


@dataclass(slots=True)
class Commanding:
    """Asks the authority, for one round.

    Attributes:
        home: whose outbox.
        server: who is asked.
        tally: counts what was decided.
        begin_moving: called before anything is sent.
        is_deaf: the authority can't be asked now, though it answers; what waits goes on waiting.
        refusal: why it is not believed, where it is not.
        stood: the generation and the act that it stood at once it had been offered what it lacked;
            None where it is not believed, or keeps no ledger.
    """

    home: Home
    server: ServerSide
    tally: Tally
    begin_moving: Callable[[], Awaitable[None]]
    is_deaf: bool = True
    refusal: LedgerKeyChanged | None = None
    stood: tuple[bytes, int] | None = None

    async def met(self, state: LedgerState | None, role: str) -> None:
        """Believe the authority's key at the first meeting, and offer it what it has lost.

        Another key than at the first meeting is refused, and nothing is asked of who shows it; all
        else goes on.

        Raises:
            SyncError: as the transport says.
        """
        self.is_deaf = state is None or role == "viewer"
        if state is None:
            return
        try:
            acts, due = await asyncio.to_thread(self._believed, state)
        except LedgerKeyChanged as changed:
            self.is_deaf, self.refusal = True, changed
            return
        self.stood = state.generation, state.n
        while acts:
            await self.begin_moving()
            part = _first(acts)
            try:
                answer = await self.server.ask(
                    routes.OFFER,
                    body=Offered(self.home.space, part),
                    upload=sum(len(act) for act in part),
                )
            except SyncError as error:
                if isinstance(error, Transient) or error.status not in _USELESS:
                    raise
                break  # it can do nothing with these: what it has stands
            del acts[: len(part)]
            self.stood = answer.generation, answer.n
            self.tally.asked += answer.entered  # what it knows already is no progress
        self.tally.asked += await asyncio.to_thread(self._offered, due, self.stood[0])

    async def ask(self) -> None:
        """Send what waits, until all of it is decided.

        Raises:
            SyncError: what stopped it; what was sent is sent again, under its keys.
        """
        at_once = COMMANDS_MAX
        while not self.is_deaf:
            batch = await asyncio.to_thread(
                self.home.replica.next_commands, self.home.space, at_once
            )
            if not batch:
                return
            await self.begin_moving()
            try:
                answers, generation = await self._answers(batch)
            except SyncError as error:
                if await self._is_no_use_asking(error):
                    return
                if isinstance(error, Transient) or error.status not in _USELESS:
                    raise
                if len(batch) > 1:
                    at_once = 1
                    continue
                answers, generation = [Answer(batch[0].key, False, error.type, error.detail)], b""
            if {one.key for one in batch}.isdisjoint(one.key for one in answers):
                raise BadRequest(LEADS_NOWHERE)  # else the same ones would be next for ever
            await asyncio.to_thread(
                self.home.replica.learn, self.home.space, batch, answers, generation
            )
            self.tally.asked += len(batch)

    async def _is_no_use_asking(self, error: SyncError) -> bool:
        """Tell whether this authority can't be asked now, though all else goes on."""
        if isinstance(error, RoleRefused):  # demoted since the hello
            await asyncio.to_thread(
                self.home.replica.say_why_waiting, self.home.space, error.detail
            )
        elif error.type == _BEHIND:
            await asyncio.to_thread(self._is_ahead)
        elif error.type != _NO_LEDGER:
            return False
        self.is_deaf = True
        return True

    async def _answers(self, batch: Sequence[Intent]) -> tuple[list[Answer], bytes]:
        """Ask; gives what was answered, and the generation in which the authority stands."""
        place = await asyncio.to_thread(self._place)
        asked = [Asked(one.key, asked_form(one.command)) for one in batch]
        reply = await self.server.ask(routes.COMMANDS, body=Commands(self.home.space, asked, place))
        answers = [
            Answer(one.key, one.ok, one.type, one.detail, one.version, one.generation, one.n)
            for one in reply.decisions
        ]
        return answers, reply.generation

    async def lacks_acts(self) -> bool:
        """Tell, at the end of its log, whether acts that it had when it was met did not come."""
        return self.stood is not None and await asyncio.to_thread(self._is_behind, *self.stood)

    # -- on a worker thread --------------------------------------------------------------------

    def _is_behind(self, generation: bytes, n: int) -> bool:
        with self.home.replica.db.read() as conn:
            at = ledger_at(conn, self.home.space)
            if at is None:  # the space went to another server meanwhile
                return False
            if at.generation in (b"", generation):
                return at.n < n
            # Of a generation whose beginning is not here all is passed over, and shows no hole.
            return n > 0 and entry_hash(conn, self.home.space, generation, 1) is None

    def _believed(self, state: LedgerState) -> tuple[list[bytes], str]:
        """Believe the authority, ask anew what it was set back behind, give what it has lost.

        Returns:
            The acts, and what was remembered of them to be offered.

        Raises:
            LedgerKeyChanged: another key was believed before.
        """
        self.home.replica.believe_authority(self.home.space, state.key)
        self._ask_again(state)
        return self._lost(state)

    def _place(self) -> LedgerPlace | None:
        with self.home.replica.db.read() as conn:
            at = ledger_at(conn, self.home.space)
        return None if at is None or not at.n else LedgerPlace(at.generation, at.n, at.hash)

    def _ask_again(self, state: LedgerState) -> None:
        """Send again what was accepted by an act that will not come any more.

        An act is in the log before its answer is sent. So where all is here that the authority has,
        and something accepted is not among it, then the authority was set back behind that act. It
        knows the key, or decides anew.
        """
        with self.home.replica.db.read() as conn:
            at = ledger_at(conn, self.home.space)
            if at is None or (at.generation, at.n) != (state.generation, state.n):
                return
            waits = intents(conn, self.home.space, states=("accepted",))
        if waits:
            with self.home.replica.db.write() as conn:
                send_again(conn, self.home.space)

    def _lost(self, state: LedgerState) -> tuple[list[bytes], str]:
        told = Told(
            state.generation, state.n, state.hash, state.before, state.upto, state.upto_hash
        )
        with self.home.replica.db.read() as conn:
            return to_offer(conn, self.home.space, told), remembered(conn, self.home.space)

    def _offered(self, due: str, stands: bytes) -> bool:
        """The authority has all that we had: where it stands is the later one, whatever we read.

        Returns:
            Whether it stands in a generation that was left here.
        """
        if due:
            with self.home.replica.db.write() as conn:
                clear(conn, self.home.space, due)
        return self.home.replica.stand_in(self.home.space, stands, self.home.peer)

    def _is_ahead(self) -> None:
        """The authority doesn't know what it had told us: all of it is offered next time."""
        with self.home.replica.db.write() as conn:
            at = ledger_at(conn, self.home.space)
            if at is not None:
                offer_later(conn, self.home.space, at.generation, whole=True)


def _first(acts: Sequence[bytes]) -> list[bytes]:
    """Take from the front as many acts as one offer may hold, at least one."""
    part: list[bytes] = []
    total = 0
    for act in acts[:OFFER_ACTS_MAX]:
        total += len(act)
        if part and total > OFFER_BYTES_MAX:
            break
        part.append(act)
    return part
