"""A note: written and read side by side, ticked, linked, and changed by others while it is open."""

import asyncio
from pathlib import Path

import flet as ft

from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.replica import Replica
from tests.support.flet_harness import Tab, text_of

PLAN = "# Plan\n\n- [ ] big rope\n- [x] map\n\nSee [[Buy rope]].\n"


def read(tab: Tab) -> list[str]:
    """What the preview says."""
    return [each.value for each in tab.find_all(ft.Markdown)]


def selected(tab: Tab) -> tuple[int, int] | None:
    """What is selected in the box."""
    found = tab.find(ft.TextField, label="Text").selection
    return None if found is None else (found.base_offset, found.extent_offset)


async def opened(tab: Tab, replica: Replica, body: str = PLAN) -> DocId:
    doc = replica.add_note("Plan", body=body)
    await tab.go("Notes")
    await tab.open_row("Plan")
    await tab.until(lambda: tab.find(ft.TextField, label="Text", value=body))
    return doc


async def test_what_is_written_is_read_beside_it(tab: Tab, replica: Replica) -> None:
    await opened(tab, replica)
    await tab.until(lambda: "# Plan" in read(tab))

    await tab.type("Text", "# Another plan\n")

    await tab.until(lambda: read(tab) == ["# Another plan"])


async def test_a_tick_in_the_preview_is_saved_and_stands_in_the_box(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica)
    box = await tab.until(lambda: tab.find(ft.Checkbox, semantics_label="Tick: big rope"))

    await tab.fire(box, "change", True, value=True)

    await tab.until(lambda: "- [x] big rope" in (replica.note(doc).body or ""))
    field = tab.find(ft.TextField, label="Text")
    assert field.value == PLAN.replace("[ ] big", "[x] big")


async def test_a_tick_meets_what_was_typed_meanwhile(tab: Tab, replica: Replica) -> None:
    doc = await opened(tab, replica)
    box = await tab.until(lambda: tab.find(ft.Checkbox, semantics_label="Tick: big rope"))

    await tab.type("Text", "First.\n" + PLAN)
    await tab.fire(box, "change", True, value=True)

    wanted = "First.\n" + PLAN.replace("[ ] big", "[x] big")
    await tab.until(lambda: replica.note(doc).body == wanted)


async def test_where_it_is_narrow_one_writes_or_reads(replica: Replica) -> None:
    tab = await Tab.open(replica, width=400)
    await opened(tab, replica)
    assert not tab.find_all(ft.Markdown)
    switch = tab.find(ft.SegmentedButton)
    assert [segment.label for segment in switch.segments] == ["Write", "Preview"]

    await tab.fire(switch, "change", selected=["read"])

    await tab.until(lambda: "# Plan" in read(tab))
    assert not tab.find_all(ft.TextField, label="Text")
    await tab.fire(tab.find(ft.SegmentedButton), "change", selected=["write"])
    await tab.until(lambda: tab.find(ft.TextField, label="Text", value=PLAN))
    await tab.close()


async def test_links_are_followed_and_followed_back(tab: Tab, replica: Replica) -> None:
    rope = replica.add_task(NewTask("Buy rope"))
    doc = await opened(tab, replica)
    await tab.until(lambda: f"See [Buy rope](cairn:{rope})." in read(tab))
    await tab.text("Leads to")

    link = next(each for each in tab.find_all(ft.Markdown) if "cairn:" in each.value)
    await tab.fire(link, "tap_link", f"cairn:{rope}")

    await tab.text("Linked from")
    await tab.press("Plan")
    assert await tab.until(lambda: tab.find(ft.TextField, label="Title", value="Plan"))
    assert replica.links(doc).ahead[0].id == rope


