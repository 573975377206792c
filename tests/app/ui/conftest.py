"""A home of Ana's, one of Ann's across a counter from its authority, and the app open on either."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from app.ui.first_run import finish_first_run
from store.replica import Replica
from tests.support.counter import Counter, counter
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


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    """Ann's home and the authority of its space."""
    with counter(tmp_path) as made:
        yield made


@pytest.fixture
async def counter_tab(ann: Counter) -> AsyncIterator[Tab]:
    """A wide tab on Ann's home."""
    opened = await Tab.open(ann.replica)
    yield opened
    await opened.close()
