"""One device of the sale, as a process: its buyers come one after the other, synced or not.

    python -m tests.flash_sale.device HOME SPACE SEED BUYERS

Writes one JSON object on standard output: what became of each of its buyers. Fails where a buyer
has no answer that stands some time after the sale, or where syncing fails as no network does.

A buyer whose device said no because nobody answered comes again, whatever becomes of that wish: it
may have been refused, or been granted and undone since.
"""

import asyncio
import json
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from random import Random
from typing import Final

from store.domain.errors import DomainError
from store.domain.ids import SpaceId
from store.ledger import outbox
from store.replica import Replica
from sync.client.engine import Engine
from sync.errors import SyncError
from sync.transport.http import HttpTransport
from tests.flash_sale.flapping import Flapping, FlappingTransport
from tests.support.rounds import one_round

ITEM: Final = "Ticket"
COME_S: Final = 0.05  # between two buyers, on average
PAUSE_S: Final = 0.15  # between two rounds
CONFIRMED: Final = 9  # of ten who hold one; the others walk away
TRIES_MAX: Final = 10  # a buyer who is told to come back when there is a network
WAITS_S_MAX: Final = 60.0
_DECIDED: Final = ("confirmed", "rejected", "expired", "compensated")


@dataclass
class Buyer:
    """What became of one buyer.

    Attributes:
        said: what the device said at once: `certain`, `promised`, `requested` or `refused`.
        state: of the reservation in the end, as the device knows it.
        certain_ms: from asking to an answer that stands; refused by the device: at once.
        tries: how often the buyer came.
    """

    id: str = ""
    said: str = "refused"
    state: str = "refused"
    certain_ms: float | None = None
    asked_s: float = 0.0
    tries: int = 0
    is_asked_to_confirm: bool = False


class Unanswered(Exception):
    """Buyers have no answer that stands; tells which."""


class Device:
    """A home, its engine, and its buyers."""

    def __init__(self, replica: Replica, space: SpaceId, seed: int) -> None:
        self.rng = Random(seed)
        self.network = Flapping(Random(seed + 1), time.monotonic)
        self.replica = replica
        self.space = space
        self.engine = Engine(
            replica,
            lambda url: FlappingTransport(HttpTransport(url), self.network),
            rng=Random(seed + 2),
        )
        self.buyers: list[Buyer] = []
        self.synced = asyncio.Event()

    async def sell(self, count: int) -> None:
        """Let so many buyers come, and wait until each has an answer that stands.

        Raises:
            ExceptionGroup: of what failed: syncing, or `Unanswered`.
        """
        try:
            async with asyncio.TaskGroup() as both:  # what ends one of them ends the other
                syncing = both.create_task(self._sync_all_the_time())
                for _ in range(count):
                    await asyncio.sleep(self.rng.expovariate(1 / COME_S))
                    await asyncio.to_thread(self.serve, Buyer(asked_s=time.monotonic()))
                self.network.steady()  # the sale is over; what is open is decided now
                await self._until_all_is_decided()
                syncing.cancel()
        finally:
            await self.engine.aclose()

    async def _until_all_is_decided(self) -> None:
        try:
            async with asyncio.timeout(WAITS_S_MAX):
                while not await asyncio.to_thread(self.look):
                    self.synced.clear()
                    await self.synced.wait()
        except TimeoutError:
            still_open = [buyer for buyer in self.buyers if buyer.certain_ms is None]
            raise Unanswered(f"{WAITS_S_MAX:.0f} s after the sale: {still_open}") from None

    def serve(self, buyer: Buyer) -> None:
        """Let a buyer come for the first time."""
        self.buyers.append(buyer)
        self._ask(buyer)

    def _ask(self, buyer: Buyer) -> None:
        buyer.tries += 1
        try:
            buyer.id = self.replica.reserve(ITEM, 1)
        except DomainError:
            self._goes_without(buyer)  # the device alone said no
            return
        with self.replica.db.read() as conn:
            (intent,) = outbox.about(conn, buyer.id)
        buyer.said, buyer.state = intent.said, "requested"
        if intent.said == "certain":
            buyer.certain_ms = _since_ms(buyer)

    async def _sync_all_the_time(self) -> None:
        while True:
            with suppress(SyncError):  # the network is away; tried again with the next round
                await one_round(self.engine, self.replica, self.space)
                await asyncio.to_thread(self.look)
                self.synced.set()
            await asyncio.sleep(PAUSE_S)

    def look(self) -> bool:
        """See what was decided; confirm what is held; tell whether nothing is open any more."""
        with self.replica.db.read() as conn:
            open_count = outbox.waiting(conn, self.space)
        for buyer in self.buyers:
            if not buyer.id:
                continue
            row = self.replica.reservation(buyer.id)
            buyer.state = row.state
            if self._had_no_answer(buyer):
                open_count += self._comes_again(buyer)
            elif row.state == "confirmed" and not row.is_final:
                open_count += self._confirms(buyer)
            elif row.state in _DECIDED:
                buyer.certain_ms = buyer.certain_ms or _since_ms(buyer)
            else:
                open_count += 1
        return open_count == 0

    def _had_no_answer(self, buyer: Buyer) -> bool:
        with self.replica.db.read() as conn:
            return any(one.type == outbox.NO_ANSWER for one in outbox.about(conn, buyer.id))

    def _comes_again(self, buyer: Buyer) -> int:
        """Ask anew, unless the buyer has had enough; gives how many are open by that."""
        if buyer.tries < TRIES_MAX:
            self._ask(buyer)
        else:
            self._goes_without(buyer)
        return int(buyer.certain_ms is None)

    def _goes_without(self, buyer: Buyer) -> None:
        buyer.id, buyer.said, buyer.state = "", "refused", "refused"
        buyer.certain_ms = _since_ms(buyer)

    def _confirms(self, buyer: Buyer) -> int:
        """Confirm a hold, once, unless its buyer walks away; gives how many are open by that."""
        if buyer.is_asked_to_confirm:
            return 1
        buyer.is_asked_to_confirm = True
        if self.rng.randrange(10) < CONFIRMED:
            with suppress(DomainError):  # its time was up
                self.replica.confirm(buyer.id)
        return 1


def _since_ms(buyer: Buyer) -> float:
    return (time.monotonic() - buyer.asked_s) * 1_000


def main() -> None:
    """Sell, and tell."""
    home, space, seed, count = sys.argv[1:5]
    with Replica.open(Path(home)) as replica:
        device = Device(replica, SpaceId(space), int(seed))
        asyncio.run(device.sell(int(count)))
    told = {
        "buyers": [asdict(buyer) for buyer in device.buyers],
        "lost": device.network.lost,
        "moved": device.network.moved,
    }
    sys.stdout.write(f"{json.dumps(told)}\n")


if __name__ == "__main__":
    main()
