"""What all tests share: where their files lie, and the child that examines changes.

Homes are synced to the disk at every commit, which is what the product promises and what makes a
thousand of them slow. Tests that are not about the disk keep theirs in memory where the system has
such a place.
"""

import os
import tempfile
import warnings
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from store.replica.core import NOT_RECORDED

_MEMORY = Path("/dev/shm")

if _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK) and "CAIRN_TEST_TEMP" not in os.environ:
    os.environ["PYTEST_DEBUG_TEMPROOT"] = str(_MEMORY)
    tempfile.tempdir = str(_MEMORY)

# An error in worlds too, which are no tests of pytest's, and in the processes that tests start.
warnings.filterwarnings("error", NOT_RECORDED)
os.environ["PYTHONWARNINGS"] = f"error:{NOT_RECORDED}"

# Under CAIRN_CI a run of everything must hold these: a lost folder would pass in silence.
_MUST_RUN = ("browser", "interop")


def pytest_collection_finish(session: pytest.Session) -> None:
    """Fail a whole run in CI that has no browser journeys or no interop tests in it."""
    config = session.config
    is_whole = config.args_source is pytest.Config.ArgsSource.TESTPATHS
    is_narrowed = config.option.keyword or config.option.markexpr
    if not os.environ.get("CAIRN_CI") or not is_whole or is_narrowed:
        return
    for marker in _MUST_RUN:
        if not any(item.get_closest_marker(marker) for item in session.items):
            raise pytest.UsageError(f"CAIRN_CI is set, and no test is marked {marker}.")


@pytest.fixture(scope="session")
def trial() -> Iterator[TrialLoader]:
    """One examining child for all tests of a process, as no two have a document in common."""
    with TrialLoader() as loader:
        yield loader
