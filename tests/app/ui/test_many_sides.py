"""Which side of a conflict a word for several means: mine, theirs, the one that is shown."""

import pytest

from app.ui.many_sides import Which, side_for
from store.documents.state import Side
from store.rows import ConflictRow

ANN, ANNS_PHONE, BEA, CID = ("Ann", "laptop"), ("Ann", "phone"), ("Bea", "phone"), ("Cid", "pc")


def conflict(*writers: tuple[str, str], shown: int | None = 0) -> ConflictRow:
    sides = tuple(
        Side(f"title {number}", person, device, 0, number == shown, f"{number}@aa")
        for number, (person, device) in enumerate(writers)
    )
    return ConflictRow("c", "t1", "Book the bus", "field", "title", "Book", sides, None)


@pytest.mark.parametrize(
    ("which", "writers", "expected"),
    [
        ("mine", (BEA, ANN), 1),
        ("theirs", (BEA, ANN), 0),
        ("shown", (BEA, ANN), 0),
        ("mine", (BEA, CID), None),  # neither is
        ("theirs", (BEA, ANN, CID), None),  # which of them?
        ("mine", (ANN, ANNS_PHONE), 0),  # what was written here is nearer
        ("theirs", (ANN, ANNS_PHONE), 1),
        ("mine", (ANNS_PHONE, BEA), 0),
    ],
)
def test_a_word_means_one_side_or_none(
    which: Which, writers: tuple[tuple[str, str], ...], expected: int | None
) -> None:
    assert side_for(conflict(*writers), which, own=ANN) == expected


def test_where_no_side_is_shown_none_is_meant() -> None:
    assert side_for(conflict(ANN, BEA, shown=None), "shown", own=ANN) is None
