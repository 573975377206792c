"""Every text and picture can be read (WCAG AA): in both themes, in every colour one may choose."""

from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.ui.appearance import SEEDS
from app.ui.first_run import finish_first_run
from store.commands.asking import Plan, PlanFee
from store.commands.patches import NewTask, Patch
from store.domain.ids import DocId
from store.domain.ledger import commands as c
from store.domain.measures import names
from store.domain.measures.windows import MINUTE_MS
from store.measures.recording import record
from store.measures.samples import Samples
from store.replica import Replica
from tests.support.counter import Counter, counter
from tests.support.flet_harness import Tab
from tests.support.inks import Drawn, drawn
from tests.support.material import Rgb, contrast, rgb, scheme
from tests.support.people import Camp

TEXT_MIN = 4.5
PICTURE_MIN = 3.0


@pytest.fixture
def busy_home(camp: Camp) -> Replica:
    """A home with overdue and important tasks, a note, a settled and an open conflict."""
    ana, bea = camp["ana"], camp["bea"]
    finish_first_run(ana)
    for priority in ("low", "medium", "high", None):
        ana.add_task(
            NewTask(f"Task {priority}", due="2020-01-05", priority=priority, tags=("climb",)),
            space=camp.space,
        )
    ana.add_note("Plan", body="We leave at six.", space=camp.space)
    doc = DocId(ana.tasks()[0].id)
    ana.transition(doc, "block", reason="closed")
    ana.transition(DocId(ana.tasks()[1].id), "done")
    camp.give("ana", "bea")
    for someone, title in ((ana, "Early"), (bea, "Late")):
        someone.edit(doc, Patch(fields={"title": title}))
    camp.give("bea", "ana")
    return ana


@pytest.fixture
def camp(tmp_path_factory: pytest.TempPathFactory) -> Camp:
    return Camp(tmp_path_factory.mktemp("camp"), "bea", "ana")


async def everything_drawn(replica: Replica) -> set[Drawn]:
    """Walk the app: every screen, wide and narrow, what opens above them."""
    seen: set[Drawn] = set()
    for width in (1_300, 390):
        tab = await Tab.open(replica, width=width)
        seen |= await _walk(tab, replica.conflicts(remember=False)[0].title)
        await tab.close()
    return seen


async def _walk(tab: Tab, task: str) -> set[Drawn]:
    seen: set[Drawn] = set()
    await tab.key("T")
    await tab.text("Overdue")
    seen |= drawn(tab)
    await tab.open_row(task)
    await tab.text("What happened")
    seen |= drawn(tab)
    for screen, said in (
        ("Notes", "Plan"),
        ("Search", "Type a word"),
        ("Conflicts", "written differently"),
        ("Activity", "“Plan”"),
        ("Settings", "Appearance"),
    ):
        await tab.go(screen)
        await tab.text(said)
        seen |= drawn(tab)
    for key, said in (("?", "Keyboard shortcuts"), ("S", "Nothing has to be sent")):
        await tab.key(key)
        dialog = await tab.until(lambda: tab.find(ft.AlertDialog))
        await tab.text(said)
        seen |= drawn(tab)
        await tab.press("Close")
        await tab.fire(dialog, "dismiss", open=False)
    return seen


async def test_every_text_and_picture_can_be_read(busy_home: Replica) -> None:
    seen = await everything_drawn(busy_home)
    assert len(seen) > 25, "the walk sees the app"

    expect_readable(seen)


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Counter]:
    """A home with reservations, bookings and measures of every colour."""
    with counter(tmp_path) as ann:
        finish_first_run(ann.replica)
        tent = ann.item("escrow")
        ann.item("oversell", count=2, name="Seat", oversell_percent=50)
        for name in ("Food", "Hut"):
            ann.replica.add_budget(name, "EUR")
        ann.replica.deposit("Food", "20")
        ann.replica.take_quota("Tent", 2)
        ann.sync()
        ann.replica.release(ann.replica.reserve("Tent", 1))
        for count in (2, 1):
            ann.replica.reserve("Seat", count)
        ann.sync()
        ann.authority.ask(c.Settle(ann.replica.supply("Seat").id))
        for fee in ("15", "15"):
            ann.replica.book(Plan(f"Trip for {fee}", ((tent, 1),), PlanFee("Food", "Hut", fee)))
        ann.sync()
        ann.authority.run_sagas()
        ann.pull()
        ann.replica.reserve("Tent", 1)
        ann.replica.reserve("Tent", 3)
        ann.replica.transfer("Food", "Hut", "1")
        samples = Samples()
        samples.took(names.PROBE_LAG, 9_000.0)
        samples.count(names.OPERATIONS, by=10)
        samples.count(names.RETRIED, "unreachable", 5)
        with ann.replica.db.write() as conn:
            record(conn, samples, ann.replica.health().at_ms - MINUTE_MS)
        yield ann


