"""The search screen: what it shows is what was found for the words that stand there."""

import flet as ft
import pytest

from store.commands.patches import NewTask
from store.replica import Replica
from tests.support.flet_harness import Tab, text_of
from tests.support.late_answers import late_answer

FIELD = "Search tasks and notes"


def found(tab: Tab) -> list[str]:
    titles = [row.title for row in tab.find_all(ft.ListTile)]
    return [text_of(each) for each in titles if isinstance(each, ft.Text)]


async def test_while_somebody_scrolls_other_words_find_other_things_at_once(
    tab: Tab, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.ui.hold.HELD_FOR_S", 3_600.0)
    replica.add_note("Rope")
    replica.add_note("Tent")
    await tab.go("Search")
    await tab.type(FIELD, "rope")
    await tab.until(lambda: found(tab) == ["Rope"])
    await tab.scroll(tab.find(ft.ListView))

    await tab.type(FIELD, "tent")

    await tab.until(lambda: found(tab) == ["Tent"])


async def test_nothing_is_said_not_to_be_found_before_it_was_looked_for(
    tab: Tab, replica: Replica
) -> None:
    replica.add_note("Rope")
    await tab.go("Search")
    await tab.text("Type a word")

    with late_answer(replica, "search") as answer:
        await tab.type(FIELD, "rope")
        await tab.gone("Type a word")
        assert "Nothing found" not in tab.texts()
        answer.come()
        await tab.until(lambda: found(tab) == ["Rope"])

    await tab.type(FIELD, "yeti")
    await tab.text("Nothing found")


async def test_the_picture_of_a_task_that_was_found_does_not_say_that_it_is_done(
    tab: Tab, replica: Replica
) -> None:
    """A ticked box stood before every task, open ones too."""
    replica.add_task(NewTask("Rope"))
    await tab.go("Search")
    await tab.type(FIELD, "rope")

    await tab.until(lambda: found(tab) == ["Rope"])
    (row,) = tab.find_all(ft.ListTile)
    assert isinstance(row.leading, ft.Icon)
    assert row.leading.icon == ft.Icons.ASSIGNMENT_OUTLINED
