"""The power goes at any moment: what a device had told to be saved is there, and it can go on.

CAIRN_POWER_POINTS says at how many moments, CAIRN_POWER_SEED which of them and what is left then.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest

from store.errors import StoreError
from tests.crash import power
from tests.crash.device_runs import Whole, command, left_wrong, lines
from tests.crash.homes import prepared
from tests.crash.power import Disk, Event

AT_ONCE = 2
POINTS = int(os.environ.get("CAIRN_POWER_POINTS", "40"))
SEED = int(os.environ.get("CAIRN_POWER_SEED", "0"))


def logged_run(folder: Path) -> tuple[Whole, list[Event], Path]:
    """Do a run to its end; gives it, what it did to its files, and its home as it began."""
    start, log = prepared(folder), folder / "calls.log"
    home = start.copy_to(folder / "whole")
    done = subprocess.run(
        power.logging_command(command(home, "--states"), log=log),
        capture_output=True,
        text=True,
        check=True,
    )
    states = [said["state"] for said in lines(done.stdout)]
    return Whole(start, states, []), power.events_of(log, home), home


def what_is_wrong(whole: Whole, events: list[Event], at: int, folder: Path) -> str | None:
    """Let the power go before an event; None if all that was told is there."""
    home = whole.start.copy_to(folder / str(at))
    begun = Path(next(event.path for event in events if event.path)).parent
    disk, told = Disk(home), 0
    for event in events[:at]:
        if event.kind == "tell":
            told += event.content.count(b"\n")
        else:
            disk.play(Event(event.kind, _moved(event.path, begun, home), event.content, event.at))
    disk.lose_power(home, Random(f"power {SEED} {at}"))
    where = f"{at}: {events[at].kind}"
    try:
        return left_wrong(whole, home, told, where)
    except StoreError as failure:
        return f"{where}: {failure}"


def _moved(path: str, begun: Path, home: Path) -> str:
    return str(home / Path(path).relative_to(begun))


@pytest.mark.timeout(3_600)
def test_what_was_told_to_be_saved_outlives_the_power(tmp_path: Path) -> None:
    whole, events, _ = logged_run(tmp_path)
    assert sum(event.kind == "tell" for event in events) == len(whole.states)
    points = sorted(Random(SEED).sample(range(1, len(events)), min(POINTS, len(events) - 1)))

    with ThreadPoolExecutor(AT_ONCE) as runs:
        wrong = list(
            runs.map(lambda at: what_is_wrong(whole, events, at, tmp_path / "runs"), points)
        )

    sys.stdout.write(f"power lost at {len(points)} of {len(events)} points\n")
    assert [one for one in wrong if one] == []


def test_a_run_that_does_not_sync_is_found_out(tmp_path: Path) -> None:
    """The same, as if no sync had ever been asked for: it must show, or this tests nothing."""
    whole, events, _ = logged_run(tmp_path)
    unsynced = [event for event in events if event.kind != "sync"]
    points = range(len(unsynced) // 2, len(unsynced), len(unsynced) // 12)

    wrong = [what_is_wrong(whole, unsynced, at, tmp_path / "runs") for at in points]

    assert any(wrong)


def test_a_disk_keeps_what_was_synced_and_any_part_of_the_rest(tmp_path: Path) -> None:
    path = tmp_path / "disk" / "a.db"
    path.parent.mkdir()
    path.write_bytes(b"0" * 1024)
    disk = Disk(path.parent)
    disk.play(Event("write", str(path), b"1" * 1024, 0))
    disk.play(Event("sync", str(path)))
    disk.play(Event("write", str(path), b"2" * 2048, 1024))
    disk.play(Event("truncate", str(path), at=512))

    found = set()
    for seed in range(60):
        (tmp_path / str(seed)).mkdir()
        disk.lose_power(tmp_path / str(seed), Random(seed))
        found.add((tmp_path / str(seed) / "a.db").read_bytes())

    assert all(one.startswith(b"1" * 512) for one in found)
    assert {512, 1024, 3072} <= {len(one) for one in found} <= set(range(512, 3073, 512))
