"""A home of Alice's."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.replica import Replica
from tests.support.people import entropy_of


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    with Replica.open(tmp_path / "alice", entropy=entropy_of(1)) as replica:
        yield replica
