"""A home of Ana's, and the app open on it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.ui.first_run import finish_first_run
from store.replica import Replica
from tests.support.flet_harness import Tab, open_replica


@pytest.fixture
def replica(tmp_path: Path) -> Iterator[Replica]:
    with open_replica(tmp_path / "home") as opened:
        finish_first_run(opened)
        yield opened


@pytest.fixture
async def tab(replica: Replica) -> AsyncIterator[Tab]:
    """A wide tab."""
    opened = await Tab.open(replica)
    yield opened
    await opened.close()
