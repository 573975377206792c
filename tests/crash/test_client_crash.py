"""A device killed at every kind of moment: what it had acknowledged is there, whole, and goes on.

A run without a kill says what the home holds after each step. A killed run must have left the home
as it was after the last step that it told of, or after the one that it was at: nothing else.
"""

import os
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.crash import strace
from tests.crash.device_runs import Whole, command, left_wrong, lines, whole_run
from tests.crash.homes import Start, prepared
from tests.crash.strace import Point

AT_ONCE = 2
POINTS = int(os.environ.get("CAIRN_CRASH_POINTS", "120"))  # a large number kills at all of them


def killed_run(whole: Whole, point: Point, folder: Path) -> tuple[Path, int, list[str]]:
    """Kill a run at a point; gives its home, its exit status, and the steps that it told of."""
    home = whole.start.copy_to(folder / f"{point.call}-{point.number}")
    killed = subprocess.run(
        strace.killed_at(command(home), point), capture_output=True, text=True, check=False
    )
    return home, killed.returncode, [said["step"] for said in lines(killed.stdout)]


def what_is_wrong(whole: Whole, point: Point, folder: Path) -> str | None:
    """Kill a run and look at what it left; None if all is well and it can go on."""
    home, status, told = killed_run(whole, point, folder)
    if status != -signal.SIGKILL:
        return f"{point}: it was not killed ({status})"
    return left_wrong(whole, home, len(told), str(point))


@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("begins", ["on a home in use", "on no home"])
def test_whatever_a_killed_device_had_acknowledged_is_stored_and_it_can_go_on(
    begins: str, tmp_path: Path
) -> None:
    is_in_use = begins == "on a home in use"
    start = prepared(tmp_path) if is_in_use else Start(tmp_path / "nothing")
    whole = whole_run(start, tmp_path)
    assert len(whole.states) == len(whole.steps) + 1
    points = strace.shard(strace.chosen(whole.points, POINTS if is_in_use else POINTS // 4))

    with ThreadPoolExecutor(AT_ONCE) as runs:
        wrong = list(runs.map(lambda point: what_is_wrong(whole, point, tmp_path), points))

    sys.stdout.write(f"killed at {len(points)} of {len(whole.points)} points\n")
    assert [one for one in wrong if one] == []
    assert len(points) >= min(len(whole.points), 100 if is_in_use else 25)
