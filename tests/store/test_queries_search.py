"""Search takes whatever somebody types, and finds the best first."""

import sqlite3
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from store import queries
from store.database import Database
from store.log import create_space
from store.projections import project
from store.rows import MARK_END, MARK_START, SearchHit
from tests.store.building import HOME, NOW_MS, OTHER, database, doc, state_of


@pytest.fixture(scope="module")
def db(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    with database(tmp_path_factory.mktemp("home")) as opened:
        with opened.write() as conn:
            fill(conn)
        yield opened


def fill(conn: sqlite3.Connection) -> None:
    create_space(conn, OTHER, "Work", b"g", NOW_MS, "local")
    note(conn, "Rope")
    note(conn, "Rope for the long way up the north face")
    note(conn, "Packing", body="A stove, sixty metres of rope and a map.")
    note(conn, "Café", body="Öffnet um acht.", tags=("rope",))
    note(conn, "東京タワー", body="夜景を見る 🎉 party")
    note(conn, "Rockclimbing", body="100% fun_times")
    note(conn, "Old rope", trashed=True)
    note(conn, "Purged rope", trashed=True, purged=True)
    project(conn, OTHER, state_of(doc("w"), title="Work rope"))


def note(conn: sqlite3.Connection, title: str, **said: Any) -> None:
    project(conn, HOME, state_of(doc(title, "note"), title=title, **said))


@pytest.fixture
def conn(db: Database) -> Iterator[sqlite3.Connection]:
    with db.read() as conn:
        yield conn


def search(conn: sqlite3.Connection, words: str, **about: Any) -> list[SearchHit]:
    """Search on a Monday morning in Vienna."""
    moment = queries.Moment("2026-11-23", "2026-11-23T23:00:00Z", "2026-11-23T09:30:00Z")
    return queries.search(conn, words, moment=moment, **about)


def titles(hits: list[SearchHit]) -> list[str]:
    return [hit.title for hit in hits]


def test_the_shortest_title_that_says_it_comes_first_and_bodies_last(
    conn: sqlite3.Connection,
) -> None:
    hits = search(conn, "rope", space=HOME)

    assert titles(hits)[0] == "Rope"
    assert titles(hits)[-1] == "Packing"
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)
    assert all(hit.score > 0 for hit in hits)


def test_what_is_in_the_trash_or_purged_is_not_found(conn: sqlite3.Connection) -> None:
    found = titles(search(conn, "rope"))

    assert "Old rope" not in found
    assert "Purged rope" not in found


def test_all_spaces_are_searched_unless_one_is_named(conn: sqlite3.Connection) -> None:
    assert "Work rope" in titles(search(conn, "rope"))
    assert titles(search(conn, "rope", space=OTHER)) == ["Work rope"]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("sto", ["Packing"]),  # the last word may be unfinished
        ("ROPE stove", ["Packing"]),  # case and order don't matter
        ("sto rope", []),  # but only the last one
        ("cafe", ["Café"]),  # nor do accents
        ("offnet", ["Café"]),
        ("metres of rope and", ["Packing"]),
        ("東京", ["東京タワー"]),
        ("景を", ["東京タワー"]),  # in the middle of what the index takes for one word
        ("🎉", ["東京タワー"]),
        ("climb", ["Rockclimbing"]),  # part of a word, in titles only
        ("fun_times", ["Rockclimbing"]),
        ("%", []),
        ("_", []),
        ("xyz", []),
        ("", []),
        ("   ", []),
    ],
)
def test_what_is_typed_finds_what_is_meant(
    conn: sqlite3.Connection, typed: str, found: list[str]
) -> None:
    assert titles(search(conn, typed)) == found


@pytest.mark.parametrize(
    "typed",
    ['"', '""', '"rope', "rope OR", "AND", "NOT rope", "NEAR(rope)", "title:rope", "rope*", "^rope",
     "-rope", "(rope", "rope)", "{title}: rope", "ro\0pe", "\ud800", "*", "'; DROP TABLE item"],
)  # fmt: skip
def test_signs_that_mean_something_to_the_index_mean_nothing_here(
    conn: sqlite3.Connection, typed: str
) -> None:
    search(conn, typed)

    assert titles(search(conn, "stove")) == ["Packing"]


@settings(max_examples=200, deadline=None)
@given(typed=st.text(st.characters(), max_size=40))
def test_no_text_breaks_a_search(db: Database, typed: str) -> None:
    with db.read() as conn:
        for hit in search(conn, typed):
            assert hit.snippet.count(MARK_START) == hit.snippet.count(MARK_END)


def test_a_pasted_page_is_a_search_too(conn: sqlite3.Connection) -> None:
    assert search(conn, "rope " * 10_000)[0].title == "Rope"


def test_found_words_are_marked_in_a_stretch_of_the_text(conn: sqlite3.Connection) -> None:
    (hit,) = search(conn, "stove")

    assert f"{MARK_START}stove{MARK_END}" in hit.snippet
    assert hit.unmarked() == "A stove, sixty metres of rope and a map."
    (by_sign,) = search(conn, "景を")
    assert by_sign.snippet == f"夜{MARK_START}景を{MARK_END}見る 🎉 party"


def test_found_words_are_marked_in_the_title_too(conn: sqlite3.Connection) -> None:
    by_title = search(conn, "rop")[0]

    assert by_title.title == "Rope"
    assert by_title.marked_title == f"{MARK_START}Rope{MARK_END}"
    (in_its_body,) = search(conn, "stove")
    assert in_its_body.marked_title == in_its_body.title == "Packing"


def test_what_is_found_as_it_is_typed_is_marked_in_the_title(conn: sqlite3.Connection) -> None:
    (hit,) = search(conn, "ackin")

    assert hit.marked_title == f"P{MARK_START}ackin{MARK_END}g"


def test_at_most_as_many_as_asked_for_are_found(conn: sqlite3.Connection) -> None:
    assert len(search(conn, "rope", limit=2)) == 2


def test_hits_say_which_kind_they_are(conn: sqlite3.Connection) -> None:
    assert {hit.kind for hit in search(conn, "rope")} == {"task", "note"}
