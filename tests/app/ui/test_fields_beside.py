"""Who types on in a field in which somebody else wrote meanwhile loses neither of both.

What was said while one typed ("both are kept") holds however one goes on: what one has not left the
field to look at is never settled by the next letter.
"""

import asyncio

import flet as ft
import pytest

from store.commands.patches import Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.app.ui.task_page import opened
from tests.support.flet_harness import Tab

MINE, KITS = "Buy 60 m of rope", "Kit's rope"
TIMES = 3  # whose side lists show is the toss of an actor's bytes


async def met(tab: Tab, replica: Replica) -> DocId:
    """Type into a title, and hear what Kit wrote there meanwhile."""
    doc = await opened(tab, replica)
    await tab.type("Title", MINE)
    with Replica.open(replica.home) as beside:
        beside.edit(doc, Patch(fields={"title": KITS}))
    said = f"Meanwhile “{KITS}” was written here; both are kept, for you to settle."
    await tab.until(lambda: tab.find(ft.TextField, label="Title", helper=said))
    return doc


async def left(tab: Tab, label: str) -> None:
    await tab.fire(tab.find(ft.TextField, label=label), "blur")


def sides_of(replica: Replica) -> set[object]:
    return {side.value for row in replica.conflicts(remember=False) for side in row.sides}


@pytest.mark.parametrize("_", range(TIMES))
async def test_one_more_letter_after_enter_settles_nothing(
    tab: Tab, replica: Replica, _: int
) -> None:
    doc = await met(tab, replica)
    await tab.fire(tab.find(ft.TextField, label="Title"), "submit")
    await tab.until(lambda: replica.task(doc).conflicts)
    shown = replica.task(doc).title
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value=shown, helper=None))

    await tab.type("Title", f"{shown}!")
    await left(tab, "Title")

    await tab.until(lambda: f"{shown}!" in sides_of(replica))
    other = KITS if shown == MINE else MINE
    assert sides_of(replica) == {f"{shown}!", other}


@pytest.mark.parametrize("_", range(TIMES))
async def test_what_is_typed_while_it_is_saved_is_not_put_in_place_of_theirs(
    tab: Tab, replica: Replica, _: int
) -> None:
    doc = await met(tab, replica)
    with replica.db.write():  # as long as another process writes
        saving = asyncio.create_task(tab.fire(tab.find(ft.TextField, label="Title"), "submit"))
        await asyncio.sleep(0)
        await tab.type("Title", "Buy 60 m of red rope")
    await saving
    await tab.until(lambda: replica.task(doc).conflicts)
    assert tab.find(ft.TextField, label="Title").value == "Buy 60 m of red rope"

    await left(tab, "Title")

    await tab.until(lambda: sides_of(replica) == {"Buy 60 m of red rope", KITS})


async def test_writing_anew_in_the_field_later_goes_on_from_the_side_that_it_shows(
    tab: Tab, replica: Replica
) -> None:
    doc = await met(tab, replica)
    await left(tab, "Title")
    await tab.until(lambda: replica.task(doc).conflicts)
    shown = replica.task(doc).title
    await tab.text("The title was written differently")
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value=shown, helper=None))

    await tab.enter("Title", "Buy 60 m of Kit's rope")

    other = KITS if shown == MINE else MINE
    await tab.until(lambda: sides_of(replica) == {"Buy 60 m of Kit's rope", other})


async def test_what_is_typed_back_while_it_is_saved_is_typed_back(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    field = await tab.type("Title", MINE)
    with replica.db.write():
        saving = asyncio.create_task(tab.fire(field, "submit"))
        await asyncio.sleep(0)
        await tab.type("Title", "Buy rope")
        leaving = asyncio.create_task(left(tab, "Title"))  # the first is not through yet
        await asyncio.sleep(0)
    await asyncio.gather(saving, leaving)
    assert (replica.task(doc).title, replica.task(doc).conflicts) == ("Buy rope", ())


async def test_a_moment_is_known_by_what_is_shown_of_it(tab: Tab, replica: Replica) -> None:
    """The seconds of “in 2 hours” are stored and not shown."""
    doc = await opened(tab, replica)
    await tab.enter("Due", "in 2 hours")
    await tab.until(lambda: replica.task(doc).due)
    await tab.until(lambda: ":" in (tab.find(ft.TextField, label="Due").value or ""))
    await tab.type("Due", "2026-12-24")
    with Replica.open(replica.home) as beside:
        beside.edit(doc, Patch(fields={"due": "2026-12-01"}))
    await tab.until(lambda: tab.find(ft.TextField, label="Due").helper)

    await left(tab, "Due")

    await tab.until(lambda: sides_of(replica) == {"2026-12-01", "2026-12-24"})


async def test_what_is_mended_while_it_is_being_refused_goes_on_from_before(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    field = await tab.type("Tags", f"hut, {'x' * 300}")
    with replica.db.write():
        saving = asyncio.create_task(tab.fire(field, "submit"))
        await asyncio.sleep(0)
        await tab.type("Tags", "hut, food")
    await saving

    await left(tab, "Tags")

    await tab.until(lambda: replica.task(doc).tags == ("food", "hut"))


async def test_a_tag_is_put_on_taken_off_and_put_on_again(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)
    await tab.type("Tags", "hut")  # none of it is drawn anew before the next is typed
    with replica.db.write():
        saving = [asyncio.create_task(left(tab, "Tags"))]
        for typed in ("", "hut"):
            await asyncio.sleep(0)
            await tab.type("Tags", typed)
            saving.append(asyncio.create_task(left(tab, "Tags")))
        await asyncio.sleep(0)
    await asyncio.gather(*saving)
    assert replica.task(doc).tags == ("hut",)


async def test_a_tag_that_somebody_put_on_meanwhile_stays_when_one_types_on(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    await tab.type("Tags", "hut")
    with Replica.open(replica.home) as beside:
        beside.edit(doc, Patch(add_tags=("wet",)))
    await tab.until(lambda: tab.find(ft.TextField, label="Tags").helper)
    with replica.db.write():  # as long as another process writes
        saving = asyncio.create_task(tab.fire(tab.find(ft.TextField, label="Tags"), "submit"))
        await asyncio.sleep(0)
        await tab.type("Tags", "hut, food")
    await saving

    await left(tab, "Tags")

    await tab.until(lambda: replica.task(doc).tags == ("food", "hut", "wet"))
