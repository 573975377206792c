"""Rows follow what documents say; deriving them twice, or anew, changes nothing."""

import sqlite3
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store.database import Database
from store.documents.state import DocState, Settled
from store.projections import (
    canonical_json,
    forget,
    listed,
    project,
    project_many,
    remember_listed,
)
from tests.store.building import (
    HOME,
    NOW_MS,
    conflict,
    conflict_named,
    database,
    doc,
    event,
    log_one,
    state_of,
)

ROPE = doc("rope")
DIARY = doc("diary", "note")
DERIVED = {
    "item": "SELECT * FROM item ORDER BY doc",
    "text": "SELECT doc, title, body, tags FROM text ORDER BY doc",
    "item_tag": "SELECT * FROM item_tag ORDER BY doc, tag",
    "link": "SELECT * FROM link ORDER BY doc, key",
    "link_name": "SELECT * FROM link_name ORDER BY doc, key",
    "conflict": "SELECT * FROM conflict ORDER BY id",
}


def rows(conn: sqlite3.Connection) -> dict[str, list[Any]]:
    return {table: conn.execute(query).fetchall() for table, query in DERIVED.items()}


def found(conn: sqlite3.Connection, word: str) -> list[str]:
    return [
        row[0]
        for row in conn.execute(
            "SELECT text.doc FROM text_fts JOIN text ON text.id = text_fts.rowid"
            " WHERE text_fts MATCH ?",
            (word,),
        )
    ]


def test_every_field_of_a_task_stands_in_its_row(conn: sqlite3.Connection) -> None:
    said = {
        "due": "2026-11-23",
        "priority": "high",
        "list": "Hut",
        "assignee": "Kit",
        "parent": doc("expedition"),
        "repeat": "FREQ=WEEKLY",
        "source": "todo.txt:1",
        "moved_to": doc("elsewhere"),
    }
    project(
        conn,
        HOME,
        state_of(
            ROPE, fields=said, tags=("climb", "hut"), order="a5", trashed=True, events=(event(),)
        ),
    )

    cursor = conn.execute("SELECT * FROM item")
    row = dict(zip([column[0] for column in cursor.description], cursor.fetchone(), strict=True))
    assert said.items() <= row.items()
    assert (row["doc"], row["space"], row["kind"]) == (ROPE, HOME, "task")
    assert (row["title"], row["state"], row["order_key"]) == ("Buy rope", "open", "a5")
    assert (row["trashed"], row["purged"], row["pinned"]) == (1, 0, 0)
    assert row["tags"] == '["climb","hut"]'
    assert '"type":"done"' in row["events"]
    assert (row["created_at_ms"], row["updated_at_ms"]) == (NOW_MS, NOW_MS)


def test_a_field_that_was_never_put_and_one_that_was_cleared_are_both_empty(
    conn: sqlite3.Connection,
) -> None:
    project(conn, HOME, state_of(ROPE, fields={"due": None, "title": None}))

    assert conn.execute("SELECT title, due, list FROM item").fetchone() == ("", None, None)


def test_what_a_foreign_client_wrote_of_another_type_is_shown_as_text(
    conn: sqlite3.Connection,
) -> None:
    foreign = {"title": 7, "list": True, "due": {"day": 1}, "pinned": "yes"}
    project(conn, HOME, state_of(ROPE, fields=foreign))

    row = conn.execute("SELECT title, list, due, pinned FROM item").fetchone()
    assert row == ("7", "true", '{"day":1}', 0)


def test_a_snippet_is_the_beginning_of_the_body_on_one_line(conn: sqlite3.Connection) -> None:
    project(conn, HOME, state_of(DIARY, body="# Day 1\n\n\tWe left   early. " + "On. " * 99))

    (snippet,) = conn.execute("SELECT snippet FROM item").fetchone()
    assert snippet.startswith("# Day 1 We left early. On. On.")
    assert len(snippet) == 160


def test_projecting_again_changes_nothing(conn: sqlite3.Connection) -> None:
    states = [state_of(ROPE, tags=("climb",), conflicts=(conflict(ROPE),)), state_of(DIARY)]
    project_many(conn, HOME, states)
    before = rows(conn)

    project_many(conn, HOME, states)

    assert rows(conn) == before


def test_text_is_indexed_again_only_if_title_body_or_tags_changed(
    conn: sqlite3.Connection,
) -> None:
    state = state_of(ROPE, body="sixty metres", tags=("climb",))
    project(conn, HOME, state)
    before = conn.total_changes

    project(conn, HOME, replace(state, updated_at_ms=NOW_MS + 1, state="done", tags=("climb",)))

    # The item, its tag out and in; nothing in the text and its index.
    assert conn.total_changes - before == 3


