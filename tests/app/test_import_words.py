"""What an import could not keep, as it is told."""

from app.import_words import NAMED_MAX, lost_lines
from store.interchange.report import Dropped


def test_a_few_are_told_one_by_one() -> None:
    lost = [Dropped("a.md", "a picture"), Dropped("b.md", "a picture")]

    assert lost_lines(lost) == ["a.md: a picture", "b.md: a picture"]


def test_of_many_those_that_lost_the_same_are_told_together_and_all_are_counted() -> None:
    """Ten thousand tasks of Todoist had 6,710 lines, of eight sorts."""
    lost = [Dropped(f"task {n}", "date 'tomorrow'") for n in range(NAMED_MAX)]

    lines = lost_lines([Dropped("odd", "a sound"), *lost])

    assert lines == [
        f"{NAMED_MAX} items: date 'tomorrow' (the first is task 0)",
        "odd: a sound",
    ]
