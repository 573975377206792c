"""What is read from the lines between `---`, and what is left as text."""

import pytest

from store.interchange.front_matter import (
    DEPTH_MAX,
    moment_ms,
    read_front_matter,
    with_front_matter,
    without_keys,
    words_of,
)


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


@pytest.mark.parametrize(
    ("yaml", "left"),
    [
        ("title: A\nlayout: post\n", "layout: post\n"),
        (
            "layout: post\ntags:\n- a\n- b\nweight: 12.50 # kg\n",
            "layout: post\nweight: 12.50 # kg\n",
        ),
        ("# all\ntags:\n  - a\n\n# order\nweight: 1\n", "# all\n\n# order\nweight: 1\n"),
        ("TITLE: >\n  two\n  lines\nb: 1\n", "b: 1\n"),
        ('b: "x\n  y"\ntitle: A\n', 'b: "x\n  y"\n'),
        ("title: A\n", ""),
    ],
)
def test_keys_are_taken_out_and_the_other_lines_stay_to_the_letter(yaml: str, left: str) -> None:
    assert without_keys(yaml, {"title", "tags"}) == left


@pytest.mark.parametrize(
    "yaml",
    [
        "{title: A, layout: post}\n",
        "title: A\nTitle: B\n",
        "title: &name A\nalias: *name\n",
        "layout: post\n",
    ],
)
def test_where_keys_cannot_be_taken_out_cleanly_all_stay(yaml: str) -> None:
    assert without_keys(yaml, {"title"}) == yaml


def test_front_matter_put_above_a_text_is_read_again() -> None:
    for body in ("", "text", "\ntext\n", "---\nb: 2\n---\n"):
        front = read_front_matter(with_front_matter("a: 1\n", body))
        assert (front.yaml, front.body) == ("a: 1\n", body)
    assert with_front_matter("", "text") == "text"
