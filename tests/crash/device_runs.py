"""Runs of the workload on a device: whole, or cut short and looked at."""

import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from store import doctor
from store.replica import Replica
from tests.crash import strace
from tests.crash.client_workload import Step, Trip, do, state_of, steps_of
from tests.crash.homes import Start
from tests.crash.strace import Point

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
