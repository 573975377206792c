"""What a drop means. The list:  0 a · 1 b · 2   b1 · 3   b2 · 4 c."""

import pytest

from app.ui.dropping import Drop, dropped, stepped
from store.queries import TaskLine
from store.rows import TaskRow


def line(name: str, parent: str | None = None) -> TaskLine:
    row = TaskRow(
        *(name, "task", "Home", name, "open", None, None, None, None, (), parent, None, None),
        *(None, False, None, None, "local", (), ()),
    )
    return TaskLine(row, 1 if parent else 0)


LINES = [line("a"), line("b"), line("b1", "b"), line("b2", "b"), line("c")]


@pytest.mark.parametrize(
    ("old", "new", "drop"),
    [
        (4, 0, Drop("c", None, before="a")),
        (0, 1, Drop("a", "b", before="b1")),  # behind b, before its first subtask
        (0, 4, Drop("a", None, after="c")),
        (0, 3, Drop("a", None, before="c")),  # behind the last subtask: it keeps its level
        (4, 3, Drop("c", "b", before="b2")),
        (3, 2, Drop("b2", "b", before="b1")),
        (2, 3, Drop("b1", "b", after="b2")),
        (2, 0, Drop("b1", None, before="a")),
        (2, 4, Drop("b1", None, after="c")),
        (1, 4, Drop("b", None, after="c")),  # with its subtasks
        (1, 0, Drop("b", None, before="a")),
        (1, 2, None),  # among its own subtasks
        (1, 3, None),
        (0, 0, None),
        (9, 0, None),
    ],
)
def test_a_drop(old: int, new: int, drop: Drop | None) -> None:
    assert dropped(LINES, old, new) == drop


@pytest.mark.parametrize(
    ("task", "by", "drop"),
    [
        ("a", 1, Drop("a", None, after="b")),  # past b and what is below it
        ("c", -1, Drop("c", None, before="b")),
        ("b", -1, Drop("b", None, before="a")),  # with its subtasks
        ("b", 1, Drop("b", None, after="c")),
        ("b2", -1, Drop("b2", "b", before="b1")),
        ("b1", 1, Drop("b1", "b", after="b2")),
        ("b1", -1, None),  # the first and the last of its level
        ("b2", 1, None),
        ("a", -1, None),
        ("c", 1, None),
        ("elsewhere", 1, None),
    ],
)
def test_a_move_past_the_next_of_the_same_level(task: str, by: int, drop: Drop | None) -> None:
    assert stepped(LINES, task, by) == drop
