"""Joining by a code: at an address that was given, or at whoever is found nearby and knows it."""

import asyncio
import contextlib
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Final

from store.rows import SpaceRow
from sync.client.membership import Membership
from sync.errors import InviteRefused, SyncError, Unreachable
from sync.protocol.codes import read_code

if TYPE_CHECKING:
    from sync.peer.discovery import Found

FIND_S: Final = 5.0  # without another device being heard of
_NOT_ITS_CODE: Final = "pairing-code"
_WHERE: Final = "(--at ADDRESS; in the app: Settings, Devices nearby)"

Looking = Callable[[], AbstractAsyncContextManager["asyncio.Queue[Found]"]]


async def join_given(
    members: Membership, given: str, at: str | None = None, *, looking: Looking | None = None
) -> SpaceRow:
    """Join by what somebody was given: an invite link, or the code that a device nearby shows.

    Args:
        members: of the home.
        given: as it was typed or pasted.
        at: the address of the device that shows the code; None = look for it.
        looking: see `join_by_code`.

    Raises:
        DomainError: neither a link nor a code, or no usable address.
        SyncError: see `Membership.join` and `join_by_code`.
    """
    if at is None and read_code(given) is None:
        return await members.join(given.strip())
    return await join_by_code(members, given, at, looking=looking)


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
        "network passes no announcements on, give the address that the other device shows as well "
        f"{_WHERE}.",
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
            f"This network can't be searched ({failure.strerror}); give the address that the other "
            f"device shows as well {_WHERE}.",
            type="not-found-nearby",
        ) from failure


def _by_zeroconf() -> Looking:
    from sync.peer.discovery import looking

    return looking
