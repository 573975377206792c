"""What each field of a task and a note takes, and the one form in which it is kept."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.domain import fields, limits
from store.domain.errors import InvalidValue
from store.domain.ids import new_doc_id

TASK = new_doc_id("task", bytes(16))
NOTE = new_doc_id("note", bytes(16))


@pytest.mark.parametrize(
    ("kind", "field", "value", "kept"),
    [
        ("task", "title", "Buy rope", "Buy rope"),
        ("task", "title", "  Buy rope \n", "Buy rope"),
        ("task", "title", "Buy\r\nrope\tand\u2028nuts", "Buy rope and nuts"),
        ("task", "title", "Buy  rope", "Buy  rope"),
        ("task", "title", "Buy\x00 rope\x1b\x7f", "Buy rope"),
        ("task", "title", "👩‍🚒 e\u0301", "👩‍🚒 e\u0301"),
        ("note", "title", "x" * limits.TITLE_CHARS_MAX, "x" * limits.TITLE_CHARS_MAX),
        ("task", "due", "2026-11-24", "2026-11-24"),
        ("task", "due", "2026-11-24T08:00:00Z", "2026-11-24T08:00:00Z"),
        ("task", "priority", "high", "high"),
        ("task", "list", " Long \n list ", "Long list"),
        ("task", "list", "Hu\u0308tte", "Hütte"),
        ("task", "assignee", "Kit Lee", "Kit Lee"),
        ("task", "parent", TASK, TASK),
        ("task", "repeat", "rrule:interval=1;freq=weekly", "FREQ=WEEKLY"),
        ("note", "pinned", True, True),
        ("note", "pinned", False, False),
    ],
)
def test_a_value_is_kept_in_its_canonical_form(
    kind: str, field: str, value: object, kept: object
) -> None:
    assert fields.validated(kind, field, value) == kept


@pytest.mark.parametrize(
    ("kind", "field", "value", "sentence"),
    [
        ("task", "title", "", "A title can't be empty"),
        ("task", "title", " \n\x00 ", "A title can't be empty"),
        ("task", "title", None, "A title can't be cleared"),
        ("task", "title", 7, "has to be text"),
        ("task", "title", "a\ud800b", "broken characters"),
        ("task", "title", "x" * 2_001, "2,001 characters; 2,000 is the most"),
        ("task", "due", "tomorrow", "is not a day or a moment"),
        ("task", "due", "2026-02-30", "is not a day or a moment"),
        ("task", "due", "2026-11-24T08:00:00", "is not a day or a moment"),
        ("task", "due", "2026-11-24T25:00:00Z", "is not a day or a moment"),
        ("task", "due", 20261124, "has to be text"),
        ("task", "priority", "urgent", "low, medium or high"),
        ("task", "priority", 1, "low, medium or high"),
        ("task", "list", "", "list can't be empty; write a name"),
        ("task", "assignee", "k" * 201, "201 characters"),
        ("task", "parent", NOTE, "has to be a task"),
        ("task", "parent", "t1", "copy it whole"),
        ("task", "repeat", "FREQ=SECONDLY", "is not a rule for repeating"),
        ("note", "pinned", 1, "true or false"),
        ("note", "due", "2026-11-24", "A note has no field 'due'"),
        ("task", "pinned", True, "A task has no field 'pinned'"),
        ("task", "source", "x", "A task has no field 'source'"),
        ("task", "state", "done", "A task has no field 'state'"),
        ("list", "title", "x", "A list has no field 'title'"),
    ],
)
def test_what_a_field_cannot_hold_is_refused_in_one_sentence(
    kind: str, field: str, value: object, sentence: str
) -> None:
    with pytest.raises(InvalidValue, match=sentence) as refusal:
        fields.validated(kind, field, value)

    assert "\n" not in str(refusal.value)
    assert str(refusal.value).endswith(".")


@pytest.mark.parametrize(
    ("kind", "field"),
    [
        (kind, field)
        for kind, names in fields.SCALAR_FIELDS.items()
        for field in names
        if field != "title"
    ],
)
def test_every_field_but_the_title_can_be_cleared(kind: str, field: str) -> None:
    assert fields.validated(kind, field, None) is None


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        (["#climb"], ("climb",)),
        (["##climb", "# #climb", "climb"], ("climb",)),
        (["two  words"], ("two words",)),
        (["b", "a"], ("a", "b")),
        (["cafe\u0301"], ("café",)),
        (["C#"], ("C#",)),
        ([], ()),
    ],
)
def test_tags_are_kept_sorted_once_each_and_without_the_mark(
    typed: list[str], kept: tuple[str, ...]
) -> None:
    assert fields.validated_tags(typed) == kept


@pytest.mark.parametrize("tag", ["", "#", " ", "# \n", "\x00", "a\udc00", "t" * 101, None])
def test_a_tag_without_content_or_too_long_is_refused(tag: object) -> None:
    with pytest.raises(InvalidValue):
        fields.validated_tag(tag)


def test_an_item_has_a_hundred_tags_at_most() -> None:
    assert len(fields.validated_tags(f"tag {n}" for n in range(100))) == 100
    with pytest.raises(InvalidValue, match="100 tags, not 101"):
        fields.validated_tags(f"tag {n}" for n in range(101))


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("", ""),
        (" one\r\n\ttwo\rthree \n", " one\n\ttwo\nthree \n"),
        ("a\x00b\x1b[0m", "ab[0m"),
    ],
)
def test_a_body_keeps_all_that_can_be_seen(typed: str, kept: str) -> None:
    assert fields.validated_body(typed) == kept


@pytest.mark.parametrize(
    ("typed", "kept"), [(None, None), ("", None), (" \n", None), ("no\nrope ", "no rope")]
)
def test_a_reason_is_one_line_or_none(typed: str | None, kept: str | None) -> None:
    assert fields.validated_reason(typed) == kept


@given(text=st.text() | st.text("# \n\x00ae\u0301\r"))
def test_checking_a_value_twice_changes_nothing_more(text: str) -> None:
    for check in (
        fields.validated_title,
        fields.validated_tag,
        fields.validated_body,
        lambda value: fields.validated_name("list", value),
    ):
        try:
            once = check(text)
        except InvalidValue:
            continue
        assert check(once) == once
        assert once.encode("utf-8").decode("utf-8") == once
        assert not any(unicodedata.category(c) == "Cc" and c not in "\n\t" for c in once)
