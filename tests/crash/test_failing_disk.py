"""A disk that says no at any system call: the error is told in a sentence, and nothing is lost.

Full, broken or read-only, once or from then on. CAIRN_FAILING_POINTS says at how many calls each.
"""

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import product
from pathlib import Path

import pytest

from store.errors import StoreError
from tests.crash import strace
from tests.crash.device_runs import Whole, command, left_wrong, lines, whole_run
from tests.crash.homes import prepared
from tests.crash.strace import Point

AT_ONCE = 2
POINTS = int(os.environ.get("CAIRN_FAILING_POINTS", "8"))
ERRORS = ("ENOSPC", "EIO", "EROFS")
TOLD = ("StorageFull", "StorageFailed", "HomeReadOnly", "HomeCorrupt")


def what_is_wrong(whole: Whole, tried: tuple[Point, str, bool], folder: Path) -> str:
    """Let a call fail, and look at what was told and what is left; empty if all is well."""
    point, error, for_ever = tried
    where = f"{point} {error}{' from then on' if for_ever else ''}"
    home = whole.start.copy_to(folder / where.replace(" ", "-"))
    done = subprocess.run(
        strace.failing_at(command(home), point, error, for_ever=for_ever),
        capture_output=True,
        text=True,
        check=False,
    )
    said = done.stderr.strip().rpartition("\n")[2]
    if done.returncode != 0 and not said.startswith(tuple(f"store.errors.{one}" for one in TOLD)):
        return f"{where}: it said {done.stderr[-300:]}"
    try:
        return left_wrong(whole, home, len(lines(done.stdout)), where) or ""
    except StoreError as failure:
        return f"{where}: {failure}"


@pytest.mark.timeout(3_600)
def test_a_call_that_fails_is_told_and_costs_nothing_that_was_saved(tmp_path: Path) -> None:
    whole = whole_run(prepared(tmp_path), tmp_path)
    points = strace.chosen([one for one in whole.points if one.call != "unlink"], POINTS)
    tried = list(product(points, ERRORS, (False, True)))

    with ThreadPoolExecutor(AT_ONCE) as runs:
        wrong = list(runs.map(lambda one: what_is_wrong(whole, one, tmp_path / "runs"), tried))

    sys.stdout.write(f"failed at {len(tried)} of {6 * len(whole.points)} points\n")
    assert [one for one in wrong if one] == []
