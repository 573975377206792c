"""A server inside the test's own process, asked through the memory transport."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from store.database.connection import Database
from store.database.roles import SERVER
from store.documents.trial import TrialLoader
from sync.server.endpoint import Endpoint
from sync.server.intake import Examiner
from sync.server.lanes import Lanes
from sync.server.service import Service, now_ms
from sync.transport.memory import FaultHook, MemoryTransport


@dataclass(frozen=True)
class MemoryServer:
    """A server and how to reach it."""

    db: Database
    service: Service
    endpoint: Endpoint
    trial: Examiner

    @property
    def setup_code(self) -> str | None:
        """For the first space; None once that has an owner."""
        return self.service.setup_code()

    def transport(self, fault: FaultHook | None = None) -> MemoryTransport:
        """A new connection to it."""
        return MemoryTransport(self.endpoint.exchange, fault=fault)


@contextmanager
def memory_server(
    data: Path,
    *,
    clock_ms: Callable[[], int] = now_ms,
    clock_s: Callable[[], float] = time.monotonic,
    trial: Examiner | None = None,
) -> Iterator[MemoryServer]:
    """Open a server on a folder, and close it with the block.

    Args:
        data: its folder; a second server on it goes on where the first one ended.
        clock_ms: Unix time.
        clock_s: monotonic, for rates.
        trial: another examiner than a child of its own; the caller closes it.
    """
    data.mkdir(parents=True, exist_ok=True)
    db = Database(data / "server.db", SERVER)
    own_examiner = TrialLoader() if trial is None else None
    examiner = trial or own_examiner
    assert examiner is not None
    lanes = Lanes()
    service = Service(db, examiner, clock_ms=clock_ms, clock_s=clock_s)
    try:
        yield MemoryServer(db, service, Endpoint(service, lanes), examiner)
    finally:
        service.wakeups.stop()
        lanes.close()
        if own_examiner is not None:
            own_examiner.close()
        db.close()
