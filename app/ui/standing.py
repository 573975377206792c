"""A hook: how sync stands, true to the second, since a countdown counts without any commit."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, TypeVar

import flet as ft

from app.ui.lid import Lid, lid
from app.ui.session import Session
from app.ui.use_query import use_looking
from app.ui.words import Chip, sync_chip
from store.change_set import Topic
from store.queries import Waiting
from store.replica import Replica
from store.rows import PeerRow, Status

_LOOK_EVERY_S: Final = 1.0
_NAMED: Final = 5  # of what waits

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Standing:
    """All that the sync sheet says.

    Attributes:
        chip: the words of the chip.
        lid: whether it is safe to close the lid.
        waiting: what is on this device only, by name.
        retries: seconds until each peer is tried again, by its id; None where nothing is planned.
    """

    chip: Chip
    lid: Lid
    status: Status
    waiting: Waiting
    retries: dict[str, int | None]


def use_chip(session: Session) -> Chip | None:
    """Follow the words of the chip; a hook. None until they are known."""
    return _use_look(session, lambda replica: _chip(session, replica.status()))


def use_standing(session: Session) -> Standing | None:
    """Follow all of it; a hook. None until it is known."""

    def look(replica: Replica) -> Standing:
        status, waiting = replica.status(), replica.waiting(_NAMED)
        return Standing(
            _chip(session, status),
            lid(status, replica.safe_to_close(known=status)),
            status,
            waiting,
            {peer.id: retry_in_s(peer, session.now().timestamp()) for peer in status.peers},
        )

    return _use_look(session, look)


def retry_in_s(peer: PeerRow, now_s: float) -> int | None:
    """Seconds until a peer is tried again; None where nothing is planned."""
    if peer.retry_at_ms is None or peer.state not in ("retrying", "offline"):
        return None
    return max(0, math.ceil(peer.retry_at_ms / 1000 - now_s))


def _chip(session: Session, status: Status) -> Chip:
    sync = session.core.sync
    return sync_chip(status, sync.state().phase, sync.retry_in_s())


def _use_look(session: Session, look: Callable[[Replica], T]) -> T | None:
    unknown: T | None = None
    seen, show = ft.use_state(unknown)

    async def show_it() -> None:
        show(await session.read(look))

    on: tuple[Topic, ...] = ("sync", "items", "conflicts", "spaces")
    use_looking(session, show_it, on=on, every_s=_LOOK_EVERY_S)
    return seen
