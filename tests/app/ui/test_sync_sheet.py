"""The sync sheet: whether the lid may be closed, what waits, who confirmed, and ways out."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.ui.lid import lid
from app.ui.standing import retry_in_s
from app.ui.words import sync_chip
from store.documents.trial import TrialLoader
from store.peers import PeerState, set_state
from store.rows import PeerRow, SafeToClose, Status, StatusState
from sync.client.timetable import Phase, SchedulerState
from tests.support.flet_harness import Tab
from tests.sync.client.world import Person, World, world


@pytest.fixture
def here(tmp_path: Path, trial: TrialLoader) -> Iterator[World]:
    with world(tmp_path, trial) as made:
        yield made


@pytest.fixture
async def alice(here: World) -> Person:
    return await here.found("alice")


@pytest.fixture
async def tab(alice: Person) -> AsyncIterator[Tab]:
    """Alice's app."""
    opened = await Tab.open(alice.replica)
    yield opened
    await opened.close()


def peer(**known: object) -> PeerRow:
    usual: dict[str, object] = {
        "id": "p",
        "space": "Hut",
        "url": "https://hut.example",
        "kind": "server",
        "state": "idle",
        "push_pending": 0,
        "last_seen_at_ms": 1,
        "last_synced_at_ms": 1,
        "error": None,
        "retry_at_ms": None,
    }
    return PeerRow(**{**usual, **known})  # type: ignore[arg-type]


def status(*peers: PeerRow, synced_at: int | None = 1) -> Status:
    return Status("synced", 0, 0, 0, synced_at, None, peers)


def kept(*, pending: int = 0, parked: int = 0, drafts: int = 0, only_here: int = 0) -> SafeToClose:
    return SafeToClose(pending, parked, drafts, only_here)


@pytest.mark.parametrize(
    ("known", "safe", "light", "words"),
    [
        (status(), kept(only_here=3), "alone", "Nothing has to be sent"),
        (status(peer()), kept(), "safe", "Safe to close the lid"),
        (status(peer(state="offline")), kept(), "safe", "Safe to close the lid"),
        (status(peer()), kept(pending=1), "wait", "Not yet: 1 change on this device only"),
        (status(peer()), kept(pending=2, drafts=1), "wait", "Not yet: 3 changes on this device"),
        (status(peer()), kept(drafts=1), "wait", "Not yet: 1 change on this device only"),
        (status(peer(), synced_at=None), kept(), "wait", "Not yet: a space was never fetched"),
        (status(peer()), kept(parked=1), "stuck", "Not safe: 1 item refused"),
        (status(peer()), kept(pending=1, parked=2), "stuck", "Not safe: 2 items refused"),
    ],
)
def test_only_what_somebody_acknowledged_lets_one_close_the_lid(
    known: Status, safe: SafeToClose, light: str, words: str
) -> None:
    said = lid(known, safe)

    assert said.light == light
    assert said.words.startswith(words)


def test_what_nobody_shares_is_named_and_does_not_count() -> None:
    said = lid(status(peer()), kept(only_here=2))

    assert said.light == "safe"
    assert "2 items of spaces that nobody shares are on this device only" in said.sentence


@pytest.mark.parametrize(
    ("row", "left"),
    [
        (peer(state="retrying", retry_at_ms=12_400), 3),
        (peer(state="offline", retry_at_ms=9_000), 0),
        (peer(state="retrying"), None),
        (peer(state="syncing", retry_at_ms=12_400), None),
    ],
)
def test_the_time_until_a_peer_is_tried_again(row: PeerRow, left: int | None) -> None:
    assert retry_in_s(row, 10.0) == left


async def marked(tab: Tab, mark: str) -> None:
    await tab.until(lambda: tab.find(ft.Icon, semantics_label=mark))


async def test_a_row_is_pending_then_synced_and_the_light_follows(tab: Tab, alice: Person) -> None:
    await tab.press("Sync: synced")
    await tab.text("Safe to close the lid")

    alice.add("Buy rope")
    await marked(tab, "waiting to be sent")
    await tab.text("Not yet: 1 change on this device only")
    await tab.text("Waiting: “Buy rope”")

    await alice.sync()
    await marked(tab, "synced")
    await tab.text("Safe to close the lid")
    await tab.text("last confirmed")
    await tab.gone("Waiting:")


async def test_what_was_typed_and_is_no_change_yet_keeps_the_light_from_green(
    tab: Tab, alice: Person
) -> None:
    doc = alice.add("Buy rope")
    await alice.sync()
    text, heads = alice.replica.text(doc)
    alice.replica.save_draft(doc, text + "60 m", heads)
    await tab.press("Sync: synced")

    await tab.text("Not yet: 1 change on this device only")


async def test_without_a_network_it_says_when_it_is_tried_again_and_one_may_hurry(
    tab: Tab, alice: Person
) -> None:
    alice.add("Buy rope")
    soon = int(tab.core.replica._clock_ms()) + 600_000_000_000
    with alice.replica.db.write() as conn:
        set_state(
            conn,
            alice.peer().id,
            PeerState.RETRYING,
            error="It said: too busy.",
            retry_at_ms=soon,
        )
    await tab.key("S")

    await tab.text("It said: too busy.")
    await tab.text("retrying in")
    await tab.press("Retry now")
    assert tab.sync.retries == 1


