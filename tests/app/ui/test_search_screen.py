"""The search screen: what it shows is what was found for the words that stand there."""

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import flet as ft
import pytest

from app.ui.first_run import finish_first_run
from store.replica import Replica
from store.rows import SearchHit
from tests.support.flet_harness import Tab, text_of

FIELD = "Search tasks and notes"


class Slow(Replica):
    """A home that finds something only once it may."""

    may: threading.Event

    def search(self, words: str, **wanted: Any) -> list[SearchHit]:
        """Wait, and answer; an empty question is answered at once."""
        if words:
            assert self.may.wait(10)
        return super().search(words, **wanted)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    with Slow.open(tmp_path / "slow") as home:
        assert isinstance(home, Slow)
        home.may = threading.Event()
        home.set_identity("Ana", "laptop")
        finish_first_run(home)
        yield home


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


async def test_nothing_is_said_not_to_be_found_before_it_was_looked_for(slow: Slow) -> None:
    slow.add_note("Rope")
    tab = await Tab.open(slow)
    await tab.go("Search")
    await tab.text("Type a word")

    await tab.type(FIELD, "rope")
    await tab.gone("Type a word")
    assert "Nothing found" not in tab.texts()

    slow.may.set()
    await tab.until(lambda: found(tab) == ["Rope"])
    await tab.type(FIELD, "yeti")
    await tab.text("Nothing found")
    await tab.close()