async def test_a_link_to_what_is_not_there_yet_makes_it_when_wanted(
    tab: Tab, replica: Replica
) -> None:
    doc = await opened(tab, replica, "Keys: [[The hut]].")
    await tab.until(lambda: "Keys: [The hut](cairn-new:The%20hut)." in read(tab))
    link = next(each for each in tab.find_all(ft.Markdown) if "cairn-new:" in each.value)

    going = asyncio.ensure_future(tab.fire(link, "tap_link", "cairn-new:The%20hut"))
    await tab.press("Make it")
    await going

    await tab.until(lambda: tab.find(ft.TextField, label="Title", value="The hut"))
    assert [row.title for row in replica.links(doc).ahead] == ["The hut"]


async def test_a_link_is_put_in_by_id(tab: Tab, replica: Replica) -> None:
    rope = replica.add_task(NewTask("Buy [new] rope"))
    doc = await opened(tab, replica, "See .")
    field = tab.find(ft.TextField, label="Text")
    await tab.fire(field, "focus")
    await tab.fire(
        field,
        "selection_change",
        {"selected_text": "", "selection": {"base_offset": 4, "extent_offset": 4}},
    )

    pressing = asyncio.ensure_future(tab.press("Link to a task or note"))
    await tab.type("Find a task or note", "rope")
    await tab.open_row("Buy [new] rope")
    await pressing

    await tab.until(lambda: replica.note(doc).body == f"See [Buy \\[new\\] rope](cairn:{rope}).")
    assert [row.id for row in replica.links(doc).ahead] == [rope]


async def test_what_came_from_elsewhere_is_told_and_shown(
    tab: Tab, replica: Replica, tmp_path: Path
) -> None:
    doc = await opened(tab, replica, "We leave at six.\n")
    with Replica.open(tmp_path / "home") as beside:
        beside.edit(doc, Patch(body="We leave at seven.\nBring rope.\n"))

    await tab.text("edited 2 places")
    await tab.press("Show")

    await tab.text("We leave at six\u200aseven.")  # struck through, and added
    row = next(
        each
        for each in tab.find_all(ft.ListTile)
        if isinstance(each.title, ft.Text) and "seven" in text_of(each.title)
    )
    await tab.fire(row, "click")
    await tab.until(lambda: selected(tab) == (12, 17))
    await tab.press("Dismiss what was edited")
    await tab.gone("edited 2 places")


async def test_no_picture_is_loaded_from_outside(tab: Tab, replica: Replica) -> None:
    await opened(tab, replica, "![a hut](https://hut.example/a.png)")

    await tab.until(lambda: read(tab) == ["[🖼 a hut](https://hut.example/a.png)"])


async def test_on_a_narrow_page_what_is_said_about_a_note_is_folded_away(replica: Replica) -> None:
    tab = await Tab.open(replica, width=400)
    replica.add_note("Hut", body="[[Plan]]")
    doc = await opened(tab, replica)
    assert not tab.find_all(ft.TextField, label="Tags")

    await tab.press("About this note")
    await tab.text("Linked from")
    await tab.enter("Tags", "trip")

    assert replica.note(doc).tags == ("trip",)
    await tab.press("Less")
    await tab.text("#trip")
    await tab.close()


def disagree(replica: Replica, doc: DocId, old: str, one: str, other: str) -> None:
    """Write two things in place of one, apart."""
    body, base = replica.text(doc)
    for words in (one, other):
        replica.edit(doc, Patch(body=body.replace(old, words), body_base=base))


async def test_the_lines_of_conflicts_stay_while_another_one_comes(
    tab: Tab, replica: Replica
) -> None:
    doc = DocId(replica.add_note("Plan", body="one two six\n\nto the end"))
    disagree(replica, doc, "two", "2", "II")
    await tab.go("Notes")
    await tab.open_row("Plan")
    await tab.text("The same passage")
    lines: list[int] = []

    def both_there() -> bool:
        lines.append(sum("The same passage" in each for each in tab.texts()))
        return lines[-1] == 2

    disagree(replica, doc, "end", "stop", "last")
    await tab.until(both_there)

    assert 0 not in lines
