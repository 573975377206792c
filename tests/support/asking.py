"""Asks a server by its routes, as a device would: creating a space, joining, pushing, pulling."""

import os
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import pytest

from store.domain.ids import SpaceId
from store.domain.ledger import commands as c
from store.domain.ledger.ids import new_ledger_id
from store.domain.membership import Role
from store.ledger.command_codec import asked_form
from sync.errors import SyncError
from sync.protocol import entering, routes
from sync.protocol import messages as m
from sync.protocol.ledger import Asked, Commands, Decision, Decisions, LedgerPlace
from sync.transport.base import Transport
from tests.support.pushes import Made, some_replica, some_space

TIMEOUT_S = 20.0


async def ask(
    transport: Transport,
    route: routes.Route[Any, Any, Any],
    message: msgspec.Struct | None = None,
    *,
    token: str | None = None,
    timeout_s: float = TIMEOUT_S,
) -> Any:
    """Send a message to a route: in the body, or as the query of a GET."""
    query: Mapping[str, str] = {}
    body = message
    if route.body is None:
        fields = {} if message is None else msgspec.to_builtins(message)
        query, body = {name: str(value) for name, value in fields.items()}, None
    return await transport.request(
        route.method,
        route.path,
        query=query,
        body=body,
        reply=route.reply,
        token=token,
        timeout_s=timeout_s,
    )


@dataclass(frozen=True)
class Member:
    """A device in a space, and its way to the server."""

    transport: Transport
    space: SpaceId
    token: str
    replica: str

    async def push(self, *made: Made | m.Row) -> m.PushReply:
        """Push changes or rows."""
        rows = [one.row if isinstance(one, Made) else one for one in made]
        reply: m.PushReply = await self.ask(routes.PUSH, m.Push(self.space, rows))
        return reply

    async def pull(self, cursor: str = "", **fields: Any) -> m.Pulled:
        """Pull after a cursor."""
        query = m.PullQuery(self.space, cursor, **fields)
        pulled: m.Pulled = await self.ask(routes.PULL, query)
        return pulled

    async def hello(self) -> m.Hello:
        """Begin a round."""
        hello: m.Hello = await self.ask(routes.HELLO, m.SpaceQuery(self.space))
        return hello

    async def wait(self, cursor: str = "", timeout_s: float = 25) -> m.Hint:
        """Long poll."""
        hint: m.Hint = await self.ask(routes.WAIT, m.WaitQuery(self.space, cursor, timeout_s))
        return hint

    async def invite(self, role: Role = "editor", expires_in_s: int = 3600) -> str:
        """Make an invite and give back its secret."""
        invite: entering.Invite = await self.ask(
            routes.CREATE_INVITE, entering.CreateInvite(self.space, role, expires_in_s)
        )
        return invite.secret

    async def devices(self) -> list[entering.Device]:
        """List the members."""
        listed: entering.Devices = await self.ask(routes.DEVICES, m.SpaceQuery(self.space))
        return listed.devices

    async def revoke(self, device: str) -> None:
        """Close the door to a device."""
        await self.ask(routes.REVOKE, entering.RevokeDevice(self.space, device))

    async def change_role(self, device: str, role: Role) -> None:
        """Let a device do more or less."""
        await self.ask(routes.ROLE, entering.ChangeRole(self.space, device, role))

    async def command(
        self, *commands: c.Command, keys: Sequence[str] = (), at: LedgerPlace | None = None
    ) -> list[Decision]:
        """Ask for supplies and money, under new keys unless they are given."""
        named = keys or [new_ledger_id("k", os.urandom(16)) for _ in commands]
        asked = [
            Asked(key, asked_form(command)) for key, command in zip(named, commands, strict=True)
        ]
        decided: Decisions = await self.ask(routes.COMMANDS, Commands(self.space, asked, at))
        return decided.decisions

    async def ask(
        self, route: routes.Route[Any, Any, Any], message: msgspec.Struct | None = None
    ) -> Any:
        """Send anything with this device's token."""
        return await ask(self.transport, route, message, token=self.token)


def creation(setup_code: str | None, *, person: str = "Alice") -> entering.CreateSpace:
    """Ask for a space with an id that nobody else has."""
    return entering.CreateSpace(
        some_space(), "Hut", person, f"{person}'s laptop", some_replica(), setup_code
    )


async def create_space(
    transport: Transport, setup_code: str | None, *, token: str | None = None, person: str = "Alice"
) -> Member:
    """Create a space; its owner comes in at once."""
    asked = creation(setup_code, person=person)
    joined = await ask(transport, routes.CREATE_SPACE, asked, token=token)
    owner = Member(transport, SpaceId(joined.space), joined.token, joined.replica)
    await owner.hello()
    return owner


async def join(
    owner: Member, person: str, role: Role = "editor", *, transport: Transport | None = None
) -> Member:
    """Let somebody join the owner's space; they come in at once."""
    secret = await owner.invite(role)
    asked = entering.Join(secret, owner.space, person, f"{person}'s phone", some_replica())
    way = transport or owner.transport
    joined = await ask(way, routes.JOIN, asked)
    member = Member(way, owner.space, joined.token, joined.replica)
    await member.hello()
    return member


async def acts(who: Member, cursor: str = "") -> list[m.Row]:
    """The ledger's rows of the feed."""
    return [row for row in (await who.pull(cursor)).rows if row.doc == "ledger"]


async def refused(
    slug: str, error: type[SyncError], asking: Callable[[], Awaitable[object]]
) -> str:
    with pytest.raises(error) as no:
        await asking()
    assert no.value.type == slug
    assert no.value.detail.endswith(".")
    return no.value.detail
