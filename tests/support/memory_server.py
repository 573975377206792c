"""A server inside the test's own process, asked through the memory transport."""

import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from store.clocks import system_now_ms
from store.database.connection import Database
from store.database.roles import SERVER
from store.documents.inspect import inspect_change
from store.documents.trial import TrialDoc, TrialLoader, TrialUnavailable, TrialVerdict
from store.domain.ids import DocId
from sync.server.endpoint import Endpoint
from sync.server.examination import Examiner, Examiners
from sync.server.lanes import Lanes
from sync.server.ledger_key import kept_seed
from sync.server.service import Service
from sync.transport.memory import FaultHook, MemoryTransport


class DocExaminer(Protocol):
    """Judges the new changes of one document, as `TrialLoader.check` does."""

    def check(
        self, doc: DocId, base: Sequence[bytes], new: Sequence[bytes]
    ) -> Sequence[TrialVerdict]:
        """Give a verdict for each new change; raises TrialUnavailable."""
        ...


class OneByOne:
    """Examines a batch a document at a time, so that a test's examiner need not know of batches."""

    def __init__(self, examiner: DocExaminer) -> None:
        self._examiner = examiner

    def check_batch(
        self, docs: Sequence[TrialDoc], base_of: Callable[[DocId], Sequence[bytes]]
    ) -> dict[bytes, str | None]:
        found: dict[bytes, str | None] = {}
        stopped: list[TrialUnavailable] = []
        for each in docs:
            try:
                verdicts = self._examiner.check(each.doc, base_of(each.doc), each.new)
            except TrialUnavailable as error:
                stopped.append(error)
                continue
            for raw, verdict in zip(each.new, verdicts, strict=True):
                found[inspect_change(raw).hash] = None if verdict.ok else verdict.detail
        if stopped:
            left = [doc for one in stopped for doc in one.docs]
            outgrown = [doc for one in stopped for doc in one.outgrown]
            raise TrialUnavailable(str(stopped[-1]), left, found, outgrown)
        return found


@dataclass(frozen=True)
class MemoryServer:
    """A server and how to reach it."""

    db: Database
    service: Service
    endpoint: Endpoint

    @property
    def setup_code(self) -> str | None:
        """For the first space; None once that has an owner."""
        return self.service.setup_code()

    def run_jobs(self) -> int:
        """Do all that is due in ledgers now, as the server's thread would; gives how much."""
        assert self.service.authority is not None
        done = 0
        while some := self.service.authority.jobs.run().done:
            done += some
        return done

    def transport(self, fault: FaultHook | None = None) -> MemoryTransport:
        """A new connection to it."""
        return MemoryTransport(self.endpoint.exchange, fault=fault)


@contextmanager
def memory_server(
    data: Path,
    *,
    clock_ms: Callable[[], int] = system_now_ms,
    clock_s: Callable[[], float] = time.monotonic,
    trial: DocExaminer | None = None,
    examiner: Examiner | None = None,
    is_authority: bool = True,
) -> Iterator[MemoryServer]:
    """Open a server on a folder, and close it with the block.

    Args:
        data: its folder; a second server on it goes on where the first one ended.
        clock_ms: Unix time.
        clock_s: monotonic, for rates.
        trial: an examiner of single documents, instead of a child; the caller closes it.
        examiner: an examiner of batches, instead of a child; the caller closes it.
        is_authority: it decides about supplies and money; a holder that is no server does not.
    """
    with ExitStack() as stack:
        data.mkdir(parents=True, exist_ok=True)
        db = Database(data / "server.db", SERVER)
        stack.callback(db.close)
        own = TrialLoader()  # starts its child with the first push: most tests pay for none
        examiners = Examiners([examiner or (OneByOne(trial) if trial is not None else own)])
        stack.callback(examiners.close)
        lanes = Lanes()
        stack.callback(lanes.close)
        stack.callback(own.close)  # first, so that nobody waits for what it examines
        seed = kept_seed(db, os.urandom) if is_authority else None
        service = Service(db, examiners, clock_ms=clock_ms, clock_s=clock_s, ledger_seed=seed)
        stack.callback(service.wakeups.stop)
        yield MemoryServer(db, service, Endpoint(service, lanes))
