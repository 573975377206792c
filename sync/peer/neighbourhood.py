"""Devices that moved: whose address changed is found again by the fingerprint of its certificate.

What a network announces is believed only so far: an address is taken up where its device did not
answer at the last one, and whoever is there has to show the certificate that was pinned.
"""

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Final

from store import peers
from store.change_set import ChangeSet
from store.errors import StoreError
from store.peers import PeerState
from sync.protocol.address import split_address

if TYPE_CHECKING:
    from store.replica import Replica
    from sync.peer.discovery import Found

log = logging.getLogger("cairn.peer")

LOOK_EVERY_S: Final = 30.0  # whether there is anybody to be found, and whether looking works again
FIND_S: Final = 1.5  # when somebody waits for it
_MOVED: Final = ChangeSet(topics=frozenset({"spaces", "sync"}), initiator="peer")

Sleep = Callable[[float], Awaitable[None]]


def follow(replica: "Replica", found: "Found") -> bool:
    """Take up the new address of a device that did not answer at its old one. Blocks.

    Returns:
        Whether anything changed.
    """
    with replica.db.read() as conn:
        moved = [
            peer
            for peer in peers.dialled(conn)
            if peer.kind == peers.DEVICE
            and peer.state == PeerState.OFFLINE
            and peer.url != found.url
            and split_address(peer.url).pin == found.pin
        ]
    if not moved:
        return False
    with replica.db.write() as conn:
        for peer in moved:
            peers.set_url(conn, peer.id, found.url)
    replica.announce(_MOVED)
    return True


def asks_devices(replica: "Replica", *, offline: bool = False) -> bool:
    """Whether this home asks other devices (that did not answer the last time). Blocks."""
    with replica.db.read() as conn:
        return any(
            peer.kind == peers.DEVICE and (not offline or peer.state == PeerState.OFFLINE)
            for peer in peers.dialled(conn)
        )


async def find_again(replica: "Replica") -> bool:
    """Look for devices that did not answer, for a moment; tell whether one was found elsewhere."""
    from sync.peer.discovery import find_hosts  # loads zeroconf

    try:
        found = await find_hosts(FIND_S)
    except OSError as failure:
        log.info("discovery outcome=unavailable reason=%s", failure.strerror)
        return False
    moved = [await asyncio.to_thread(follow, replica, one) for one in found]
    return any(moved)


async def keep_looking(
    replica: "Replica", *, sleep: Sleep = asyncio.sleep, look_s: float = LOOK_EVERY_S
) -> None:
    """Follow devices that move, until cancelled; nothing is listened to while none is asked.

    Args:
        replica: the home.
        sleep: waits between two looks.
        look_s: how long one look listens to somebody who says nothing, before it is seen whether
            anybody is still to be found.
    """
    while True:
        try:
            if await asyncio.to_thread(asks_devices, replica):
                await _look(replica, look_s)
        except StoreError as failure:  # a full disk, say; the next look may go well
            log.warning("discovery outcome=%s", failure.type)
        await sleep(LOOK_EVERY_S)


async def _look(replica: "Replica", look_s: float) -> None:
    """Listen for as long as a device is asked."""
    from sync.peer.discovery import looking  # loads zeroconf

    try:
        async with looking() as heard:
            while await asyncio.to_thread(asks_devices, replica):
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(look_s):
                        found = await heard.get()
                    await asyncio.to_thread(follow, replica, found)
    except OSError as failure:  # no network that takes multicast, now
        log.info("discovery outcome=unavailable reason=%s", failure.strerror)
