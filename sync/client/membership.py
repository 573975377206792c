"""Entering spaces, letting others in, and saying what they may do there.

Nothing is written before the server has agreed, and then all of it at once: `Admission` asks,
`Doorway` keeps.
"""

import asyncio
import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from random import Random
from typing import TYPE_CHECKING, Final, cast

import msgspec

from store import peers
from store.clocks import system_now_ms
from store.domain.errors import AskOthers, InvalidValue, Refused
from store.domain.fields import validated_name
from store.domain.ids import SpaceId, new_space_id
from store.domain.membership import Role
from store.peers import Peer, PeerState
from store.rows import SpaceRow
from sync.client import own_members
from sync.client.admission import Admission
from sync.client.doorway import Doorway
from sync.client.link import InviteLink, build_link, parse_link, server_url
from sync.client.patient_requests import PatientRequests
from sync.client.retry import FullJitter, Sleep
from sync.client.server_side import ANSWER_S_MAX
from sync.protocol import routes
from sync.protocol.address import split_address
from sync.protocol.codes import read_code
from sync.protocol.entering import (
    ChangeRole,
    CreateInvite,
    Device,
    RevokeDevice,
)
from sync.protocol.pairing import pairing_secrets
from sync.transport.base import Transport

if TYPE_CHECKING:
    from store.commands.undoing import Undone
    from store.replica import Replica

