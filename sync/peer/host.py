"""A home that serves: the endpoint over it, within a running event loop, until it is stopped.

Guests who wait are woken by every commit of the home, whoever made it: the person, the own engine,
another guest, another process. There is one host for each home, by a lock on a file.
"""

import asyncio
import contextlib
import logging
import os
import socket
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from store.change_set import ChangeSet
from store.clocks import system_now_ms
from store.database.meta import read_meta, write_meta
from store.documents.trial import TrialLoader
from store.domain.errors import Refused
from store.domain.membership import Role
from sync.peer.house import peer_house
from sync.peer.pairings import Code, show_code
from sync.peer.sharing import share
from sync.protocol.address import split_address
from sync.server.certificate import kept_certificate
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiners
from sync.server.folder_lock import only_server_of
from sync.server.http import build_app
from sync.server.lanes import Lanes
from sync.server.listening import Address, CannotServe, bind, read_address
from sync.server.running import BoundedServer, config_of
from sync.server.service import Service

if TYPE_CHECKING:
    from store.replica import Replica

log = logging.getLogger("cairn.peer")

START_S_MAX: Final = 20.0  # until guests are answered; a slow disk reads a certificate in one
LOOK_EVERY_S: Final = 0.3  # for what other processes wrote: one pragma each time

_URL: Final = "peer.url"  # where this home serves, in `meta`, for other processes
_PORT: Final = "peer.port"  # of the last time: who knows the address finds it again
_READ: Final = ChangeSet(topics=frozenset({"sync", "items"}), initiator="sync")


@dataclass(frozen=True, slots=True)
class Served:
    """Where a home serves, and how it is known there.

    Attributes:
        url: with the fingerprint of its certificate.
        pin: that fingerprint.
        port: of the socket.
    """

    url: str
    pin: str
    port: int


class PeerHost:
    """Serves one home to guests nearby.

    Args:
        replica: the home.
        clock_ms: Unix time.
        clock_s: seconds that only grow.
        entropy: so many random bytes.
        announce: whether the network is told, by multicast DNS.
        start_s_max: how long it may take to begin.
    """

    def __init__(
        self,
        replica: "Replica",
        *,
        clock_ms: Callable[[], int] = system_now_ms,
        clock_s: Callable[[], float] = time.monotonic,
        entropy: Callable[[int], bytes] = os.urandom,
        announce: bool = True,
        start_s_max: float = START_S_MAX,
    ) -> None:
        self._start_s_max = start_s_max
        self._announce = announce
        self._not_announced: str | None = None
        self._replica = replica
        self._clock_ms = clock_ms
        self._clock_s = clock_s
        self._entropy = entropy
        self._served: Served | None = None
        self._service: Service | None = None
        self._open = ExitStack()
        self._server: BoundedServer | None = None
        self._tasks: list[asyncio.Task[None]] = []
        self._has_been_read = False

    @property
    def served(self) -> Served | None:
        """Where it serves; None while it doesn't."""
        return self._served

    @property
    def not_announced(self) -> str | None:
        """Why the network was not told, for a person; None where it was, or nobody tried yet."""
        return self._not_announced

    async def start(self, listen: str | None = None) -> Served:
        """Listen, and return once guests are answered.

        Args:
            listen: `HOST:PORT`; None is every interface, at the port of the last time if it is
                free.

        Raises:
            CannotServe: the address can't be used, the home serves already, its certificate
                can't be read, or it did not begin in time.
            StoreError: the home can't be used.
        """
        assert self._served is None, "it serves already"
        with ExitStack() as stack:
            served = await self._started(listen, stack)
            self._open = stack.pop_all()
        self._served = served
        await asyncio.to_thread(self._keep, served)
        return served

    async def stop(self) -> None:
        """End long polls, finish what is under way, and listen no more."""
        if self._served is None:
            return
        self._served = None
        await asyncio.to_thread(self._keep, None)
        await self._end_tasks()
        await asyncio.to_thread(self._open.close)

    def show_code(self, space: str | None, *, role: Role = "editor") -> Code:
        """Open a code for one device; see `show_code` in `pairings`. Blocks for 0.1 s.

        Raises:
            Refused: this device may not share the space.
        """
        assert self._served is not None, "a code is for a home that serves"
        return open_code(
            self._replica,
            space,
            self._served.pin,
            role=role,
            clock_ms=self._clock_ms,
            entropy=self._entropy,
        )

    async def _started(self, listen: str | None, stack: ExitStack) -> Served:
        home = self._replica.home
        await asyncio.to_thread(stack.enter_context, only_server_of(home))
        certificate = await asyncio.to_thread(kept_certificate, home, self._clock_ms())
        sock = stack.enter_context(contextlib.closing(await asyncio.to_thread(self._bound, listen)))
        host, port = sock.getsockname()[:2]
        service, lanes = serve_home(
            self._replica,
            stack,
            clock_ms=self._clock_ms,
            clock_s=self._clock_s,
            entropy=self._entropy,
            on_read=self._note_read,
        )
        self._service = service
        ready = asyncio.Event()
        self._server = BoundedServer(
            config_of(build_app(Endpoint(service, lanes)), certificate),
            ready.set,
            service.wakeups.stop,
        )
        serving = asyncio.create_task(self._server.serve(sockets=[sock]))
        await _begun(serving, ready, self._start_s_max)
        self._tasks = [serving, asyncio.create_task(self._look())]
        address = Address(host, port, certificate.pin)
        served = Served(address.url, certificate.pin, port)
        if self._announce:
            self._tasks.append(asyncio.create_task(self._keep_announced(served, host)))
        return served

    async def _keep_announced(self, served: Served, host: str) -> None:
        """Tell the network until cancelled; one that takes no announcements is no fault."""
        from sync.peer.discovery import announced  # loads zeroconf

        device = await asyncio.to_thread(lambda: self._replica.identity.device)
        try:
            async with announced(served, host, device):
                await asyncio.Event().wait()
        except OSError as failure:
            self._not_announced = failure.strerror or str(failure)
            log.warning(
                "not announced: this network takes no multicast (%s); others have to be given the "
                "address",
                self._not_announced,
            )

    async def _end_tasks(self) -> None:
        serving, *others = self._tasks
        for task in others:
            task.cancel()
        assert self._server is not None, "it was started"
        self._server.should_exit = True
        await serving
        await asyncio.gather(*others, return_exceptions=True)

    def _note_read(self) -> None:
        self._has_been_read = True  # told from outside the transaction that holds it

    async def _look(self) -> None:
        """Hear of what other processes wrote, and tell views of what guests have read."""
        while True:
            await asyncio.to_thread(self._replica.poll)
            if self._has_been_read:
                self._has_been_read = False
                await asyncio.to_thread(self._replica.announce, _READ)
            await asyncio.sleep(LOOK_EVERY_S)

    # -- the address ---------------------------------------------------------------------------

    def _keep(self, served: Served | None) -> None:
        with self._replica.db.write() as conn:
            write_meta(conn, _URL, "" if served is None else served.url)
            if served is not None:
                write_meta(conn, _PORT, str(served.port))

    def _bound(self, listen: str | None) -> socket.socket:
        if listen is not None:
            return bind(read_address(listen, tls=True))  # may have to look a name up
        with self._replica.db.read() as conn:
            kept = read_meta(conn, _PORT)
        return bind_again(int(kept or 0))


