"""What is read from the lines between `---`, and what is left as text."""

import pytest

from store.interchange.front_matter import DEPTH_MAX, moment_ms, read_front_matter, words_of


def test_values_stay_the_text_that_was_written() -> None:
    front = read_front_matter("---\nTitle: 3.10\npinned: no\ndate: 2026-01-02\n---\nText\n")

    assert front.values == {"title": "3.10", "pinned": "no", "date": "2026-01-02"}
    assert front.body == "Text\n"
    assert front.problem is None


def test_one_empty_line_below_belongs_to_the_front_matter() -> None:
    assert read_front_matter("---\na: 1\n---\n\n\nText").body == "\nText"


@pytest.mark.parametrize(
    "text", ["---\n---\nText", "---\n# a comment\n---\nText", "---\na:\n---\nText"]
)
def test_front_matter_may_say_nothing(text: str) -> None:
    front = read_front_matter(text)

    assert (front.values, front.body, front.problem) == ({}, "Text", None)


@pytest.mark.parametrize(
    "text",
    [
        "No front matter\n",
        "---\nnever: closed\n",
        "----\na: 1\n----\n",
        " ---\na: 1\n---\n",
        "---\nWords between two rules.\n---\n",
        "---\n- a\n- b\n---\n",
        "---",
        "",
    ],
)
def test_a_text_without_front_matter_is_all_body(text: str) -> None:
    front = read_front_matter(text)

    assert (front.values, front.body, front.problem) == ({}, text, None)


@pytest.mark.parametrize(
    ("yaml", "why"),
    [
        ("a: [1", "line 3"),
        ("a: b: c", "line 2"),
        ("a: \t- b\n\tc", "line"),
        ('a: "\\UFFFFFFFF"', ""),
        ("a: \x07", "character"),
        ("a: *nobody", "undefined alias"),
        ("a: &a [*a]", "recursive"),
        ("a: " + "[" * 40_000 + "]" * 20_000, "nested deeper"),
        ("- " * 10_000, "nested deeper"),
        ("a: b\n" * 20_000, "longer than"),
    ],
)
def test_front_matter_that_is_no_yaml_is_kept_as_text_with_the_reason(yaml: str, why: str) -> None:
    text = f"---\n{yaml}\n---\nText\n"

    front = read_front_matter(text)

    assert front.body == text
    assert front.values == {}
    assert front.problem is not None
    assert why in front.problem


def test_deep_but_sane_front_matter_is_read() -> None:
    depth = DEPTH_MAX - 1
    front = read_front_matter(f"---\na: {'[' * depth}{']' * depth}\ntags: [b]\n---\n")

    assert front.values["tags"] == ["b"]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (["a", " b c ", "", ["d"]], ["a", "b c"]),
        ("a b", ["a", "b"]),
        ("a, b c,", ["a", "b c"]),
        (None, []),
    ],
)
def test_tags_are_a_list_or_words(value: object, words: list[str]) -> None:
    assert words_of(value)[0] == words


def test_a_single_category_may_have_spaces() -> None:
    assert words_of("snow report", is_one=True) == (["snow report"], 0)


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1970-01-02", 86_400),
        ("1970-1-2", 86_400),
        ("1970-01-01 00:01", 60),
        ("1970-01-01T00:01:01Z", 61),
        ("1970-01-01 01:00:00 +0100", 0),
        ("1970-01-01 00:00:00 -01:30", 5_400),
        ("1970-01-01 00:00:02.750 UTC", 2),
    ],
)
def test_dates_are_read_in_the_forms_that_blogs_use(text: str, seconds: int) -> None:
    assert moment_ms(text) == seconds * 1000


@pytest.mark.parametrize(
    "value",
    [
        "",
        "yesterday",
        "2026-02-30",
        "1066-10-14",
        "2026-01-01 25:00",
        ["2026-01-01"],
        None,
        "2026-01-01 10:00:00 +9900",
        "12026-01-01",
    ],
)
def test_what_is_no_date_since_1970_is_none(value: object) -> None:
    assert moment_ms(value) is None
