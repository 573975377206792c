"""What the tests of the ledger's rules share: a desk with nobody at it yet."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty ledger."""
    made = open_desk(tmp_path)
    yield made
    made.conn.close()
