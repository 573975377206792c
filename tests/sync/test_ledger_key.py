"""The secret that a server signs what it decides with: made once, kept safe, never replaced."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from store.database.connection import Database
from store.database.roles import SERVER
from store.domain.ledger import commands as c
from sync.server.ledger_key import FILE, kept_seed
from sync.server.listening import CannotServe
from tests.support.asking import create_space
from tests.support.ledger_ids import new
from tests.support.memory_server import memory_server


@pytest.fixture
def db(tmp_path: Path) -> Iterator[Database]:
    """A server's database in which nothing was ever decided."""
    with closing(Database(tmp_path / "server.db", SERVER)) as made:
        yield made


def test_it_is_made_once_for_its_owner_only(db: Database, tmp_path: Path) -> None:
    first = kept_seed(db, os.urandom)

    assert kept_seed(db, os.urandom) == first
    assert (tmp_path / FILE).stat().st_mode & 0o777 == 0o600
    assert not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("content", [b"", b"x" * 64, b"ab" * 31, b"ab" * 33, b"\xff\xfe", b"\0"])
def test_a_damaged_one_is_not_replaced_but_said(
    db: Database, tmp_path: Path, content: bytes
) -> None:
    (tmp_path / FILE).write_bytes(content)

    with pytest.raises(CannotServe, match="backup"):
        kept_seed(db, os.urandom)

    assert (tmp_path / FILE).read_bytes() == content


def test_one_that_can_not_be_read_is_said(db: Database, tmp_path: Path) -> None:
    (tmp_path / FILE).mkdir()

    with pytest.raises(CannotServe, match="no usable key"):
        kept_seed(db, os.urandom)


async def test_a_server_whose_key_is_gone_does_not_go_on_under_another_one(tmp_path: Path) -> None:
    data = tmp_path / "server"
    with memory_server(data) as server:
        alice = await create_space(server.transport(), server.setup_code)
        await alice.command(c.AddBudget(new("b"), "Food", "EUR"))
    with closing(Database(data / "server.db", SERVER)) as db:
        kept_seed(db, os.urandom)
        (data / FILE).unlink()
        with pytest.raises(CannotServe, match="is gone; put it back"):
            kept_seed(db, os.urandom)
        assert not (data / FILE).exists()

        (data / FILE).write_text("ab" * 32)
        with pytest.raises(CannotServe, match="is not the key"):
            kept_seed(db, os.urandom)


def test_a_server_that_never_decided_anything_may_get_a_new_one(
    db: Database, tmp_path: Path
) -> None:
    first = kept_seed(db, os.urandom)
    (tmp_path / FILE).unlink()

    assert kept_seed(db, os.urandom) != first
