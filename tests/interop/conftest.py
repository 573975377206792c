"""These tests need Node and the packages of `package-lock.json` (`npm ci` in this folder).

Without them they do not run, and that is told: it is not a pass. `.ci/run` installs both.
"""

import shutil
from pathlib import Path

import pytest

from tests.support.needed_tools import told_as_not_run


def missing() -> str | None:
    """Say what is missing."""
    if shutil.which("node") is None:
        return "node is missing"
    if not (Path(__file__).parent / "node_modules" / "@automerge" / "automerge").is_dir():
        return "run `npm ci` in tests/interop first"
    return None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can't run here; the report lists it with the reason."""
    told_as_not_run(items, __file__, missing)
