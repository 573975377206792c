"""A device killed at every kind of moment: what it had acknowledged is there, whole, and goes on.

A run without a kill says what the home holds after each step. A killed run must have left the home
as it was after the last step that it told of, or after the one that it was at: nothing else.
"""

import json
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from store import doctor
from store.replica import Replica
from tests.crash import strace
from tests.crash.client_workload import Step, Trip, do, state_of, steps_of
from tests.crash.homes import Start, prepared
from tests.crash.strace import Point

AT_ONCE = 2
POINTS = int(os.environ.get("CAIRN_CRASH_POINTS", "120"))  # a large number kills at all of them

State = dict[str, Any]


@dataclass(frozen=True)
class Whole:
    """A run that was not killed.

    Attributes:
        start: where it began.
        states: what the home held once it was open, and after each step.
        points: every system call at which a run can be killed.
    """

    start: Start
    states: Sequence[State]
    points: Sequence[Point]

    @property
    def steps(self) -> Sequence[tuple[str, Step]]:
        """Its steps."""
        return steps_of(self.start.has_home)


def command(home: Path, *options: str) -> list[str]:
    """Write the command line of the workload."""
    return [sys.executable, "-m", "tests.crash.client_workload", str(home), *options]


def lines(output: str) -> list[dict[str, Any]]:
    """Read what a run said; a last line that was cut off was not said."""
    return [json.loads(line) for line in output.splitlines(keepends=True) if line.endswith("\n")]


def whole_run(start: Start, folder: Path) -> Whole:
    """Do a run to its end, and count its system calls."""
    log = folder / "calls.log"
    home = start.copy_to(folder / "whole")
    done = subprocess.run(
        strace.traced(command(home, "--states"), log=log),
        capture_output=True,
        text=True,
        check=True,
    )
    return Whole(start, [said["state"] for said in lines(done.stdout)], strace.points_of(log))


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


def left_wrong(whole: Whole, home: Path, told: int, where: str) -> str | None:
    """Look at the home that a run left behind; None if all is well and it can go on.

    Args:
        whole: the run, had nothing happened.
        home: what is left.
        told: how many lines it had said.
        where: it ended, for the words.
    """
    with Replica.open(home) as replica:
        found, state = doctor.examine(replica), state_of(replica)
        if not found.ok:
            return f"{where}: {found}"
        possible = range(max(0, told - 1), min(told + 1, len(whole.states)))
        at = next((number for number in possible if whole.states[number] == state), None)
        if at is None and (told or whole.start.has_home):
            return f"{where}: after {told} lines the home is as after no step"
        do(Trip(replica, home.parent / "remote.json"), whole.steps[at or 0 :], lambda _: None)
        found, later = doctor.examine(replica), state_of(replica)
    shutil.rmtree(home.parent)
    kept = all(change in later["changes"] for change in state["changes"])
    return None if found.ok and kept else f"{where}: it could not go on: {found}"


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
