"""A real server killed before and after every step and compensation: the same end, told once.

Kills at each call by which it writes, and at each by which it replies (the effect is stored and
nobody heard of it). `CAIRN_CRASH_POINTS` says at how many; a large number is all of them, and
`CAIRN_CRASH_SHARD=0/4` a part of those.
"""

import asyncio
import os
import shutil
import signal
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from store.database import SERVER, Database
from tests.crash import strace
from tests.crash.ledger_visit import Base, Heard, drive, end, go_on, prepare
from tests.crash.servers import driven, log_faults
from tests.crash.strace import Point

AT_ONCE = 2
KILLED = -signal.SIGKILL
POINTS = int(os.environ.get("CAIRN_CRASH_POINTS", "16"))
KILLING = (*strace.WRITING, "sendto")


def run(data: Path, base: Base, trace: object) -> tuple[Heard, int]:
    """Let the driver use a server on a copy of the base."""
    shutil.copytree(base.folder, data)
    heard = Heard()
    status = driven(
        data,
        lambda url, _: drive(url, base, heard),
        trace_from_now=trace,  # type: ignore[arg-type]
    )
    return heard, status


def wrong_after(point: Point, data: Path, base: Base, expected: Sequence[str]) -> tuple[bool, str]:
    """Kill it at a point; tell whether it was killed, and what does not hold afterwards."""
    heard, status = run(data, base, partial(strace.killed_from_now, point=point))
    if status != KILLED and not heard.ended:
        return False, f"{point}: the server ended by itself ({status})"
    with closing(Database(data / "server.db", SERVER)) as db:
        wrong = list(log_faults(db))
    wrong += asyncio.run(go_on(data, base, heard))
    found = end(data, base)
    wrong += [f"not the same end: {one}" for one in set(found) ^ set(expected)]
    if not wrong:
        shutil.rmtree(data)
    return status == KILLED, "\n".join(f"{point}: {one}" for one in wrong)


@pytest.mark.slow
@pytest.mark.timeout(3_600)
def test_whatever_the_authority_was_doing_it_comes_to_the_same_end(tmp_path: Path) -> None:
    base = asyncio.run(prepare(tmp_path / "base"))
    log = tmp_path / "calls.log"
    heard, status = run(tmp_path / "whole", base, partial(strace.traced_from_now, log=log))
    assert (heard.ended, status) == (True, 0)
    asyncio.run(go_on(tmp_path / "whole", base, heard))
    expected = end(tmp_path / "whole", base)
    every = strace.points_of(log, KILLING)
    points = strace.shard(strace.chosen(every, POINTS))

    with ThreadPoolExecutor(AT_ONCE) as runs:
        outcomes = list(
            runs.map(
                lambda point: wrong_after(
                    point, tmp_path / f"{point.call}-{point.number}", base, expected
                ),
                points,
            )
        )

    kills = sum(was_killed for was_killed, _ in outcomes)
    sys.stdout.write(f"killed at {kills} of {len(every)} points\n")
    assert [wrong for _, wrong in outcomes if wrong] == []
    # A run that is faster than the one that was counted has fewer calls, so a few kill nothing.
    assert kills >= len(points) * 3 // 4