@pytest.mark.parametrize(
    "now", [{"title": "Buy cord"}, {"body": "thirty metres"}, {"tags": ("walk",)}]
)
def test_search_follows_every_part_of_the_text(
    conn: sqlite3.Connection, now: dict[str, Any]
) -> None:
    project(conn, HOME, state_of(ROPE, title="Buy rope", body="sixty metres", tags=("climb",)))
    project(
        conn,
        HOME,
        state_of(ROPE, **({"title": "Buy rope", "body": "sixty metres", "tags": ("climb",)} | now)),
    )

    words = {"rope": "title", "sixty": "body", "climb": "tags"}
    for word, part in words.items():
        assert found(conn, word) == ([] if part in now else [ROPE])
    conn.execute("INSERT INTO text_fts (text_fts, rank) VALUES ('integrity-check', 1)")


def test_tags_that_were_taken_off_are_gone(conn: sqlite3.Connection) -> None:
    project(conn, HOME, state_of(ROPE, tags=("climb", "hut")))
    project(conn, HOME, state_of(ROPE, tags=("hut", "walk")))

    tags = conn.execute("SELECT tag FROM item_tag ORDER BY tag").fetchall()
    assert tags == [("hut",), ("walk",)]


def test_open_and_settled_conflicts_are_both_kept_and_only_open_ones_counted(
    conn: sqlite3.Connection,
) -> None:
    settled = conflict(ROPE, "due", settled=Settled("Bob", "phone", NOW_MS, "2026-11-23"))
    project(conn, HOME, state_of(ROPE, conflicts=(conflict(ROPE),), settled=(settled,)))

    kept = conn.execute("SELECT id, settled IS NULL FROM conflict").fetchall()
    assert sorted(kept) == sorted([(conflict(ROPE).id, 1), (settled.id, 0)])
    assert conn.execute("SELECT conflict_count FROM item").fetchone() == (1,)


def test_a_conflict_that_is_no_more_is_deleted(conn: sqlite3.Connection) -> None:
    project(conn, HOME, state_of(ROPE, conflicts=(conflict(ROPE), conflict(ROPE, "due"))))
    project(conn, HOME, state_of(ROPE, conflicts=(conflict(ROPE, "due"),)))

    assert conn.execute("SELECT id FROM conflict").fetchall() == [(conflict(ROPE, "due").id,)]


def test_what_a_person_was_shown_of_a_conflict_outlives_new_sides(db: Database) -> None:
    log_one(db, ROPE)
    shown = conflict(ROPE)
    with db.write() as conn:
        heads = conn.execute("SELECT heads FROM doc").fetchone()
        project(conn, HOME, state_of(ROPE, conflicts=(shown,)))
        assert listed(conn, shown.id) is None
        remember_listed(conn, [shown.id, conflict_named("gone meanwhile")])

        third = replace(shown.sides[0], author="Carol", op="9@cc")
        grown = replace(shown, sides=(*shown.sides, third))
        project(conn, HOME, state_of(ROPE, conflicts=(grown,)))

        seen = listed(conn, shown.id)
        assert seen is not None
        assert (seen.heads, seen.sides) == (heads, shown.sides)


def test_forgetting_a_document_leaves_no_row_and_no_word_of_it(conn: sqlite3.Connection) -> None:
    project(conn, HOME, state_of(ROPE, tags=("climb",), conflicts=(conflict(ROPE),)))

    forget(conn, ROPE)

    assert rows(conn) == {table: [] for table in DERIVED}
    assert found(conn, "rope") == []


texts = st.text(st.characters(codec="utf-8"), max_size=20)
states = st.builds(
    lambda name, title, body, tags, trashed, clashes: state_of(
        doc(name),
        title=title,
        body=body,
        tags=tuple(sorted(tags)),
        trashed=trashed,
        conflicts=tuple(conflict(doc(name), of) for of in sorted(clashes)),
    ),
    st.sampled_from("abc"),
    texts,
    texts,
    st.sets(texts, max_size=3),
    st.booleans(),
    st.sets(st.sampled_from(["title", "due"])),
)


@settings(max_examples=60, deadline=None)
@given(history=st.lists(states, max_size=8))
def test_rows_depend_on_the_last_states_only(
    history: list[DocState], tmp_path_factory: pytest.TempPathFactory
) -> None:
    last = {state.doc: state for state in history}
    with database(tmp_path_factory.mktemp("home")) as db, db.write() as conn:
        for state in history:
            project(conn, HOME, state)
        step_by_step = rows(conn)
        for each in last:
            forget(conn, each)
        project_many(conn, HOME, list(last.values()))

        assert rows(conn) == step_by_step
        conn.execute("INSERT INTO text_fts (text_fts, rank) VALUES ('integrity-check', 1)")


def test_canonical_json_does_not_depend_on_the_order_of_keys() -> None:
    assert canonical_json({"b": [1, "ä"], "a": None}) == '{"a":null,"b":[1,"ä"]}'
