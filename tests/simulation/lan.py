"""Devices that others reach without the server: a home that serves, as its program does on a LAN.

The service and the examining are the product's own (`sync.peer`); certificate, sockets, multicast
and the announcement are left out: who joined a device knows its address.
"""

import asyncio
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from hashlib import sha256
from typing import TYPE_CHECKING, Protocol

from store.change_set import ChangeSet
from store.documents.trial import TrialLoader
from store.domain.ids import SpaceId
from store.replica import Replica
from sync.errors import Unreachable
from sync.peer.host import open_code
from sync.peer.house import peer_house
from sync.protocol.wire import WireRequest, WireResponse
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiners
from sync.server.lanes import Lanes
from sync.server.service import Service
from tests.simulation.inline import Inline
from tests.simulation.storage import Killed

if TYPE_CHECKING:
    from random import Random

    from tests.simulation.device import Device


class Door(Protocol):
    """Whom a message can be carried to."""

    async def exchange(self, request: WireRequest) -> WireResponse:
        """Carry a request there and its answer back; raises Unreachable."""
        ...


class PeerDoor:
    """A device as others reach it.

    Attributes:
        url: where it is.
    """

    def __init__(self, device: "Device", trial: TrialLoader, rng: "Random") -> None:
        self.device = device
        self._trial = trial
        self._rng = rng
        self._pin = sha256(device.name.encode()).hexdigest()
        self.url = f"https://{device.name}.example:1#sha256={self._pin}"
        self._open = ExitStack()
        self._endpoint: Endpoint | None = None
        self._starts = 0

    def open(self, replica: Replica) -> None:
        """Serve a home that was just opened."""
        self._starts += 1
        self._open = ExitStack()
        self._endpoint = self._open.enter_context(self._served(replica))

    def close(self) -> None:
        """Serve no more."""
        self._endpoint = None
        self._open.close()

    def code(self, replica: Replica, space: SpaceId) -> str:
        """Show a code for one guest."""
        return open_code(
            replica,
            space,
            self._pin,
            role="editor",
            clock_ms=self.device.clock,
            entropy=self._rng.randbytes,
        ).code

    async def exchange(self, request: WireRequest) -> WireResponse:
        """Carry a request to it and its answer back, if its program lives so long."""
        endpoint, start = self._endpoint, self._starts
        if endpoint is None:
            raise Unreachable("Nobody is there.")
        try:
            response = await endpoint.exchange(request)
        except Killed:
            raise Unreachable("The connection broke.") from None
        if start != self._starts or self._endpoint is None:
            raise Unreachable("The connection broke.")
        return response

    @contextmanager
    def _served(self, replica: Replica) -> Iterator[Endpoint]:
        with ExitStack() as stack:
            examiners = Examiners([self._trial])
            examiners._examiners = [(self._trial, Inline())]  # type: ignore[list-item]
            lanes = Lanes()
            stack.callback(lanes.close)
            entropy = self._rng.randbytes
            service = Service(
                replica.db,
                examiners,
                clock_ms=self.device.clock,
                clock_s=asyncio.get_running_loop().time,
                entropy=entropy,
                house=peer_house(replica, self.device.clock, entropy, lambda: None),
            )
            stack.callback(service.wakeups.stop)

            def wake(changed: ChangeSet) -> None:
                for space in changed.spaces:
                    service.wakeups.tell(space, origin=None)

            stack.callback(replica.watch(wake))
            yield Endpoint(service, lanes)