def serve_home(
    replica: "Replica",
    stack: ExitStack,
    *,
    clock_ms: Callable[[], int],
    clock_s: Callable[[], float],
    entropy: Callable[[int], bytes],
    on_read: Callable[[], None],
) -> tuple[Service, Lanes]:
    """Put the service of a home together, without a network.

    Args:
        replica: the home.
        stack: ends all of it, in the reverse order.
        clock_ms: Unix time.
        clock_s: seconds that only grow.
        entropy: so many random bytes.
        on_read: called after a guest said that it has more of our log; must not use the home.
    """
    trial = TrialLoader()  # its child starts with the first push
    examiners = Examiners([trial])
    stack.callback(examiners.close)
    lanes = Lanes()
    stack.callback(lanes.close)
    stack.callback(trial.close)  # first, so that nobody waits for what it examines
    service = Service(
        replica.db,
        examiners,
        clock_ms=clock_ms,
        clock_s=clock_s,
        entropy=entropy,
        house=peer_house(replica, clock_ms, entropy, on_read),
    )

    def wake(changed: ChangeSet) -> None:
        """Wake guests who wait for a space, on the thread that made the commit."""
        spaces = changed.spaces
        if changed.is_unknown or (not spaces and changed.concerns("spaces")):
            spaces = frozenset(row.id for row in replica.spaces())
        for space in spaces:
            service.wakeups.tell(space, origin=None)

    stack.callback(replica.watch(wake))
    return service, lanes


async def _begun(serving: "asyncio.Task[None]", ready: asyncio.Event, s_max: float) -> None:
    """Wait until a server listens.

    Raises:
        CannotServe: it ended instead, or took too long; it is ended then.
    """
    listening = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait((serving, listening), timeout=s_max, return_when=asyncio.FIRST_COMPLETED)
    finally:
        listening.cancel()
        is_late = not serving.done()
        if not ready.is_set():
            serving.cancel()
    if ready.is_set():
        return
    (failure,) = await asyncio.gather(serving, return_exceptions=True)
    why = "it took too long to begin" if is_late else str(failure) or type(failure).__name__
    raise CannotServe(
        "start", "The home can't be shared", f"This home can't be shared now ({why}); try again."
    ) from (failure if isinstance(failure, Exception) else None)


def open_code(
    replica: "Replica",
    space: str | None,
    pin: str,
    *,
    role: Role,
    clock_ms: Callable[[], int],
    entropy: Callable[[int], bytes],
) -> Code:
    """Share a space, and open a code for one device; see `share` and `show_code`."""
    shared = share(replica, space)
    return show_code(replica, shared, pin, role=role, now_ms=clock_ms(), entropy=entropy)


def code_of_served(
    replica: "Replica",
    space: str | None,
    *,
    role: Role,
    clock_ms: Callable[[], int] = system_now_ms,
    entropy: Callable[[int], bytes] = os.urandom,
) -> tuple[Code, str]:
    """Open a code at a home that some process serves; gives it with the home's address.

    Raises:
        Refused: none serves it, or this device may not share the space.
    """
    url = serving_url(replica)
    pin = None if url is None else split_address(url).pin
    if url is None or pin is None:
        raise Refused(
            "This home is not shared now; begin with `cairn serve --peer`, or in the app."
        )
    return open_code(replica, space, pin, role=role, clock_ms=clock_ms, entropy=entropy), url


def serving_url(replica: "Replica") -> str | None:
    """Where some process serves this home now; None where none does."""
    with replica.db.read() as conn:
        url = read_meta(conn, _URL)
    if not url:
        return None
    try:
        with only_server_of(replica.home):
            return None  # whoever wrote that was killed
    except CannotServe:
        return url


def bind_again(port: int) -> socket.socket:
    """Take the port of the last time on every interface, or any where it is taken."""
    try:
        return bind(Address("0.0.0.0", port))
    except CannotServe:
        return bind(Address("0.0.0.0", 0))
