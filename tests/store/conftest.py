"""A device's database, a home of one person, one across a counter, and two people who have met."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import Database
from store.replica import Replica
from tests.store.building import database
from tests.support.counter import Counter, counter
from tests.support.people import Camp, Clock, entropy_of


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where a database will lie."""
    return tmp_path / "home" / "cairn.db"


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A device's database, with no home around it."""
    with database(tmp_path) as opened:
        yield opened


@pytest.fixture
def conn(db: Database) -> Iterator[sqlite3.Connection]:
    """One transaction that writes it."""
    with db.write() as conn:
        yield conn


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Where the home lies."""
    return tmp_path / "home"


@pytest.fixture
def replica(home: Path) -> Iterator[Replica]:
    """A home with a local space only."""
    with Replica.open(home, clock_ms=Clock(), entropy=entropy_of(1)) as opened:
        yield opened


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    """Ann's home, and across the counter the authority of its space."""
    with counter(tmp_path) as made:
        yield made


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Alice and Bob, who have met."""
    people = Camp(tmp_path, "alice", "bob")
    yield people
    people.close()
