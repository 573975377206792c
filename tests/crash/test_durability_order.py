"""Nothing is said to be saved before the disk has it: the order of system calls tells.

A killed process leaves what it wrote to the system, synced or not, so killing it can't show that a
sync is missing; only a power cut would. The order in which files are written, synced and spoken
about shows it.
"""

import subprocess
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest

from tests.crash import strace
from tests.crash.client_workload import STEPS
from tests.crash.device_runs import command
from tests.crash.homes import prepared
from tests.crash.servers import visited
from tests.crash.strace import Call
from tests.support.memory_server import memory_server

SYNCS = ("fsync", "fdatasync")
_MEMORY_ONLY = "-shm"  # the index of a write-ahead log, made anew from it


def is_line(call: Call) -> bool:
    """Whether a device tells that a step is done."""
    return call.name == "write" and call.fd == 1


def is_reply(call: Call) -> bool:
    """Whether a server sends a reply."""
    return call.name in strace.TELLING and call.path.startswith("TCP:")


def told_too_early(
    log: Path, folder: Path, tells: Callable[[Call], bool]
) -> Iterator[tuple[Call, set[str]]]:
    """Give each time that something was told, with the files that were not synced by then."""
    unsynced: set[str] = set()
    for call in strace.calls_of(log):
        is_ours = Path(call.path).is_relative_to(folder) and not call.path.endswith(_MEMORY_ONLY)
        if tells(call) and not call.ends:
            yield call, set(unsynced)
        elif is_ours and call.name in SYNCS and call.ends:
            unsynced.discard(call.path)
        elif is_ours and call.name in strace.WRITING and not call.ends:
            unsynced.add(call.path)


def overwritten_too_early(log: Path, database: str) -> list[str]:
    """Find writes to a database while what would undo (or hold) them was not synced."""
    unsynced: set[str] = set()
    found: list[str] = []
    for call in strace.calls_of(log):
        beside = call.path.removeprefix(database)
        if call.name in SYNCS and call.ends:
            unsynced.discard(beside)
        elif call.name.startswith("pwrite") and not call.ends:
            if beside in ("-journal", "-wal"):
                unsynced.add(beside)
            elif not beside and unsynced:
                found.append(f"{call} before a sync of {unsynced}")
    return found


@pytest.fixture
def device(tmp_path: Path) -> tuple[Path, Path]:
    """The log of a device's whole run, and its home."""
    home, log = prepared(tmp_path).copy_to(tmp_path / "run"), tmp_path / "calls.log"
    subprocess.run(strace.traced(command(home), log=log), capture_output=True, check=True)
    return log, home


def test_a_device_tells_that_a_step_is_saved_only_when_the_disk_has_it(
    device: tuple[Path, Path],
) -> None:
    log, home = device

    told = list(told_too_early(log, home, is_line))

    assert len(told) == len(STEPS) + 1
    assert [(call, files) for call, files in told if files] == []


def test_a_database_is_overwritten_only_when_the_disk_has_what_would_undo_it(
    device: tuple[Path, Path],
) -> None:
    log, home = device

    assert overwritten_too_early(log, str(home / "cairn.db")) == []
    assert sum(call.name in SYNCS for call in strace.calls_of(log)) > 2 * len(STEPS)


def test_a_server_replies_only_when_the_disk_has_what_it_took(tmp_path: Path) -> None:
    log, data = tmp_path / "calls.log", tmp_path / "server"
    with memory_server(data):
        pass  # its database is there now

    promised, _ = visited(data, trace_from_now=partial(strace.traced_from_now, log=log))

    told = list(told_too_early(log, data, is_reply))
    assert promised.ended
    assert len(told) >= len(promised.pushed)
    assert [(call, files) for call, files in told if files] == []
    assert overwritten_too_early(log, str(data / "server.db")) == []
