"""Texts from right to left: the full stop at their end, in lists, fields and previews."""

import flet as ft
import pytest

from app.ui.direction import is_from_right
from store.commands.patches import NewTask
from store.replica import Replica
from tests.support.flet_harness import Tab, text_of

ARABIC = "\u0627\u0634\u062a\u0631\u0650 \u062d\u0628\u0644\u064b\u0627!"
HEBREW = "\u05dc\u05b4\u05e7\u05b0\u05e0\u05d5\u05b9\u05ea \u05d7\u05b6\u05d1\u05b6\u05dc."


@pytest.mark.parametrize(
    ("text", "from_right"),
    [
        (ARABIC, True),
        (HEBREW, True),
        (f"# 3 \U0001f9d7 - [ ] {ARABIC}", True),  # signs, digits and pictures say nothing
        (f"Rope, in Hebrew {HEBREW}", False),
        ("\u4e70\u4e00\u6839\u7ef3\u5b50", False),
        ("12:30 (!)", False),
        ("", False),
    ],
)
def test_the_first_letter_says_from_which_side_a_text_is_read(text: str, from_right: bool) -> None:
    assert is_from_right(text) == from_right


async def test_a_title_from_the_right_is_drawn_so_in_its_row(tab: Tab, replica: Replica) -> None:
    for title in (ARABIC, "Buy rope!"):
        replica.add_task(NewTask(title))
    await tab.text("Buy rope!")

    titles = [row.title for row in tab.find_all(ft.ListTile) if isinstance(row.title, ft.Text)]
    drawn = {text_of(each): each.rtl for each in titles}
    assert (drawn[ARABIC], drawn["Buy rope!"]) == (True, False)


async def test_a_note_from_the_right_is_written_and_read_so(tab: Tab, replica: Replica) -> None:
    replica.add_note(ARABIC, body=f"{HEBREW}\n\n- [ ] rope\n")
    await tab.go("Notes")
    await tab.open_row(ARABIC)
    box = await tab.until(lambda: tab.find(ft.TextField, label="Text"))

    assert box.rtl
    assert tab.find(ft.TextField, label="Title").rtl
    read = await tab.until(lambda: tab.find(ft.Container, rtl=True))
    assert HEBREW in str(tab.inside(read, ft.Markdown)[0].value)
    # It is not turned round while somebody types: the box would lose the keyboard.
    await tab.type("Text", "rope")
    assert tab.find(ft.TextField, label="Text").rtl
