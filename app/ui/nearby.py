"""Sharing this home with devices nearby while the app is open: the switch, and what it turns on."""

import asyncio
import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store.change_set import ChangeSet
from store.errors import StoreError
from store.replica import Replica
from sync.protocol.address import shown_address

if TYPE_CHECKING:
    from store.domain.membership import Role
    from sync.peer.host import PeerHost
    from sync.peer.pairings import Code

log = logging.getLogger(__name__)

_SWITCH: Final = "app.shares_nearby"  # in `meta`
_MOVED: Final = ChangeSet(topics=frozenset({"spaces"}), initiator="sync")


@dataclass(frozen=True, slots=True)
class Shared:
    """How sharing stands.

    Attributes:
        is_on: the switch.
        where: the address at which this device is reached; empty while it isn't.
        problem: why it isn't, or why the network was not told; empty if all is well.
    """

    is_on: bool
    where: str = ""
    problem: str = ""


class Nearby:
    """The host of one home within the app. Belongs to the loop that `start` was called on.

    Args:
        replica: the home.
        listen: where, instead of on every interface.
        announce: whether the network is told.
    """

    def __init__(
        self, replica: Replica, *, listen: str | None = None, announce: bool = True
    ) -> None:
        self._replica = replica
        self._listen = listen
        self._announce = announce
        self._host: PeerHost | None = None
        self._problem = ""
        self._is_open = False
        self._one_at_a_time = asyncio.Lock()
        self._unwatch: Callable[[], None] = lambda: None
        self._following: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Share, if the switch was left on, and follow it from now on, whoever turns it."""
        loop = asyncio.get_running_loop()

        def heard(changed: ChangeSet) -> None:
            if changed.concerns("settings"):
                loop.call_soon_threadsafe(self._follow_soon)

        self._is_open = True
        self._unwatch = self._replica.watch(heard)
        await self.follow()

    async def stop(self) -> None:
        """Share no more while the app is closed; the switch stays as it is."""
        self._is_open = False
        self._unwatch()
        await asyncio.gather(*self._following)
        async with self._one_at_a_time:
            await self._end()

    def turn(self, *, on: bool) -> None:
        """Turn the switch, which is an act that `undo` takes back; blocks. `follow` does it."""
        self._replica.change_setting(_SWITCH, "1" if on else "", label="nearby")

    async def follow(self) -> None:
        """Share or don't, as the switch is; what was heard as the app closed shares nothing."""
        async with self._one_at_a_time:
            before = self._host, self._problem
            if self._is_open and await asyncio.to_thread(self._is_on):
                await self._begin()
            else:
                await self._end()
            has_moved = before != (self._host, self._problem)
        if has_moved:
            self._replica.announce(_MOVED)

    def state(self) -> Shared:
        """How it stands; from any thread."""
        host = self._host
        served = None if host is None else host.served
        if host is None or served is None:
            return Shared(self._is_on(), problem=self._problem)
        why = host.not_announced
        told = f"This network takes no announcements ({why}); give the address." if why else ""
        return Shared(True, shown_address(served.url), told)

    def address(self) -> str:
        """The whole address with its fingerprint, for who can't find this device."""
        host = self._host
        return "" if host is None or host.served is None else host.served.url

    async def show_code(self, space: str, *, role: "Role") -> "Code":
        """Open a code for one device.

        Raises:
            Refused: this device may not share the space.
        """
        host = self._host
        assert host is not None, "the button is there while it is shared"
        return await asyncio.to_thread(host.show_code, space, role=role)

    def _follow_soon(self) -> None:
        task = asyncio.create_task(self._follow_heard())
        self._following.add(task)
        task.add_done_callback(self._following.discard)

    async def _follow_heard(self) -> None:
        try:
            await self.follow()
        except StoreError as error:  # busy, or the disk: the next word of it is followed
            log.warning("share nearby outcome=%s", error.type)

    async def _end(self) -> None:
        host, self._host, self._problem = self._host, None, ""
        if host is not None:
            await host.stop()

    async def _begin(self) -> None:
        from sync.peer.host import PeerHost  # the server's parts: only who shares loads them
        from sync.server.listening import CannotServe

        if self._host is not None:
            return
        host = PeerHost(self._replica, announce=self._announce)
        try:
            await host.start(self._listen)
        except CannotServe as no:
            self._problem = no.detail
            log.warning("share nearby outcome=%s", no.type)
        except StoreError as failure:
            self._problem = failure.detail
            log.warning("share nearby outcome=%s", failure.type)
        else:
            self._host, self._problem = host, ""

    def _is_on(self) -> bool:
        return self._replica.setting(_SWITCH) == "1"