INVITE_S: Final = 7 * 86_400


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made: the link, which is shown once, and when it expires."""

    link: str
    expires_at_ms: int


class Membership:
    """What a home does about spaces that servers host.

    Args:
        replica: the home.
        transport_for: makes the transport to a server's address; closed after each use.
        clock: seconds that only grow.
        now_ms: Unix time.
        rng: chance, for jitter.
        sleep: waits between tries.
        entropy: so many random bytes.
        timeout_s: when to give up a server that doesn't answer.
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
        self._entropy = entropy
        self._requests = PatientRequests(
            transport_for, clock, FullJitter(rng or Random()), sleep, timeout_s
        )
        self._doorway = Doorway(replica, now_ms, entropy)
        self._admission = Admission(replica, self._requests, self._doorway, entropy)

    async def create_space(self, name: str, url: str, setup_code: str | None = None) -> SpaceRow:
        """Make a space on a server; it becomes the current one.

        Args:
            name: what it is called.
            url: the server's address.
            setup_code: as a new server prints it; not needed by who owns a space there already.

        Raises:
            DomainError: the name or address can't be used.
            SyncError: the server refused, or didn't answer.
        """
        name = validated_name("name", name)
        space = new_space_id(self._entropy(16))
        return await self._host(space, name, server_url(url), setup_code, act="create-space")

    async def create_local(self, name: str) -> SpaceRow:
        """Make a space of this device, to be shared with others nearby, or published later."""
        name = validated_name("name", name)
        space = new_space_id(self._entropy(16))
        return await asyncio.to_thread(self._doorway.create_local, space, name)

    async def publish(self, space: str, url: str, setup_code: str | None = None) -> SpaceRow:
        """Put a local space, with all that is in it, on a server; it becomes the current one.

        A space whose server doesn't know this device any more may be published anew.

        Raises:
            DomainError: no such space, it has a server already, or the address can't be used.
            SyncError: the server refused, or didn't answer.
        """
        row = await asyncio.to_thread(self._replica.space, space)
        peer = await asyncio.to_thread(self._doorway.server_of, SpaceId(row.id))
        if peer is not None and peer.state != PeerState.AUTH_REFUSED:
            raise Refused(f"{row.name} is shared at {peer.url} already; nothing was changed.")
        return await self._host(
            SpaceId(row.id), row.name, server_url(url), setup_code, act="publish"
        )

    async def join(self, link: str) -> SpaceRow:
        """Enter a space by an invite link; it becomes the current one.

        Raises:
            DomainError: not a link, or this home is in that space already.
            SyncError: the server refused, or didn't answer.
        """
        invite = parse_link(link)
        peer = await asyncio.to_thread(self._doorway.server_of, invite.space)
        if peer is not None and peer.state != PeerState.AUTH_REFUSED:
            row = await asyncio.to_thread(self._replica.space, invite.space)
            raise Refused(f"This home is in the space {row.name} already; nothing was changed.")
        joined = await self._admission.by_link(invite)
        return await asyncio.to_thread(
            self._doorway.enter, joined, invite.server, invite.name, act="join"
        )

    async def join_device(self, code: str, url: str) -> SpaceRow:
        """Enter a space by the code that another device shows; it becomes the current one.

        Args:
            code: as it was typed.
            url: where the device serves, with the fingerprint of its certificate.

        Raises:
            DomainError: not a code or such an address, or the space is here with another list.
            SyncError: the device refused, didn't answer, or doesn't know the code itself.
        """
        plain, address = read_code(code), server_url(url)
        pin = split_address(address).pin
        if plain is None:
            raise InvalidValue(
                "A code has eight letters and digits, like K7QM-3TXA; look at what the other "
                "device shows.",
                field="code",
            )
        if pin is None:
            raise InvalidValue(
                "The address of a device ends with #sha256=..., its fingerprint; copy it whole.",
                field="server",
            )
        secrets = await asyncio.to_thread(pairing_secrets, plain, pin)
        joined = await self._admission.by_code(secrets, address)
        return await asyncio.to_thread(self._doorway.enter_by_device, joined, address)

    async def invite(
        self,
        space: str | None = None,
        *,
        role: Role = "editor",
        expires_in_s: int = INVITE_S,
        uses: int = 1,
    ) -> Invited:
        """Make a link by which `uses` devices can join a space (None = the current one).

        Raises:
            DomainError: no such space, or it has no server.
            SyncError: the server refused, or didn't answer.
        """
        row, peer = await asyncio.to_thread(self._shared, space)
        asked = CreateInvite(peer.space, role, expires_in_s, uses)
        made = await self._requests.ask(
            peer.url, peer.space, peer.token, routes.CREATE_INVITE, body=asked
        )
        await asyncio.to_thread(self._replica.note_final, "invite")
        link = InviteLink(peer.url, peer.space, made.secret, row.name, made.ledger_key)
        return Invited(build_link(link), made.expires_at_ms)

    async def devices(self, space: str | None = None) -> list[Device]:
        """List the devices of a space (None = the current one), oldest first.

        As its server knows them; without one as the signed list has them.

        Raises:
            DomainError: no such space, or it is shared with nobody.
            SyncError: the server refused, or didn't answer.
        """
        _, own = await asyncio.to_thread(self._own_list, space)
        if own:
            return own
        _, peer = await asyncio.to_thread(self._shared, space)
        listed = await self._requests.ask(
            peer.url, peer.space, peer.token, routes.DEVICES, query={"space": peer.space}
        )
        return listed.devices

    async def revoke(self, device: str, space: str | None = None) -> Device:
        """Close the door of a space to a device; what it wrote stays.

        Args:
            device: its id, a unique start of it, or its name.
            space: name or id; None = the current one.

        Raises:
            DomainError: no such space or device, or several that are called so.
            SyncError: the server refused, or didn't answer.
        """
        found_space, own = await asyncio.to_thread(self._own_list, space)
        if own:
            out = await asyncio.to_thread(own_members.shut_out, self._replica, device, found_space)
            return own_members.as_device(out)
        peer, found = await self._listed_at(device, space)
        asked = RevokeDevice(peer.space, found.id)
        await self._requests.ask(peer.url, peer.space, peer.token, routes.REVOKE, body=asked)
        if not found.revoked:
            await asyncio.to_thread(self._replica.note_final, "revoke")
        return msgspec.structs.replace(found, revoked=True)

    async def change_role(self, device: str, role: Role, space: str | None = None) -> Device:
        """Let a device do more or less in a space; what it wrote stays.

        Args:
            device: its id, a unique start of it, or its name.
            role: what it may do from now on.
            space: name or id; None = the current one.

        Raises:
            DomainError: no such space or device, or several that are called so; or this device
                may not, in a space without a server.
            SyncError: the server refused, or didn't answer.
        """
        found_space, own = await asyncio.to_thread(self._own_list, space)
        if own:
            now = await asyncio.to_thread(
                own_members.give_role, self._replica, device, role, found_space
            )
            return own_members.as_device(now)
        peer, found = await self._listed_at(device, space)
        await self._ask_for_role(peer, found, role)
        if found.role != role:
            await asyncio.to_thread(
                self._replica.note_role, found.id, peer.space, now=role, before=found.role
            )
        return msgspec.structs.replace(found, role=role)

    async def change_role_back(self, asked: AskOthers) -> "Undone":
        """Let a device do what it might before, and note that its space agreed.

        Args:
            asked: what undo or redo has to ask for.

        Raises:
            DomainError: somebody changed what the device may do since, or this device may not.
            SyncError: the server refused, or didn't answer.
        """
        space, own = await asyncio.to_thread(self._own_list, asked.space)
        if own:
            return await asyncio.to_thread(own_members.give_role_back, self._replica, asked, space)
        peer, found = await self._listed_at(asked.device, space)
        if found.revoked or found.role != asked.now:
            raise own_members.changed_since(found.device)
        await self._ask_for_role(peer, found, cast(Role, asked.wanted))
        return await asyncio.to_thread(self._replica.agreed, asked.number)

    async def _ask_for_role(self, peer: Peer, device: Device, role: Role) -> None:
        asked = ChangeRole(peer.space, device.id, role)
        await self._requests.ask(peer.url, peer.space, peer.token, routes.ROLE, body=asked)

    async def _host(
        self, space: SpaceId, name: str, url: str, setup_code: str | None, *, act: str
    ) -> SpaceRow:
        joined = await self._admission.as_owner(space, name, url, setup_code)
        return await asyncio.to_thread(self._doorway.enter, joined, url, name, act=act)

    async def _listed_at(self, device: str, space: str | None) -> tuple[Peer, Device]:
        """Find the server of a space, and a device as it lists it."""
        _, peer = await asyncio.to_thread(self._shared, space)
        return peer, own_members.find_device(await self.devices(peer.space), device)

    def _own_list(self, space: str | None) -> tuple[SpaceId, list[Device]]:
        """Give the devices of a space without a server, as they are signed; none if it has one."""
        found = SpaceId(self._replica.space(space).id)
        if self._doorway.server_of(found) is not None:
            return found, []
        return found, own_members.listed(self._replica, found)

    def _shared(self, space: str | None) -> tuple[SpaceRow, Peer]:
        """Find a space and its server. Blocks."""
        row = self._replica.space(space)
        with self._replica.db.read() as conn:
            peer = peers.server_of(conn, SpaceId(row.id))
        if peer is None:
            raise Refused(
                f"{row.name} has no server; publish it with `cairn space publish`, or let devices "
                "nearby in with `cairn serve --peer`."
            )
        return row, peer
