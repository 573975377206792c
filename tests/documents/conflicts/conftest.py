"""Alice, Bob and Carol, who share a space and hand each other their logs."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.people import Camp


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Three people who know nothing yet."""
    gathered = Camp(tmp_path, "alice", "bob", "carol")
    yield gathered
    gathered.close()
