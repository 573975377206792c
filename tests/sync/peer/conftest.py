"""What the tests of devices that serve share."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.sync.peer.lan import Lan, Neighbour, lan


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Lan]:
    with lan(tmp_path) as made:
        yield made


@pytest.fixture
def ann(here: Lan) -> Neighbour:
    """Whose space it is; she serves it."""
    made = here.founder("ann")
    made.serve()
    return made


@pytest.fixture
async def ben(here: Lan, ann: Neighbour) -> Neighbour:
    """An owner too, so that he may let others in."""
    made = here.person("ben")
    await made.join(ann, "owner")
    return made
