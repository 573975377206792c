"""What people do with a server while it is killed, and what its replies have promised them.

The driver speaks the real protocol over loopback and notes each reply that it got: only that counts
as acknowledged. A reply that never came promises nothing, and what it was for may be there or not,
but whole.
"""

import asyncio
import os
from collections.abc import Sequence
from dataclasses import dataclass, field

from store.domain.ids import SpaceId
from sync.errors import Busy, Unreachable
from sync.protocol import entering, routes
from sync.protocol import messages as m
from sync.protocol.cursor import encode_cursor
from sync.protocol.messages import LogPosition
from sync.transport.http import HttpTransport
from tests.support.asking import Member, ask, creation
from tests.support.pushes import Made, change, flipped, some_doc, some_replica

TRIES = 5
TURNS = int(os.environ.get("CAIRN_CRASH_TURNS", "1"))


@dataclass
class Promised:
    """What the replies said.

    Attributes:
        pushed: changes that were sent, push by push: each push is in the log whole or not at all.
        stored: those of them that a reply says are stored.
        tokens: by whose device.
        invites: secrets of invites that were made.
        revoked: replica ids of devices that are out.
        refused: hashes that are in quarantine.
        ended: the driver came to its end.
    """

    pushed: list[list[Made]] = field(default_factory=list)
    stored: list[Made] = field(default_factory=list)
    tokens: dict[str, str] = field(default_factory=dict)
    invites: list[str] = field(default_factory=list)
    revoked: list[str] = field(default_factory=list)
    refused: list[bytes] = field(default_factory=list)
    space: str = ""
    ended: bool = False


@dataclass
class Visit:
    """A driver: does everything once, until the server no longer answers."""

    transport: HttpTransport
    setup_code: str | None
    promised: Promised

    async def run(self) -> None:
        """Do it; a server that is gone ends it."""
        try:
            await self._all()
            self.promised.ended = True
        except Unreachable:
            pass  # killed, which is what this is about
        finally:
            await self.transport.aclose()

    async def _all(self) -> None:
        asked = creation(self.setup_code)
        joined = await ask(self.transport, routes.CREATE_SPACE, asked)
        alice = self._came_in("alice", joined)
        await alice.hello()
        tasks = [change() for _ in range(4)]
        await self._push(alice, tasks)
        await self._push(alice, [change(after=task, key="due") for task in tasks])
        bob = await self._joined(alice, "bob")
        await self._push(bob, [change(author="Bob", title="x" * 900) for _ in range(20)])
        await self._pull(bob)
        doc = some_doc("note")
        first = change(doc)
        await self._push(bob, [first, change(doc, key="pinned"), change(after=first, key="source")])
        bad = flipped(change().row)
        await bob.push(bad)
        self.promised.refused.append(bad.hash)
        vera = await self._joined(alice, "vera")
        await self._rekey(vera)
        await alice.revoke(vera.replica)
        self.promised.revoked.append(vera.replica)
        await self._push(alice, [change(after=task, key="list") for task in tasks])
        for _ in range(TURNS - 1):
            await self._turn(alice, bob)

    async def _turn(self, alice: Member, bob: Member) -> None:
        """More of the same, so that there are more moments at which to be killed."""
        tasks = [change() for _ in range(6)]
        for task in tasks:
            await self._push(alice, [task])
            await self._push(bob, [change(after=task, key="due", author="Bob")])
            await self._pull(bob)
        guest = await self._joined(alice, f"guest {len(self.promised.invites)}")
        await self._push(guest, [change(title="x" * 900) for _ in range(20)])
        await alice.revoke(guest.replica)
        self.promised.revoked.append(guest.replica)

    def _came_in(self, name: str, joined: entering.Joined) -> Member:
        self.promised.space = joined.space
        self.promised.tokens[name] = joined.token
        return Member(self.transport, SpaceId(joined.space), joined.token, joined.replica)

    async def _joined(self, owner: Member, name: str) -> Member:
        secret = await owner.invite()
        self.promised.invites.append(secret)
        asked = entering.Join(secret, owner.space, name.capitalize(), "phone", some_replica())
        member = self._came_in(name, await ask(self.transport, routes.JOIN, asked))
        await member.hello()
        return member

    async def _push(self, member: Member, changes: Sequence[Made]) -> None:
        self.promised.pushed.append(list(changes))
        reply = await self._patiently(member, changes)
        assert reply.accepted + reply.duplicate == len(changes), reply
        self.promised.stored += changes

    async def _patiently(self, member: Member, changes: Sequence[Made]) -> m.PushReply:
        """Push; ask again, as a device would, while the server has too much to do."""
        for _ in range(TRIES):
            try:
                return await member.push(*changes)
            except Busy as busy:
                await asyncio.sleep(busy.retry_after_s or 0)
        return await member.push(*changes)

    async def _pull(self, member: Member) -> None:
        """Pull everything, and state a position that the server remembers."""
        own = encode_cursor(LogPosition(b"generation", 3, bytes(32)))
        await member.pull(log=own)

    async def _rekey(self, member: Member) -> None:
        asked = entering.RekeyDevice(member.space, some_replica())
        await member.ask(routes.REKEY, asked)
