"""Passages: paragraphs that two people worked on apart are read again, even if all merged (D5)."""

from pathlib import Path

import pytest

from store.documents.conflicts.naming import parse_op
from store.replica import Replica
from tests.documents.conflicts.apart import (
    both,
    do_apart,
    fields,
    task_of_all,
    text,
    the_conflict,
    told_to_all,
)
from tests.support.people import Camp, entropy_of, shuffled
from tests.support.spaces import share_space

LIST = "rope\nstove\ntent"

TABLE = {
    # what happened: (before, Alice's text, Bob's text, the paragraphs to read again)
    "the same sentence": ("one two three", "1 two three", "one two 3", ["one two three"]),
    "the same word": (LIST, "rope\nSTOVE\ntent", "rope\nstoves\ntent", ["stove"]),
    "different paragraphs": (LIST, "long rope\nstove\ntent", "rope\nstove\nbig tent", []),
    "neighbouring paragraphs": (LIST, "long rope\nstove\ntent", "rope\nbig stove\ntent", []),
    "two paragraphs": (LIST, "a rope\nstove\na tent", "my rope\nstove\nmy tent", ["rope", "tent"]),
    "an empty text": ("", "rope", "tent", [""]),
    "deleted by one, edited by the other": (
        LIST,
        "rope\n\ntent",
        "rope\nmy stove\ntent",
        ["stove"],
    ),
    "nothing on one side": (LIST, "rope\nmy stove\ntent", LIST, []),
}

BREAKS = {
    "a deleted break and the paragraph before it": (
        "rope stove\ntent",
        "a rope\nstove\ntent",
        "rope",
    ),
    "a deleted break and the paragraph behind it": (
        "ropestove\ntent",
        "rope\nthe stove\ntent",
        "stove",
    ),
    "a deleted break and a paragraph further on": (
        "ropestove\ntent",
        "rope\nstove\nthe tent",
        None,
    ),
}

NEW_PARAGRAPHS = {
    "both below the same line": ("rope\nmap\nstove\ntent", "rope\nax\nstove\ntent", []),
    "both at the end": (LIST + "\nmap", LIST + "\nax", []),
    "both at the start": ("map\n" + LIST, "ax\n" + LIST, []),
    "in different places": ("map\n" + LIST, LIST + "\nax", []),
    "beside a line that was edited inside": ("rope\nstove\nmap\ntent", "rope\nst-ove\ntent", []),
    "below a line that was edited at its end": (LIST + "\nmap", LIST + "s", ["tent"]),
    "below a line that was edited at its start": (LIST + "\nmap", "rope\nstove\na tent", []),
    "above a line that was edited at its start": ("map\n" + LIST, "a " + LIST, ["rope"]),
    "above a line that was edited at its end": ("map\n" + LIST, "ropes\nstove\ntent", []),
}


def bases(camp: Camp) -> list[str]:
    """What the passages to read again said before."""
    rows = told_to_all(camp)
    assert {(row.kind, row.field) for row in rows} <= {("passage", "body")}
    return sorted(str(row.base) for row in rows)


@pytest.mark.parametrize(("before", "alices", "bobs", "expected"), TABLE.values(), ids=TABLE)
def test_a_paragraph_that_both_worked_on_is_read_again(
    camp: Camp, before: str, alices: str, bobs: str, expected: list[str]
) -> None:
    doc = task_of_all(camp, before)

    do_apart(camp, doc, alice=text(alices), bob=text(bobs))

    assert bases(camp) == expected


@pytest.mark.parametrize(("alices", "bobs", "expected"), BREAKS.values(), ids=BREAKS)
def test_a_deleted_break_touches_the_paragraphs_on_both_its_sides(
    camp: Camp, alices: str, bobs: str, expected: str | None
) -> None:
    doc = task_of_all(camp, LIST)

    do_apart(camp, doc, alice=text(alices), bob=text(bobs))

    assert bases(camp) == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("alices", "bobs", "expected"), NEW_PARAGRAPHS.values(), ids=NEW_PARAGRAPHS
)
def test_a_whole_new_paragraph_touches_none_but_meets_the_end_it_is_put_at(
    camp: Camp, alices: str, bobs: str, expected: list[str]
) -> None:
    doc = task_of_all(camp, LIST)

    do_apart(camp, doc, alice=text(alices), bob=text(bobs))

    assert bases(camp) == expected
    merged = camp["carol"].task(doc).body or ""
    for words in (alices, bobs):
        new = set(words.split("\n")) - set(LIST.split("\n"))
        assert expected or new <= set(merged.split("\n"))


def test_each_side_reads_as_its_author_left_it_in_the_order_of_op_ids(camp: Camp) -> None:
    doc = task_of_all(camp, LIST)
    do_apart(
        camp,
        doc,
        alice=text("rope\nmy stove\ntent"),
        bob=text("rope\nstove, gas\ntent"),
        carol=text("rope\nst0ve\ntent"),
    )

    row = the_conflict(camp, "passage")

    ops = [parse_op(side.op) for side in row.sides]
    assert ops == sorted(ops)
    assert {(s.value, s.author, s.shown) for s in row.sides} == {
        ("my stove", "Alice", False),
        ("stove, gas", "Bob", False),
        ("st0ve", "Carol", False),
    }
    assert "my st0ve, gas" in (camp["bob"].task(doc).body or "").split("\n")


def test_a_run_of_one_authors_changes_is_one_side(camp: Camp) -> None:
    doc = task_of_all(camp, LIST)
    typing = [text(f"rope\nstove{'!' * n}\ntent") for n in (1, 2, 3)]

    do_apart(
        camp,
        doc,
        alice=both(typing[0], fields(title="Things"), *typing[1:]),
        bob=text("rope\nmy stove\ntent"),
    )

    row = the_conflict(camp, "passage")
    assert {(s.value, s.author) for s in row.sides} == {("stove!!!", "Alice"), ("my stove", "Bob")}


def test_what_a_run_wrote_and_took_out_again_touches_nothing(camp: Camp) -> None:
    doc = task_of_all(camp, LIST)
    there_and_back = both(text("rope\nstove!\ntent"), text(LIST))

    do_apart(camp, doc, alice=there_and_back, bob=text("rope\nmy stove\ntent"))

    assert told_to_all(camp) == []


def test_who_has_seen_the_other_may_go_on_in_the_same_sentence(camp: Camp) -> None:
    doc = task_of_all(camp, LIST)
    do_apart(camp, doc, alice=text("rope\nmy stove\ntent"))

    do_apart(camp, doc, bob=text("rope\nmy stove, gas\ntent"))

    assert told_to_all(camp) == []


@pytest.mark.parametrize("seed", range(6))
def test_whatever_the_order_of_arrival_the_passages_are_the_same(
    camp: Camp, tmp_path: Path, seed: int
) -> None:
    doc = task_of_all(camp, LIST)
    do_apart(camp, doc, alice=text("rope\nmy stove\ntent"), bob=text("ropestove\ntent"))
    text("rope\nstove\nbig tent")(camp["carol"], doc)
    text((camp["alice"].task(doc).body or "") + "s")(camp["alice"], doc)
    camp.meet("carol", "bob")
    camp.meet()
    expected = told_to_all(camp)

    with Replica.open(tmp_path / "newcomer", entropy=entropy_of(1_000 + seed)) as newcomer:
        share_space(newcomer, camp.space, "Trip")
        for one in shuffled(camp.rows("bob"), seed):
            newcomer.apply_remote(camp.space, [one], origin="bob")
        told = sorted(newcomer.conflicts(remember=False), key=lambda row: row.id)

    assert told == expected
    assert len(expected) >= 2
