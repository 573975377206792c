"""A text that was refused and taken back: in the box, nowhere else until a person decides."""

import flet as ft
import pytest

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab
from tests.support.refusing import refused_at

BEFORE, REFUSED = "One.\n", "One.\nTwo.\n"


@pytest.fixture
async def held(tab: Tab, replica: Replica) -> DocId:
    """A note, open, of which the second line was taken back."""
    doc = replica.add_note("Log", body=BEFORE)
    replica.edit(doc, Patch(body=REFUSED))
    refused_at(replica, doc, 1)
    replica.take_back(doc)
    await tab.go("Notes")
    await tab.open_row("Log")
    await tab.until(lambda: tab.find(ft.TextField, label="Text", value=REFUSED))
    return doc


async def test_it_is_put_in(tab: Tab, replica: Replica, held: DocId) -> None:
    assert replica.note(held).body == BEFORE

    await tab.press("Put it in")

    await tab.until(lambda: replica.note(held).body == REFUSED)
    await tab.gone("This text was taken back")


async def test_it_is_thrown_away(tab: Tab, replica: Replica, held: DocId) -> None:
    await tab.press("Throw it away")

    await tab.until(lambda: tab.find(ft.TextField, label="Text", value=BEFORE))
    assert (replica.held_drafts(), replica.note(held).body) == ([], BEFORE)


async def test_typing_on_in_it_makes_it_a_change(tab: Tab, replica: Replica, held: DocId) -> None:
    await tab.type("Text", REFUSED + "Three.\n")

    await tab.until(lambda: replica.note(held).body == REFUSED + "Three.\n")
    await tab.gone("This text was taken back")
