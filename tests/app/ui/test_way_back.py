"""Every act of the app tells of itself with its way back: one table, one mechanism."""

import inspect
import re
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.act_words import act_words, done_words
from app.ui.appearance import read_appearance
from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.imports import IMPORT_ACT
from store.replica import Replica
from store.replica import ledger as ledger_acts
from store.replica import writes as item_acts
from store.replica.authority import Answer
from tests.support.counter import Counter, counter
from tests.support.flet_harness import Tab
from tests.support.refusing import refused_at


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    """Ann's home with a task, a note, supplies and budgets, all decided."""
    with counter(tmp_path) as made:
        made.stock_up()
        rope = made.replica.add_task(NewTask("Buy rope"))
        made.replica.add_task(NewTask("Ask Kit", parent=rope))
        made.replica.add_note("Plan", body="At six.")
        made.replica.edit(rope, Patch(fields={"priority": "low"}))
        refuse_a_wish(made)
        refuse_a_line(made.replica)
        yield made


def refuse_a_wish(ann: Counter) -> None:
    """Money that was to be paid in is refused."""
    ann.replica.deposit("Food", "3")
    batch = ann.replica.next_commands(ann.space, 50)
    said = [Answer(one.key, False, "insufficient", "The till is shut.") for one in batch]
    ann.replica.learn(ann.space, batch, said)


def refuse_a_line(replica: Replica) -> None:
    """A note's second line is refused."""
    log = replica.add_note("Log", body="One.")
    replica.edit(log, Patch(body="One.\nTwo."))
    refused_at(replica, log, 1)


@pytest.fixture
async def tab(ann: Counter) -> AsyncIterator[Tab]:
    opened = await Tab.open(ann.replica)
    yield opened
    await opened.close()


def shown(replica: Replica) -> object:
    """All that lists show."""
    tasks = [
        (row.id, row.title, row.state, row.due, row.priority, row.list, row.assignee, row.tags)
        for row in replica.tasks()
    ]
    notes = [(row.id, row.title, row.tags, row.pinned) for row in replica.notes()]
    money = replica.budgets(), replica.bookings()
    refused = replica.parked(), replica.held_drafts(), replica.notices()
    chosen = replica.identity, read_appearance(replica), replica.thresholds()
    return tasks, notes, replica.supplies(), replica.reservations(), money, refused, chosen


async def task_page(tab: Tab) -> None:
    await tab.key("I")
    await tab.open_row("Buy rope")
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value="Buy rope"))


async def note_page(tab: Tab) -> None:
    await tab.go("Notes")
    await tab.open_row("Plan")
    await tab.until(lambda: tab.find(ft.TextField, label="Title", value="Plan"))


def page_of(screen: str, row: str, said: str) -> Callable[[Tab], Awaitable[None]]:
    async def go(tab: Tab) -> None:
        await tab.go(screen)
        await tab.open_row(row)
        await tab.text(said)

    return go


async def bookings(tab: Tab) -> None:
    await tab.go("Budget")
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.text("New booking")


def pressing(name: str) -> Callable[[Tab], Awaitable[None]]:
    return lambda tab: tab.press(name)


def entering(label: str, text: str) -> Callable[[Tab], Awaitable[None]]:
    return lambda tab: tab.enter(label, text)


async def choose_priority(tab: Tab) -> None:
    await tab.fire(tab.find(ft.DropdownM2, label="Priority"), "change", value="high")


async def add_subtask(tab: Tab) -> None:
    await tab.type("New subtask", "Pay")
    await tab.fire(tab.find(ft.TextField, label="New subtask"), "submit")


async def tick_subtask(tab: Tab) -> None:
    boxes = await tab.until(lambda: tab.find_all(ft.Checkbox, semantics_label="Done: Ask Kit"))
    await tab.fire(boxes[-1], "change", True, value=True)


async def put_in_stock(tab: Tab) -> None:
    await tab.press("New supplies")
    await tab.type("Name", "Rope")
    await tab.type("How many there are", "3")
    await tab.press("Put in stock")


async def open_budget(tab: Tab) -> None:
    await tab.type("New budget", "Kitty")
    await tab.press("Open")


async def pay_in(tab: Tab) -> None:
    await tab.type("Pay in (EUR)", "5")
    await tab.press("Pay in")


async def move_money(tab: Tab) -> None:
    await tab.type("Move (EUR)", "20")
    await tab.press("Move")


async def book(tab: Tab) -> None:
    await tab.type("What for", "Weekend")
    await tab.press("Add to the booking")
    await tab.text("1 × Stove")
    await tab.press("Book all of it")


async def take_quota(tab: Tab) -> None:
    await tab.type("Pieces", "1")
    await tab.press("Take as quota")


async def new_note(tab: Tab) -> None:
    await tab.press("New note")


async def thresholds(tab: Tab) -> None:
    await tab.go("Sync health")
    await tab.press("When to warn…")


async def know(tab: Tab) -> None:
    await tab.go("Conflicts")
    row = next(each for each in tab.core.replica.notices())
    await tab.open_row(row.title)


