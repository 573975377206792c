"""Conflicts: named in a list, sides with their words marked, settled, several at once, reopened."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.ui.first_run import finish_first_run
from store.commands.patches import NewTask, Patch
from store.domain.ids import ConflictId, DocId
from store.replica import Replica
from tests.support.flet_harness import Tab, text_of
from tests.support.late_answers import late_answer
from tests.support.people import Camp
from tests.support.refusing import refused_at


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    made = Camp(tmp_path, "ann", "bea")
    yield made
    made.close()


@pytest.fixture
def bea(camp: Camp) -> Replica:
    finish_first_run(camp["bea"])
    return camp["bea"]


@pytest.fixture
async def tab(bea: Replica) -> AsyncIterator[Tab]:
    opened = await Tab.open(bea)
    await opened.go("Conflicts")
    yield opened
    await opened.close()


def apart(camp: Camp, title: str = "Book the bus") -> DocId:
    """Ann and Bea write one title apart."""
    task = camp["ann"].add_task(NewTask(title))
    camp.meet()
    camp["ann"].edit(task, Patch(fields={"title": title.replace("the", "the early")}))
    camp["bea"].edit(task, Patch(fields={"title": title.replace("the", "the late")}))
    camp.meet()
    return task


def passage_apart(camp: Camp, ann: str, bea: str) -> DocId:
    """Let both rewrite the same passage of a note while apart."""
    note = camp["ann"].add_note("Plan", body="We leave at six.\n")
    camp.meet()
    camp["ann"].edit(note, Patch(body=ann))
    camp["bea"].edit(note, Patch(body=bea))
    camp.meet()
    return note


async def test_every_conflict_is_named_with_its_field_and_who(camp: Camp, tab: Tab) -> None:
    apart(camp)

    await tab.text("The title was written differently")
    await tab.text("Ann on")


async def test_sides_stand_beside_the_base_with_their_words_marked(camp: Camp, tab: Tab) -> None:
    apart(camp)
    await tab.open_row("The title was written differently")

    await tab.text("what both started from")
    assert "Book the bus" in tab.texts()
    marks = {
        text_of(each): [span.text for span in each.spans if span.style and span.style.weight]
        for each in tab.find_all(ft.Text)
        if each.spans
    }
    assert marks["Book the early bus"] == ["early "]
    assert marks["Book the late bus"] == ["late "]


async def test_the_answer_begins_with_what_all_sides_put_in(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    task = apart(camp)
    await tab.open_row("The title was written differently")
    field = await tab.until(lambda: tab.find(ft.TextField, label="Your answer"))
    assert field.value in ("Book the early late bus", "Book the late early bus")

    await tab.press("Settle with this")

    await tab.text("Settled by Bea")
    assert bea.task(task).title == field.value


async def test_the_answer_to_a_passage_begins_with_the_merged_text(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    note = passage_apart(camp, "We leave at six, early.\n", "So we leave at six.\n")
    await tab.open_row("The same passage was edited twice")
    await tab.until(
        lambda: tab.find(ft.TextField, label="Your answer", value="So we leave at six, early.")
    )

    await tab.type("Your answer", "So we leave at five.")
    await tab.press("Settle with this")

    await tab.text("Settled by Bea")
    assert bea.note(note).body == "So we leave at five.\n"


async def test_the_answer_to_a_passage_never_begins_with_words_that_nobody_wrote(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    note = passage_apart(camp, "We leave at half past five.\n", "We leave at seven.\n")
    await tab.open_row("The same passage was edited twice")

    field = await tab.until(lambda: tab.find(ft.TextField, label="Your answer"))
    first, second = "half past five", "seven"
    assert field.value in (f"We leave at {first} {second}.", f"We leave at {second} {first}.")
    await tab.press("As it reads now")  # by characters
    await tab.until(
        lambda: tab.find(
            ft.TextField, label="Your answer", value=(bea.note(note).body or "").rstrip()
        )
    )


async def test_a_settled_lifecycle_is_told_with_who_when_and_what_and_can_be_opened_again(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    task = camp["ann"].add_task(NewTask("Fetch the stove"))
    camp.meet()
    camp["ann"].transition(task, "done")
    bea.transition(task, "cancel")
    camp.meet()
    await tab.open_row("Taken to different states")

    await tab.press("Started")

    await tab.text("Settled by Bea on")
    await tab.text("for everyone: it became")
    assert bea.task(task).state == "started"
    await tab.press("Open again")
    await tab.until(lambda: bea.conflicts())


async def test_edit_against_trash_can_be_kept_or_thrown_away(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    note = camp["ann"].add_note("Songs", body="Old ones.\n")
    camp.meet()
    camp["ann"].trash(note)
    bea.edit(note, Patch(body="Old ones, and two new ones.\n"))
    camp.meet()
    await tab.open_row("Edited here, put in the trash there")
    await tab.text("What was edited meanwhile")
    marks = await tab.until(lambda: [each for each in tab.find_all(ft.Text) if each.spans])
    assert "Old ones, and two new ones.\n" in [text_of(each) for each in marks]
    keep = await tab.until(lambda: _take(tab, "Keep it"))

    await tab.fire(keep, "click")

    await tab.text("Settled by Bea")
    assert not bea.note(note).trashed


async def test_several_are_settled_by_what_stands_below_each_and_none_else(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    bus, hut = apart(camp), apart(camp, "Book the hut")
    other = apart(camp, "Ask the guide")
    await tab.text("Ask the")
    await tab.press("Choose several")
    for title in ("bus", "hut"):
        name = next(
            str(box.semantics_label)
            for box in await tab.until(lambda: tab.find_all(ft.Checkbox))
            if title in str(box.semantics_label)
        )
        await tab.fire(tab.find(ft.Checkbox, semantics_label=name), "change", True)
    await tab.text("2 conflicts chosen")
    await tab.text("not decided")

    await tab.press("Theirs")
    await tab.gone("not decided")
    mine = await tab.until(lambda: _labelled(tab, "Bea: Book the late hut"))
    await tab.fire(mine, "click")  # for this one, rather mine
    await tab.until(
        lambda: isinstance(_labelled(tab, "Bea: Book the late hut"), ft.FilledTonalButton)
    )
    await tab.press("Settle 2 of 2")

    await tab.until(lambda: len(bea.conflicts()) == 1)
    assert (bea.task(bus).title, bea.task(hut).title) == ("Book the early bus", "Book the late hut")
    assert [row.doc_id for row in bea.conflicts()] == [other]
    await tab.press_action("Undo")
    await tab.until(lambda: len(bea.conflicts()) == 3)


async def test_all_are_chosen_with_one_press(camp: Camp, tab: Tab) -> None:
    for title in ("Book the bus", "Book the hut", "Ask the guide"):
        apart(camp, title)
    await tab.text("Ask the")
    await tab.press("Choose several")

    await tab.press("Choose all")

    await tab.text("3 conflicts chosen")


async def test_while_somebody_scrolls_no_conflict_that_comes_moves_the_others(
    camp: Camp, tab: Tab
) -> None:
    task = camp["ann"].add_task(NewTask("Pay"))
    camp.meet()
    for name, day in (("ann", "2030-01-01"), ("bea", "2030-01-02")):
        camp[name].edit(task, Patch(fields={"due": day}))
    camp.meet()
    await tab.until(lambda: titles(tab) == ["Pay"])
    await tab.scroll(tab.find_all(ft.ListView)[-1])

    apart(camp, "Book the hut")
    camp["ann"].edit(task, Patch(fields={"title": "Pay it"}))
    camp.meet()

    await tab.until(lambda: titles(tab) == ["Pay it"])  # it reads what is, and moves nothing
    await tab.until(lambda: len(titles(tab)) == 2)  # once nobody scrolls any more


def titles(tab: Tab) -> list[str]:
    rows = tab.find_all(ft.ListTile)
    return [text_of(row.title) for row in rows if isinstance(row.title, ft.Text)]


@pytest.mark.parametrize("way", ["Try again", "Take back", "Save as new"])
async def test_what_is_refused_has_exactly_three_ways_out(way: str, tab: Tab, bea: Replica) -> None:
    note = bea.add_note("Log", body="One.\n")
    bea.edit(note, Patch(body="One.\nTwo.\n"))
    refused_at(bea, note, 1)
    bea.edit(bea.add_note("Another"), Patch(body="x"))  # so that the list hears of it
    await tab.open_row("The server refused a change")
    await tab.text("On the server")
    assert [
        str(button.content)
        for button in tab.find_all(ft.OutlinedButton)
        if button.content in ("Try again", "Take back", "Save as new")
    ] == ["Try again", "Take back", "Save as new"]
    await tab.text("Two.")

    await tab.press(way)

    await tab.until(lambda: not bea.parked())
    bodies = sorted(str(bea.note(DocId(row.id)).body) for row in bea.notes() if row.title == "Log")
    assert (
        bodies
        == {
            "Try again": ["One.\nTwo.\n"],
            "Take back": ["One.\n"],
            "Save as new": ["One.\n", "One.\nTwo.\n"],
        }[way]
    )


async def test_a_text_that_was_taken_back_waits_and_can_be_put_in(tab: Tab, bea: Replica) -> None:
    note = bea.add_note("Log", body="One.\n")
    bea.edit(note, Patch(body="One.\nTwo.\n"))
    refused_at(bea, note, 1)
    bea.take_back(note)
    await tab.open_row("A text that was taken back")
    await tab.text("As it was written")

    await tab.press("Put it in")

    await tab.until(lambda: bea.note(note).body == "One.\nTwo.\n")
    assert bea.held_drafts() == []


async def test_the_badge_counts_all_that_the_list_names(camp: Camp, tab: Tab, bea: Replica) -> None:
    def badge() -> object:
        rail = tab.find(ft.NavigationRail)
        (icon,) = (each.icon for each in rail.destinations if each.label == "Conflicts")
        assert isinstance(icon, ft.Icon)
        return icon.badge

    apart(camp)
    await tab.until(lambda: badge() == "1")
    note = bea.add_note("Log", body="One.\n")
    bea.edit(note, Patch(body="One.\nTwo.\n"))
    refused_at(bea, note, 1)
    bea.edit(bea.add_note("Another"), Patch(body="x"))  # so that the badge hears of it
    await tab.until(lambda: badge() == "2")

    bea.take_back(note)

    await tab.text("A text that was taken back")
    assert (bea.parked(), badge()) == ([], "2")
    bea.drop_held(note)
    await tab.until(lambda: badge() == "1")


def _take(tab: Tab, words: str) -> ft.FilledTonalButton | ft.OutlinedButton:
    return _labelled(tab, f": {words}")


def _labelled(tab: Tab, words: str) -> ft.FilledTonalButton | ft.OutlinedButton:
    buttons: list[ft.FilledTonalButton | ft.OutlinedButton] = [
        *tab.find_all(ft.FilledTonalButton),
        *tab.find_all(ft.OutlinedButton),
    ]
    for button in buttons:
        if isinstance(button.content, ft.Text) and words in str(button.content.semantics_label):
            return button
    raise LookupError(words)


async def test_nothing_is_said_to_be_gone_before_it_was_looked_for(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    apart(camp)
    row = await tab.until(lambda: tab.row("Book the late bus"))

    with late_answer(bea, "conflicts") as answer:
        await tab.fire(row, "click")
        await tab.until(answer.is_asked.is_set)
        assert not [text for text in tab.texts() if "is gone" in text]
        answer.come()
        await tab.text("Or combine them")


async def test_a_conflict_that_somebody_settles_while_it_is_open_says_so(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    apart(camp)
    await tab.open_row("The title was written differently")
    (row,) = bea.conflicts()

    camp["ann"].resolve(ConflictId(row.id), take=0)
    camp.meet()

    await tab.text("Settled by Ann")


async def test_an_item_names_its_first_conflicts_and_leads_to_the_rest(
    camp: Camp, tab: Tab, bea: Replica
) -> None:
    task = apart(camp)
    for name, values in (("due", ("2030-01-05", "2030-01-06")), ("priority", ("high", "low"))):
        for person, value in zip(("ann", "bea"), values, strict=True):
            camp[person].edit(task, Patch(fields={name: value}))
    camp.meet()
    await tab.go("Tasks")
    await tab.open_row(bea.task(task).title)
    await tab.press("1 more")

    await tab.until(lambda: len([t for t in tab.texts() if "written differently" in t]) == 3)
