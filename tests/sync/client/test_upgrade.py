"""A home that an older program left behind, with edits that were never sent: all of them are."""

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from store.database.migrations import apply
from store.database.roles import CLIENT, Role
from tests.sync.client.world import Person, World

OLDEST = CLIENT.steps.index("measures") + 1  # before it there was no sync with measures
_TABLES = (
    r"SELECT name FROM sqlite_schema WHERE type = 'table' AND sql NOT LIKE '%VIRTUAL%'"
    r" AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\_%' ESCAPE '\'"
    r" AND name NOT LIKE '%\_fts%' ESCAPE '\'"
)


def as_left_by_an_older_program(home: Path, steps: int) -> None:
    """Write a home anew with only the first migration steps, and the rows that these have.

    Args:
        home: nobody has it open.
        steps: how many steps the older program knew.
    """
    now, older = home / "cairn.db", home / "older.db"
    role = Role(CLIENT.name, CLIENT.what, CLIENT.application_id, CLIENT.steps[:steps])
    with closing(sqlite3.connect(older, isolation_level=None)) as conn:
        apply(conn, role)
        conn.execute(f"PRAGMA application_id={role.application_id}")
        conn.execute(f"PRAGMA user_version={steps}")
        conn.execute("ATTACH ? AS now", (str(now),))
        for (table,) in conn.execute(_TABLES).fetchall():
            columns = ", ".join(
                f'"{row[1]}"' for row in conn.execute(f'PRAGMA main.table_info("{table}")')
            )
            conn.execute(f'DELETE FROM main."{table}"')
            conn.execute(
                f'INSERT INTO main."{table}" ({columns}) SELECT {columns} FROM now."{table}"'
            )
        conn.execute("DETACH now")
    shutil.move(older, now)


@pytest.mark.parametrize("steps", range(OLDEST, CLIENT.schema + 1))
async def test_edits_that_wait_are_sent_after_an_upgrade(
    steps: int, here: World, alice: Person, bob: Person
) -> None:
    rope = alice.add("Buy rope")
    await here.settle()
    bob.retitle(rope, "Buy static rope")
    await bob.sync()
    alice.retitle(rope, "Buy 60 m of rope")
    alice.add("Pack")
    waiting = alice.replica.status(here.space).pending
    older = alice.back_up()
    as_left_by_an_older_program(older, steps)

    alice.restore(older)

    assert alice.replica.status(here.space).pending == waiting
    assert alice.titles() == ["Buy 60 m of rope", "Pack"]
    await here.settle()
    assert "Pack" in bob.titles()
    assert [row.field for row in bob.replica.conflicts(space=here.space)] == ["title"]