@pytest.fixture
async def refused(here: World, alice: Person, tab: Tab) -> Person:
    """Alice's second title was refused by the server for good."""
    doc = alice.add("Buy rope")
    await alice.sync()
    alice.retitle(doc, "Buy 60 m of rope")
    here.examiner.refuses.add(alice.log(doc)[-1].hash)
    result = await alice.engine.sync_until_quiet(alice.space)
    assert result.parked == 1
    return alice


async def test_what_is_refused_for_good_is_an_error_with_exactly_three_ways_out(
    tab: Tab, refused: Person
) -> None:
    menu = await tab.until(
        lambda: tab.find(ft.PopupMenuButton, tooltip="Refused: Buy 60 m of rope")
    )

    assert [item.content for item in menu.items] == ["Try again", "Take back", "Save as new"]
    await tab.press("Sync: needs attention")
    await tab.text("Not safe: 1 item refused")
    await tab.text("It can't be loaded.")


async def go(tab: Tab, way: str) -> None:
    item = await tab.until(lambda: tab.find(ft.PopupMenuItem, content=way))
    await tab.fire(item, "click")


async def test_a_refused_change_is_tried_again_from_its_row(
    here: World, tab: Tab, refused: Person
) -> None:
    here.examiner.refuses.clear()
    await go(tab, "Try again")
    await marked(tab, "waiting to be sent")

    await refused.sync()

    await marked(tab, "synced")
    assert refused.titles() == ["Buy 60 m of rope"]


async def test_a_refused_change_is_taken_back_from_its_row(tab: Tab, refused: Person) -> None:
    await go(tab, "Take back")

    await marked(tab, "synced")
    assert refused.titles() == ["Buy rope"]


async def test_a_refused_change_is_saved_as_a_new_item_from_its_row(
    tab: Tab, refused: Person
) -> None:
    await go(tab, "Save as new")

    await tab.until(lambda: refused.titles() == ["Buy 60 m of rope", "Buy rope"])
    await refused.sync()
    await marked(tab, "synced")


async def test_offline_is_said_and_the_row_stays_pending(tab: Tab, alice: Person) -> None:
    alice.network.is_down = True
    alice.add("Buy rope")

    await alice.engine.sync_until_quiet(alice.space)

    await marked(tab, "waiting to be sent")
    await tab.press("Sync: offline, 1 waiting")
    await tab.text("can't be reached")
    await tab.text("Not yet: 1 change on this device only")


@pytest.mark.parametrize(
    ("state", "phase", "pending", "retry_s", "words", "can_hurry"),
    [
        ("local", Phase.IDLE, 0, None, "local only", False),
        ("synced", Phase.IDLE, 0, None, "synced", False),
        ("synced", Phase.SYNCING, 0, None, "syncing", False),
        ("pending", Phase.SYNCING, 3, None, "syncing, 3 waiting", False),
        ("pending", Phase.IDLE, 3, None, "3 waiting", False),
        ("pending", Phase.OFFLINE, 3, None, "offline, 3 waiting", False),
        ("pending", Phase.OFFLINE, 3, 40, "offline, 3 waiting", True),
        ("pending", Phase.BACKING_OFF, 3, 12, "retrying in 12 s, 3 waiting", True),
        ("synced", Phase.BACKING_OFF, 0, 12, "retrying in 12 s", True),
        ("attention", Phase.IDLE, 1, None, "needs attention", False),
        ("synced", Phase.ATTENTION, 0, None, "needs attention", False),
    ],
)
def test_the_chip_says_how_sync_stands(
    state: StatusState, phase: Phase, pending: int, retry_s: int | None, words: str, can_hurry: bool
) -> None:
    status = Status(state, pending, 0, 0, last_synced_at_ms=1, retry_at_ms=None, peers=())

    chip = sync_chip(status, phase, retry_s)

    assert (chip.words, chip.can_hurry) == (words, can_hurry)


@pytest.mark.parametrize(
    ("state", "words"), [("local", "local only, 2 waiting"), ("pending", "2 waiting")]
)
def test_the_chip_says_that_nobody_decides_what_was_asked(state: StatusState, words: str) -> None:
    status = Status(state, 2, 0, 0, None, retry_at_ms=None, peers=(), undecidable=2)

    chip = sync_chip(status, Phase.IDLE, None)

    assert chip.words == words
    assert chip.sentence == "Requests about supplies and money wait: their space has no server."


async def test_from_every_screen_one_may_hurry_what_is_tried_again(tab: Tab, alice: Person) -> None:
    alice.add("Buy rope")
    tab.sync.now, tab.sync.retry_s = SchedulerState(Phase.BACKING_OFF), 12
    await tab.go("Notes")
    await tab.text("retrying in 12 s, 1 waiting")

    await tab.press("Retry now")

    assert tab.sync.retries == 1
