"""Joining by a code: at an address that was given, or at whoever is found nearby and knows it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from store.rows import SpaceRow
from sync.client.membership import Membership
from sync.errors import InviteRefused, SyncError, Unreachable

if TYPE_CHECKING:
    from sync.peer.discovery import Found

FIND_S: Final = 5.0  # without another device being heard of
_NOT_ITS_CODE: Final = "pairing-code"

Looking = Callable[[], AbstractAsyncContextManager["asyncio.Queue[Found]"]]


async def join_by_code(
    members: Membership,
    code: str,
    at: str | None,
    *,
    looking: Looking | None = None,
    find_s: float = FIND_S,
) -> SpaceRow:
    """Join the space that a code is for.

    A device whose code it isn't counts it as a wrong one; it learns nothing by it.

    Args:
        members: of the home.
        code: as it was typed.
        at: the address of the device that shows it; None = look for it.
        looking: how to look; None = by zeroconf.
        find_s: how long to wait for one more device.

    Raises:
        DomainError: no code, or no usable address.
        SyncError: nobody nearby has shown it, or the device refused.
    """
    if at is not None:
        return await members.join_device(code, at)
    refused: SyncError | None = None
    async with contextlib.aclosing(_found(looking or _by_zeroconf(), find_s)) as nearby:
        async for found in nearby:
            try:
                return await members.join_device(code, found.url)
            except (InviteRefused, Unreachable) as error:
                if isinstance(error, InviteRefused) and error.type != _NOT_ITS_CODE:
                    raise
                refused = error
    raise refused or Unreachable(
        "No device that shares a space was found nearby; are both in the same network? If that "
        "network passes no announcements on, name the address that the other device shows: --at "
        "ADDRESS.",
        type="not-found-nearby",
    )


async def _found(looking: Looking, find_s: float) -> AsyncGenerator["Found"]:
    """Devices as they are heard of, each once, until none comes for a while."""
    seen: set[str] = set()
    try:
        async with looking() as heard:
            while True:
                try:
                    one = await asyncio.wait_for(heard.get(), find_s)
                except TimeoutError:
                    return
                if one.url not in seen:
                    seen.add(one.url)
                    yield one
    except OSError as failure:
        raise Unreachable(
            f"This network can't be searched ({failure.strerror}); name the address that the other "
            "device shows: --at ADDRESS.",
            type="not-found-nearby",
        ) from failure


def _by_zeroconf() -> Looking:
    from sync.peer.discovery import looking

    return looking
