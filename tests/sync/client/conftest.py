"""A world with a server, and Alice and Bob in one space of it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.documents.trial import TrialLoader
from tests.sync.client.world import Person, World, world


@pytest.fixture
def here(tmp_path: Path, trial: TrialLoader) -> Iterator[World]:
    """A server, and nobody yet."""
    with world(tmp_path, trial) as made:
        yield made


@pytest.fixture
async def alice(here: World) -> Person:
    """The owner of the space."""
    return await here.found("alice")


@pytest.fixture
async def bob(here: World, alice: Person) -> Person:
    """An editor of the space."""
    return await here.invite("bob", by=alice)
