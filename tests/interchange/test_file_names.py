"""File names that every system can hold."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.interchange.file_names import BYTES_MAX, FilePlaces, safe_name


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("Hut weekend", "Hut weekend"),
        ("a/b\\c: d?", "a b c d"),
        ("..", "Untitled"),
        (".hidden", "hidden"),
        ("ends with dots...  ", "ends with dots"),
        ("CON", "_CON"),
        ("nul.md", "_nul.md"),
        ("Console", "Console"),
        ("", "Untitled"),
        ("🏔 hu\u0308tte", "🏔 h\u00fctte"),
        ("two\nlines", "two lines"),
        ("\ud800", "Untitled"),
    ],
)
def test_a_title_becomes_a_name_that_reads_like_it(title: str, name: str) -> None:
    assert safe_name(title) == name


@given(st.text())
def test_every_text_gives_a_valid_name(text: str) -> None:
    name = safe_name(text)

    assert 0 < len(name.encode()) <= BYTES_MAX + 1
    assert not re.search(r'[<>:"/\\|?*\x00-\x1f]', name)
    assert name == name.strip(". ")
    assert safe_name(name) == name


@given(st.lists(st.sampled_from(["a", "A", "a.md", "b", "\u00e9", "e\u0301", ""]), max_size=12))
def test_no_two_items_get_one_file_even_where_case_does_not_count(titles: list[str]) -> None:
    places = FilePlaces()

    paths = [
        places.place(["notes", title], title, ".md", f"n1{index:026}")
        for index, title in enumerate(titles)
    ]

    folded = [path.as_posix().casefold() for path in paths]
    assert len(set(folded)) == len(titles)
    folders = {parent.as_posix().casefold() for path in paths for parent in path.parents}
    assert not folders & set(folded)


def test_a_second_file_of_a_name_is_told_apart_by_its_id() -> None:
    places = FilePlaces()
    first = places.place(["notes"], "Route", ".md", "n1aaaaaaaaaaaa")
    second = places.place(["notes"], "route", ".md", "n1bbbbbbbbbbbb")

    assert (first.as_posix(), second.as_posix()) == ("notes/Route.md", "notes/route (bbbbbb).md")
