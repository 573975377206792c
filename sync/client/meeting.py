"""How a round begins: hello, by a token that the server knows, and under an id of this home's own.

A home that turns out to be a copy takes another replica id. So does one whose token the server does
not know, as it was set back behind it: it asks by a token from before.
"""

import asyncio
from collections.abc import Callable

from store.domain.ids import ReplicaId
from store.domain.ledger.on_device import Contact
from sync.client.history import History
from sync.client.home import Home
from sync.client.observing import Observer
from sync.client.offering import Tally
from sync.client.server_side import ServerSide
from sync.errors import AuthRefused, Refused
from sync.protocol import routes
from sync.protocol.entering import Joined, RekeyDevice
from sync.protocol.messages import Hello
from sync.protocol.problems import ALREADY_MEMBER


class Meeting:
    """Meets the server, for one round.

    Args:
        home: this home's end.
        history: of this home's log there.
        server: the other end; its token becomes the one that it knows.
        tally: counts a new id.
        observer: told what the meeting says of the clocks.
        new_replica_id: makes an id, should one be needed.

    Attributes:
        contact: as of when the authority was asked; None where the server keeps no ledger.
        has_new_id: this home is known by another id than before.
    """

    def __init__(
        self,
        home: Home,
        history: History,
        server: ServerSide,
        tally: Tally,
        observer: Observer,
        new_replica_id: Callable[[], ReplicaId],
    ) -> None:
        self.contact: Contact | None = None
        self.has_new_id = False
        self._home = home
        self._history = history
        self._server = server
        self._tally = tally
        self._observer = observer
        self._new_replica_id = new_replica_id

    async def hello(self) -> Hello:
        """Say hello, as a home whose log is the one that the server remembers.

        Raises:
            SyncError: the server refused, or didn't answer.
        """
        hello = await self._met_by_a_token()
        if await asyncio.to_thread(self._history.is_forked, hello):
            await self._take_new_replica_id()
            hello = await self._met()
        return hello

    async def _met_by_a_token(self) -> Hello:
        """Say hello; to a server that was set back behind our token by one from before."""
        try:
            return await self._met()
        except AuthRefused as unknown:
            if unknown.type != AuthRefused.default_type or not await self._is_let_in_as_before():
                raise
        return await self._met()

    async def _is_let_in_as_before(self) -> bool:
        """Ask for a new token by the last former one that the server knows; False if it knows none.

        Raises:
            AuthRefused: it knows one, and says that this device was shut out.
        """
        for former in await asyncio.to_thread(self._history.former_tokens):
            self._server.token = former
            try:
                await self._take_new_replica_id()
            except AuthRefused as unknown:
                if unknown.type != AuthRefused.default_type:
                    raise
            else:
                return True
        return False

    async def _met(self) -> Hello:
        """Say hello, and learn the server's time."""
        sent_ms, sent = self._home.now_ms(), self._server.clock()
        reading = self._home.replica.clocks()
        hello = await self._server.hello()
        if hello.ledger is not None:  # counted from before the request, so that quotas lapse early
            self.contact = Contact(hello.now_ms, reading)
        self._observer.met_clock(sent_ms, self._server.clock() - sent, hello.now_ms)
        return hello

    async def _take_new_replica_id(self) -> None:
        try:
            joined = await self._ask_for_replica_id()
        except Refused as refusal:
            if refusal.type != ALREADY_MEMBER:
                raise
            # Another copy of this home has taken up the id that we both had proposed.
            await asyncio.to_thread(self._history.forget_proposal)
            joined = await self._ask_for_replica_id()
        asked_by = self._server.token
        assert asked_by is not None, "it is a member's"
        await asyncio.to_thread(self._history.rekeyed, joined, asked_by)
        self.has_new_id = True
        self._tally.resets += 1  # not before: asking in vain is no progress, and is given up
        self._server.token = joined.token

    async def _ask_for_replica_id(self) -> Joined:
        proposed = await asyncio.to_thread(self._history.proposed_replica_id, self._new_replica_id)
        return await self._server.ask(routes.REKEY, body=RekeyDevice(self._home.space, proposed))
