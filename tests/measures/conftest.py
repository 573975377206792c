"""A world whose lags, conflicts and retries are known, and Alice and Bob in one space of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from tests.measures.known_world import KnownWorld


@pytest.fixture
def here(tmp_path: Path, trial: TrialLoader) -> Iterator[KnownWorld]:
    """A server, and nobody yet."""
    made = KnownWorld(tmp_path, trial)
    try:
        yield made
    finally:
        made.stop()
