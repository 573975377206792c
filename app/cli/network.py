"""Asking servers from a command: one loop, the real transport, and everything closed at the end."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from app.cli.progress import Progress
from store.domain.ids import SpaceId
from sync.client.engine import Engine
from sync.client.handoff import sync_home
from sync.client.membership import Membership
from sync.errors import Unreachable
from sync.peer.neighbourhood import asks_devices, find_again
from sync.protocol.address import split_address
from sync.transport.http import HttpTransport

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Iterator
    from typing import Any

    from app.cli.session import Session
    from store.change_set import ChangeSet
    from store.replica import Replica
    from sync.client.results import SyncResult

T = TypeVar("T")
ASK_S_MAX = 10.0


def ask_members(session: Session, ask: Callable[[Membership], Coroutine[Any, Any, T]]) -> T:
    """Ask something about who shares a space, and wait for the answer.

    Raises:
        DomainError: it can't be asked from here.
        SyncError: the server refused, or didn't answer in time.
    """
    return asyncio.run(ask(Membership(session.replica, HttpTransport)))


def sync_now(session: Session, *, timeout_s: float) -> SyncResult:
    """Run rounds until all is quiet, with the server of one space (`--space`) or of all.

    Where the app is open on this home, it runs them, and this waits for what came of it.

    Raises:
        NotFound: no such space.
        SyncError: what stopped the rounds; what was asked is kept and will be sent.
    """
    replica = session.replica
    space = None if session.space is None else SpaceId(replica.space(session.space).id)
    result = _rounds(replica, space, timeout_s)
    if result.error is not None:
        raise result.error
    return result


def sync_space(session: Session, name: str) -> None:
    """Ask a space's server for what it alone decides; what is not answered is given up."""
    replica = session.replica
    space = SpaceId(replica.space(name).id)
    if _rounds(replica, space, ASK_S_MAX).error is not None:
        replica.give_up_unanswered(space)


def _rounds(replica: Replica, space: SpaceId | None, timeout_s: float) -> SyncResult:
    async def rounds() -> SyncResult:
        engine = Engine(replica, HttpTransport)
        try:
            result = await sync_home(replica, engine, space, timeout_s=timeout_s)
            is_missed = await asyncio.to_thread(asks_devices, replica, offline=True)
            if is_missed and await find_again(replica):  # at another address than the last time
                result = await sync_home(replica, engine, space, timeout_s=timeout_s)
            return result
        finally:
            await engine.aclose()

    with Progress("Syncing") as progress, _moving(replica, space, progress):
        return asyncio.run(rounds())


@contextmanager
def _moving(replica: Replica, space: SpaceId | None, progress: Progress) -> Iterator[None]:
    """Tell how much has moved whenever some has: items that came in, changes that were taken."""
    moved = _Moved(replica.status(space).pending)

    def heard(changed: ChangeSet) -> None:
        if changed.initiator != "sync":
            return
        left = replica.status(space).pending
        if moved.note(len(changed.docs), left):
            progress(moved.done, moved.done + left if left else None)

    unwatch = replica.watch(heard)
    try:
        yield
    finally:
        unwatch()


@dataclass(slots=True)
class _Moved:
    """How much has moved so far.

    Attributes:
        left: changes that are still to be sent.
        done: items that came in, and changes that went out.
    """

    left: int
    done: int = 0

    def note(self, came_in: int, left: int) -> bool:
        """Note what came in and what is left to send; tell whether anything moved."""
        moved = came_in + max(0, self.left - left)
        self.left = left
        self.done += moved
        return moved > 0


@dataclass(frozen=True, slots=True)
class Nearby:
    """A device that shares spaces.

    Attributes:
        device: its name, as it says.
        url: where.
        spaces: names of those that this home shares with it.
    """

    device: str
    url: str
    spaces: tuple[str, ...]


def devices_nearby(session: Session, *, timeout_s: float) -> list[Nearby]:
    """Look for devices in the local network that share spaces, but for this home itself.

    Raises:
        Unreachable: the network can't be searched.
    """
    from sync.peer.discovery import find_hosts
    from sync.peer.host import serving_url

    try:
        found = asyncio.run(find_hosts(timeout_s))
    except OSError as failure:
        raise Unreachable(f"This network can't be searched ({failure.strerror}).") from failure
    own = split_address(serving_url(session.replica) or "").pin
    known: dict[str, list[str]] = {}
    for peer in session.replica.status().peers:
        pin = split_address(peer.url).pin
        if pin is not None:
            known.setdefault(pin, []).append(peer.space)
    return [
        Nearby(one.device, one.url, tuple(known.get(one.pin, ())))
        for one in found
        if one.pin != own
    ]
