"""These tests need strace. Without it they do not run, and that is told: it is not a pass.

`.ci/run` installs strace and sets CAIRN_CI, under which its absence fails them.
"""

import pytest

from tests.crash.strace import is_usable
from tests.support.needed_tools import told_as_not_run


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what can't run here; the report lists it with the reason."""
    told_as_not_run(items, __file__, is_usable)
