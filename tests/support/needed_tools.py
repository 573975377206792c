"""What becomes of tests whose tool is not on this machine.

They are reported one by one as expected failures that were not run: visible in every summary, and
no pass. Under CAIRN_CI they run, and fail where they call the tool.
"""

import os
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest


def missing(*programs: str) -> str | None:
    """Say which of some programs is not on this machine."""
    gone = [name for name in programs if shutil.which(name) is None]
    return f"{', '.join(gone)} is not installed" if gone else None


def told_as_not_run(
    items: Sequence[pytest.Item], conftest: str, missing: Callable[[], str | None]
) -> None:
    """Mark the tests of a folder as not run if a tool is missing.

    Args:
        items: all tests that were collected.
        conftest: a file of the folder.
        missing: says why the tool can't be used, None if it can.
    """
    folder = Path(conftest).parent
    here = [item for item in items if item.path.is_relative_to(folder)]
    if not here or os.environ.get("CAIRN_CI"):
        return
    why = missing()
    if why is not None:
        for item in here:
            item.add_marker(pytest.mark.xfail(run=False, reason=why))