async def test_supplies_money_and_health_can_be_read(shop: Counter) -> None:
    seen: set[Drawn] = set()
    for width in (1_300, 390):
        tab = await Tab.open(shop.replica, width=width)
        for there in WALK:
            await there(tab)
            seen |= drawn(tab)
        await tab.close()
    assert len(seen) > 20, "the walk sees the pages"

    expect_readable(seen)


async def new_supplies(tab: Tab) -> None:
    await tab.go("Supplies")
    await tab.press("New supplies")
    await tab.text("Technical name")


async def item_of(tab: Tab, name: str) -> None:
    await tab.go("Supplies")
    await tab.open_row(name)
    await tab.text("How it may be reserved")
    await tab.press("What owners may do")
    await tab.text("Where something has to be taken back")


async def bookings(tab: Tab) -> None:
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.text("Trip for 15")


async def back(tab: Tab) -> None:
    """Leave the page of an item where it hides the list."""
    if tab.find_all(ft.NavigationBar):
        await tab.press("Back to the list")


async def budget(tab: Tab) -> None:
    await tab.go("Budget")
    await tab.open_row("Food")
    await tab.text("Entries")


async def health(tab: Tab) -> None:
    await tab.go("Sync health")
    await tab.press("When to warn…")
    await tab.text("An alert stands above")


WALK: tuple[Callable[[Tab], Awaitable[None]], ...] = (
    lambda tab: tab.go("Supplies"),
    new_supplies,
    back,
    lambda tab: item_of(tab, "Seat"),
    back,
    lambda tab: item_of(tab, "Tent"),
    budget,
    back,
    bookings,
    health,
)


def expect_readable(seen: set[Drawn]) -> None:
    """Look at every pair of colours, in every scheme."""
    poor = [
        f"{name}, dark={dark}: {one.said!r} is {one.ink} on {one.ground}: {ratio:.2f}"
        for name, seed in SEEDS.items()
        for dark in (False, True)
        for one in seen
        if (ratio := _ratio(one, scheme(seed, dark=dark)))
        < (TEXT_MIN if one.is_text else PICTURE_MIN)
    ]

    assert not poor, "\n".join(sorted(poor))


def _ratio(one: Drawn, colours: dict[str, Rgb]) -> float:
    return contrast(_colour(one.ink, colours), _colour(one.ground, colours))


def _colour(name: str, colours: dict[str, Rgb]) -> Rgb:
    return rgb(int(name[1:], 16)) if name.startswith("#") else colours[name]


@pytest.mark.parametrize(
    ("one", "other", "ratio"),
    [
        ((0, 0, 0), (255, 255, 255), 21.0),
        ((255, 255, 255), (255, 255, 255), 1.0),
        ((0x76, 0x76, 0x76), (255, 255, 255), 4.54),
        ((0x77, 0x77, 0x77), (255, 255, 255), 4.48),
    ],
)
def test_contrast_is_as_the_standard_has_it(one: Rgb, other: Rgb, ratio: float) -> None:
    assert contrast(one, other) == pytest.approx(ratio, abs=0.005)


def test_the_schemes_are_flutters_own() -> None:
    """Read off the screen of the app with the first seed in light."""
    light = scheme(SEEDS["Lichen"], dark=False)

    assert light["surface"] == (0xF5, 0xFB, 0xF7)
    assert light["primary"] == (0x05, 0x6B, 0x5B)
    assert light["secondarycontainer"] == (0xCD, 0xE8, 0xE0)
