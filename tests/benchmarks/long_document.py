"""A document of 100,000 changes as years leave it: sent, examined, taken in and edited.

Each step is the command line's, in a process of its own, so that its memory is its own too.
"""

import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from app.cli.errors import NEEDS_A_PERSON
from store.clocks import system_now_ms
from store.database import SERVER, Database
from store.doctor.backup import SERVER_DATABASE
from store.documents.inspect import inspect_change
from store.domain.ids import DocId
from store.log import LogWriter
from tests.benchmarks.long_away import Pair
from tests.benchmarks.measuring import Figure
from tests.benchmarks.syncing import children, peak_mb
from tests.support.long_history import long_note

CHANGES: Final = 100_000
SITTINGS: Final = 500
TIMEOUT_S: Final = 900
MB_MAX: Final = 1_000
# Of the changes are on the server before: examining all of them takes too long for a benchmark,
# and what comes last costs most.
SENT_BEFORE: Final = 0.8
SAMPLE_S: Final = 0.02


@dataclass(frozen=True)
class Ran:
    """A command that ended well: seconds by the clock and of the processor, and its peak in MB."""

    seconds: float
    processor_s: float
    peak_mb: float


def figures(folder: Path, changes: int = CHANGES, sittings: int = SITTINGS) -> list[Figure]:
    """All of them."""
    folder = folder / "long"
    with Pair(folder) as pair:
        doc = _written(pair, changes, sittings)
        server = pair.server.process.pid
        with _closed(pair):
            push = _cairn(folder / "ann", "sync", "--timeout", str(TIMEOUT_S))
            examiner = sum(peak_mb(pid) for pid in children(server))
            pull = _cairn(folder / "bea", "sync", "--timeout", str(TIMEOUT_S))
            edit = _cairn(folder / "bea", "edit", doc, "--title", "At last")
            history = _cairn(folder / "bea", "history", doc)
            _cairn(folder / "bea", "sync", "--timeout", str(TIMEOUT_S))
            _cairn(folder / "ann", "sync", "--timeout", str(TIMEOUT_S))
        assert pair.ann.digest(pair.space) == pair.bea.digest(pair.space), "both have the same"
        serving = peak_mb(server)
    what = f"a note of {changes:,} changes in {sittings} sittings"
    processor = {
        "push": push.processor_s,
        "pull": pull.processor_s,
        "edit": edit.processor_s,
        "history": history.processor_s,
    }
    return [
        Figure(
            f"{what}: the last fifth pushed, all of it pulled",
            "s",
            {"push": push.seconds, "pull": pull.seconds},
            {"push": 60, "pull": 120},
            1,
        ),
        Figure(f"{what}: the device's processor", "s", processor, {"edit": 10}, 1),
        Figure(
            f"{what}: memory",
            "MB",
            {
                "push": push.peak_mb,
                "server": serving,
                "examiner": examiner,
                "pull": pull.peak_mb,
                "edit": edit.peak_mb,
                "history": history.peak_mb,
            },
            dict.fromkeys(("push", "server", "examiner", "pull", "edit", "history"), MB_MAX),
            1,
        ),
    ]


def _written(pair: Pair, changes: int, sittings: int) -> DocId:
    """Put the note into Ann's home, as if she had written it, and most of it on the server."""
    doc, raws = long_note(changes, sittings=sittings)
    note = [inspect_change(raw) for raw in raws]
    with pair.ann.act("program") as act:
        for change in note:
            act.log_change(pair.space, doc, change, origin=None)
    ann = pair.ann.identity.replica_id
    served = Database(pair.server.data / SERVER_DATABASE, SERVER)
    with served.write() as conn, LogWriter(conn, pair.space, now_ms=system_now_ms()) as log:
        for change in note[: int(changes * SENT_BEFORE)]:
            log.append(doc, change, origin=ann)
    served.close()
    return doc


@contextmanager
def _closed(pair: Pair) -> Iterator[None]:
    """Let other processes have both homes."""
    pair.ann.close()
    pair.bea.close()
    try:
        yield
    finally:
        pair.reopen()


def _cairn(home: Path, *arguments: str) -> Ran:
    """Run a command to its end.

    Its peak is looked up meanwhile: what the system says afterwards counts this process too.
    """
    command = [sys.executable, "-m", "app", "--home", str(home), "--json", *arguments]
    began, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
    peak = 0.0
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:
            peak = max(peak, peak_mb(process.pid))
            time.sleep(SAMPLE_S)
    took_s, after = time.perf_counter() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
    assert process.returncode in (0, NEEDS_A_PERSON), f"{arguments[0]}: {process.returncode}"
    used_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Ran(took_s, used_s, peak)
