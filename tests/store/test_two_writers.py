"""Two processes write one home while its write-ahead log is checkpointed: no commit is lost.

SQLite builds that lose commits there (the WAL-reset fault) get another journal, and this shows that
the choice holds. CAIRN_TWO_WRITERS_S writes for so many seconds instead of so many tasks.
"""

import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from store import doctor
from store.replica import Replica
from tests.store.damage import database

TASKS_EACH = 40
SECONDS = float(os.environ.get("CAIRN_TWO_WRITERS_S", "0"))


@pytest.mark.timeout(3_600)
def test_whatever_two_processes_were_told_to_be_saved_is_there(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Replica.open(home).close()
    writers = [_writer(home, name) for name in ("Ann", "Ben")]
    with closing(sqlite3.connect(database(home), isolation_level=None, timeout=30)) as other:
        checkpoints = 0
        while any(writer.poll() is None for writer in writers):
            other.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
            checkpoints += 1
    told = [line for writer in writers for line in _lines(writer)]

    with Replica.open(home) as replica:
        there = {row.title for row in replica.tasks(view="all")}
        assert [title for title in told if title not in there] == []
        assert len(there) == len(told) == len(set(told))
        assert doctor.examine(replica).ok
        assert replica.db.journal().is_safe
    assert len(told) >= 2 * TASKS_EACH
    sys.stdout.write(f"written {len(there)} of {len(told)} commits, {checkpoints} checkpoints\n")


def _writer(home: Path, name: str) -> "subprocess.Popen[bytes]":
    # What it tells goes into a file: a pipe that nobody reads would stop it.
    told = home.parent / name
    with told.open("wb") as out:
        return subprocess.Popen(
            [
                *(sys.executable, "-m", "tests.crash.two_writers"),
                *(str(home), str(told), str(TASKS_EACH), str(SECONDS)),
            ],
            stdout=out,
        )


def _lines(writer: "subprocess.Popen[bytes]") -> list[str]:
    assert writer.wait(timeout=60) == 0
    assert isinstance(writer.args, list)
    return Path(str(writer.args[4])).read_text().splitlines()
