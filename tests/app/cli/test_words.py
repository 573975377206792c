"""One-line descriptions, and text of strangers made safe to print."""

from datetime import UTC, datetime

import pytest

from app.cli.render.conflicts import value_words
from app.cli.render.words import (
    by_whom,
    counted,
    item_line,
    on_one_line,
    printable,
    short_ids,
)
from tests.app.cli.rows import note_row, task_row

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


def test_a_task_is_described_on_one_line_with_an_id_to_type() -> None:
    row = task_row(
        due="2026-11-24", priority="high", list="Hut", assignee="Kit", tags=("climb", "gear")
    )
    assert item_line(row, NOW) == (
        "○ Buy rope · tomorrow · !high +Hut @Kit #climb #gear  (t1aaaaaa)"
    )


def test_how_often_a_task_comes_back_is_said_in_words() -> None:
    weekly = task_row(repeat="FREQ=WEEKLY;BYDAY=MO,WE,FR")
    counted = task_row(repeat="FREQ=DAILY;COUNT=3")
    assert "every Monday, Wednesday and Friday" in item_line(weekly, NOW)
    assert "repeats FREQ=DAILY;COUNT=3" in item_line(counted, NOW)
    assert value_words("FREQ=MONTHLY;BYDAY=-1FR", "repeat", NOW) == "every month on the last Friday"


def test_marks_say_what_waits_for_the_server_or_for_a_person() -> None:
    assert "↑ not sent yet" in item_line(task_row(sync="pending"), NOW)
    assert "! refused by the server" in item_line(task_row(sync="error"), NOW)
    assert "⚑ 2 conflicts" in item_line(task_row(conflicts=("c1", "c2")), NOW)
    assert "in the trash" in item_line(note_row(trashed=True), NOW)
    assert "pinned" in item_line(note_row(pinned=True), NOW)


@pytest.mark.parametrize(
    "hostile",
    [
        "\x1b[31mred",
        "\x1b]0;title\x07",
        "back\x08space",
        "\u202eenil",
        "\x9b2J",
        "\r over",
        "\u2066x",
    ],
)
def test_a_title_cannot_steer_the_terminal(hostile: str) -> None:
    assert not set("\x1b\x07\x08\r\x9b\u202e\u2066") & set(printable(hostile))
    assert "\n" not in on_one_line(hostile + "\n\ttwo")


def test_shortened_ids_tell_the_listed_items_apart() -> None:
    near = ["t1aaaaaaaaab", "t1aaaaaaaaac", "n1bbbbbbbbbb"]

    short = short_ids(near)

    assert len(set(short.values())) == 3
    assert all(each.startswith(short[each]) for each in near)
    assert short["n1bbbbbbbbbb"] == "n1bbbbbb"


def test_numbers_agree_with_their_nouns() -> None:
    assert counted(1, "task") == "1 task"
    assert counted(0, "task") == "0 tasks"
    assert counted(2, "copy", "copies") == "2 copies"


def test_a_change_without_an_author_is_by_someone() -> None:
    assert by_whom("Kit", "laptop") == "Kit on laptop"
    assert by_whom("Kit", "") == "Kit"
    assert by_whom("", "laptop") == "someone on laptop"
    assert by_whom("", "") == "someone"