Step = Callable[[Tab], Awaitable[None]]
tents = page_of("Supplies", "Tent", "Who has what")
stove = page_of("Supplies", "Stove", "Who has what")
food = page_of("Budget", "Food", "Entries")
refusal = page_of("Conflicts", "Log", "What shall become of it")
ACTS: dict[str, tuple[Step, Step]] = {
    "a task is started": (task_page, pressing("Start")),
    "a task is finished": (task_page, pressing("Done")),
    "a task is cancelled": (task_page, pressing("Cancel task")),
    "a title is written": (task_page, entering("Title", "Buy a rope")),
    "a due date is chosen": (task_page, pressing("Tomorrow")),
    "a priority is chosen": (task_page, choose_priority),
    "a list is written": (task_page, entering("List", "Trip")),
    "somebody is assigned": (task_page, entering("Assignee", "Bea")),
    "tags are written": (task_page, entering("Tags", "gear, food")),
    "a subtask is added": (task_page, add_subtask),
    "a subtask is ticked": (task_page, tick_subtask),
    "a task is put in the trash": (task_page, pressing("Put in the trash")),
    "a note is made": (lambda tab: tab.go("Notes"), new_note),
    "a note is renamed": (note_page, entering("Title", "The plan")),
    "a note is pinned": (note_page, pressing("Pin")),
    "a note is put in the trash": (note_page, pressing("Put in the trash")),
    "supplies are put in stock": (lambda tab: tab.go("Supplies"), put_in_stock),
    "pieces are reserved": (tents, pressing("Reserve")),
    "a quota is taken": (tents, take_quota),
    "a hold is confirmed": (stove, pressing("Confirm")),
    "a budget is opened": (lambda tab: tab.go("Budget"), open_budget),
    "money is paid in": (food, pay_in),
    "money is moved": (food, move_money),
    "several things are booked": (bookings, book),
    "a refused change is taken back": (refusal, pressing("Take back")),
    "a refused change is saved as new": (refusal, pressing("Save as new")),
    "a refused change is tried again": (refusal, pressing("Try again")),
    "a refused wish is known": (know, pressing("I know")),
    "a name is changed": (lambda tab: tab.go("Settings"), entering("Your name", "Anna")),
    "it is made dark": (lambda tab: tab.go("Settings"), pressing("Dark")),
    "a threshold is set": (thresholds, entering("Stuck after (s)", "7")),
}


@pytest.mark.parametrize("act", ACTS)
async def test_what_was_done_says_so_and_is_undone_from_there(
    ann: Counter, tab: Tab, act: str
) -> None:
    there, do = ACTS[act]
    await there(tab)
    before = shown(ann.replica)
    assert tab.find_all(ft.SnackBarAction) == []

    await do(tab)
    await tab.until(lambda: shown(ann.replica) != before)
    await tab.press_action("Undo")

    await tab.text("Undone")
    assert shown(ann.replica) == before


async def test_what_is_given_back_can_be_had_again(ann: Counter, tab: Tab) -> None:
    """By a wish of its own: it may be somebody else's by then, and says how sure it is."""
    await stove(tab)
    await tab.press("Give back")
    await tab.text("It goes back.")

    await tab.press_action("Undo")

    await tab.text("Undone: giving supplies back")
    ann.sync()
    states = [row.state for row in ann.replica.reservations() if row.item_name == "Stove"]
    assert states == ["released", "confirmed"]


async def test_what_a_sentence_tells_of_is_undone_even_if_more_was_done_since(
    ann: Counter, tab: Tab
) -> None:
    await task_page(tab)
    await tab.press("Start")
    undo = await tab.until(lambda: tab.find(ft.SnackBarAction, label="Undo"))
    later = ann.replica.add_task(NewTask("Wax the boots"))

    await tab.fire(undo, "click")

    await tab.text("Undone: starting a task")
    assert later in [DocId(row.id) for row in ann.replica.tasks()]


async def test_undo_of_what_was_just_typed_says_one_thing(ann: Counter, tab: Tab) -> None:
    """A draft becomes a change first, which is an act that nobody has to hear of."""
    note = DocId(ann.replica.notes()[0].id)
    _, heads = ann.replica.text(note)
    ann.replica.save_draft(note, "At seven.", heads)

    await tab.key("Z", ctrl=True)

    await tab.text("Undone: an edit")
    assert "Changed." not in tab.texts()
    assert (ann.replica.note(note).body, ann.replica.text(note)[0]) == ("At six.", "At six.")


def test_every_act_that_the_store_keeps_has_words() -> None:
    """Their labels stand in the two modules of acts, beside what records them."""
    said = inspect.getsource(item_acts) + inspect.getsource(ledger_acts)
    labels = set(re.findall(r'(?:record_act\(\S+ |_undoable\(|_wishing\()"([a-z-]+)"', said))
    assert len(labels) > 20, "they are found"

    for label in {*labels, *item_acts_by_event(), IMPORT_ACT}:
        assert act_words(label) != label, label
        assert not done_words(label).startswith("Done:"), label


def item_acts_by_event() -> tuple[str, ...]:
    """Lifecycle events are their own labels."""
    return ("start", "block", "done", "cancel", "reopen")
