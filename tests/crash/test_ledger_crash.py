"""An authority killed anywhere in its sagas: each step and compensation is whole, and done once."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ledger.facts import Fact, SagaSet
from store.ledger.books import snapshot
from store.ledger.record import ledger_at
from tests.crash import ledger_workload, strace
from tests.crash.strace import Point
from tests.support.desk import SPACE, check_books

AT_ONCE = 2
POINTS = int(os.environ.get("CAIRN_CRASH_POINTS", "60"))  # a large number kills at all of them


def command(path: Path) -> list[str]:
    return [sys.executable, "-m", "tests.crash.ledger_workload", str(path)]


def run(words: list[str]) -> tuple[int, list[int]]:
    done = subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)
    told = [int(line) for line in done.stdout.splitlines(keepends=True) if line.endswith("\n")]
    return done.returncode, told


def ended(path: Path, told: list[int]) -> list[Fact]:
    """What was told is there; go on to the end; give all that stands."""
    db = Database(path, SERVER)
    with db.read() as conn:
        check_books(conn)
        at = ledger_at(conn, SPACE)
        assert at is not None
        assert at.n >= max(told, default=0), "a step that was told is lost"
    for _ in ledger_workload.steps(db):
        with db.read() as conn:
            check_books(conn)
    with db.read() as conn:
        facts = sorted(snapshot(conn, SPACE), key=repr)
    db.close()
    return facts


@pytest.mark.slow
def test_killed_at_any_write_the_sagas_come_to_the_same_end(tmp_path: Path) -> None:
    base, whole = tmp_path / "base.db", tmp_path / "whole.db"
    ledger_workload.prepare(base)
    shutil.copy(base, whole)
    log = tmp_path / "strace.log"
    status, told = run(strace.traced(command(whole), log=log))
    assert status == 0
    assert len(told) > 10
    expected = ended(whole, told)
    late = next(one for one in expected if isinstance(one, SagaSet) and one.saga.name == "Late")
    assert [step.state for step in late.saga.steps] == ["undone", "undone", "failed"]
    points = strace.chosen(strace.points_of(log), POINTS)

    def killed(point: Point) -> bool:
        path = tmp_path / f"{point.call}-{point.number}.db"
        shutil.copy(base, path)
        status, heard = run(strace.killed_at(command(path), point))
        found = ended(path, heard)
        assert found == expected, (f"killed at {point}", set(found) ^ set(expected))
        path.unlink()
        return status != 0

    with ThreadPoolExecutor(AT_ONCE) as pool:
        kills = list(pool.map(killed, points))
    assert all(kills), "a run was not killed"
