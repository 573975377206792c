"""The lists of notes and of what was found do not move under a finger either."""

import flet as ft
import pytest

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab, text_of


def titles(tab: Tab) -> list[str]:
    rows = tab.find_all(ft.ListTile)
    return [text_of(row.title) for row in rows if isinstance(row.title, ft.Text)]


async def stays_while_scrolled(
    tab: Tab, replica: Replica, first: DocId, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Scroll and edit what stands second: it goes to the top only once the finger rests."""
    monkeypatch.setattr("app.ui.hold.HELD_FOR_S", 4.0)  # more than it takes to see it stay
    await tab.until(lambda: titles(tab) == ["Second", "First"])
    await tab.scroll(tab.find(ft.ListView))

    with Replica.open(replica.home) as beside:
        beside.edit(first, Patch(fields={"title": "First, edited"}))

    await tab.until(lambda: titles(tab) == ["Second", "First, edited"])
    await tab.until(lambda: titles(tab) == ["First, edited", "Second"])


async def test_while_somebody_scrolls_a_note_that_changed_stays_at_its_place(
    tab: Tab, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = replica.add_note("First")
    replica.add_note("Second")
    await tab.go("Notes")
    await stays_while_scrolled(tab, replica, first, monkeypatch)


async def test_while_somebody_scrolls_what_was_found_stays_at_its_place(
    tab: Tab, replica: Replica, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = replica.add_note("First", tags=("hut",))
    replica.add_note("Second", tags=("hut",))
    await tab.go("Search")
    await tab.type("Search tasks and notes", "tag:hut")
    await stays_while_scrolled(tab, replica, first, monkeypatch)


@pytest.mark.parametrize(
    ("screen", "rows"),
    [("Notes", "app.ui.views.notes.PAGE_ROWS"), ("Activity", "app.ui.views.activity._ROWS")],
)
async def test_while_somebody_scrolls_more_rows_come_below_those_that_stay(
    tab: Tab, replica: Replica, monkeypatch: pytest.MonkeyPatch, screen: str, rows: str
) -> None:
    monkeypatch.setattr(rows, 3)
    monkeypatch.setattr("app.ui.hold.HELD_FOR_S", 3_600.0)
    for number in range(8):
        replica.add_note(f"Note {number}")
    await tab.go(screen)
    await tab.until(lambda: len(notes(tab)) == 3)
    await tab.scroll(tab.find(ft.ListView))

    await tab.press("Show more")

    await tab.until(lambda: len(notes(tab)) == 6)


def notes(tab: Tab) -> list[str]:
    return [title for title in titles(tab) if "Note" in title]
