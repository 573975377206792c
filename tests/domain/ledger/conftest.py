"""What the tests of the ledger's rules share: an empty desk, and one that keeps its acts."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.domain.ledger.stories import Story
from tests.support.desk import Desk, fresh_connection, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty ledger."""
    made = open_desk(tmp_path)
    yield made
    made.conn.close()


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Story]:
    """The authority before its data is copied."""
    story = Story(fresh_connection(tmp_path))
    story.acts = []
    yield story
    story.conn.close()
