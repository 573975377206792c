"""Supplies and money in the app: what is there, what is mine, how sure, and what was not kept."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import flet as ft
import pytest

from app.supply_words import step_words
from store.commands.asking import Plan, PlanFee
from store.commands.patches import NewTask
from store.domain.ledger import commands as c
from store.domain.ledger.facts import Apology
from store.replica import Replica
from tests.support.counter import Counter, counter
from tests.support.flet_harness import Tab


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    """Ann's home and the authority of its space."""
    with counter(tmp_path) as made:
        yield made


@pytest.fixture
async def tab(ann: Counter) -> AsyncIterator[Tab]:
    opened = await Tab.open(ann.replica)
    yield opened
    await opened.close()


async def test_a_policy_is_chosen_by_what_it_promises_and_its_name_stands_in_the_details(
    ann: Counter, tab: Tab
) -> None:
    await tab.go("Supplies")
    await tab.press("New supplies")
    await tab.type("Name", "4-person tent")
    await tab.type("How many there are", "12")
    await tab.text("Technical name: escrow")
    choice = tab.find(ft.DropdownM2, label="What reserving promises")
    promises = [option.text for option in choice.options or ()]
    assert promises[:4] == [
        "Sure, even offline",
        "Hold for 10 minutes",
        "Only when connected",
        "First come, first served",
    ]
    await tab.fire(choice, "change", value="oversell")
    await tab.text("Technical name: oversell")

    await tab.press("Put in stock")

    await tab.text("12 of 12 left")
    await tab.text("not decided yet")
    row = ann.replica.supply("4-person tent")
    assert (row.count, row.policy.name, row.is_asked) == (12, "oversell", True)


async def test_a_count_that_is_none_is_told_and_nothing_is_made(ann: Counter, tab: Tab) -> None:
    await tab.go("Supplies")
    await tab.press("New supplies")
    await tab.type("Name", "Rope")
    await tab.type("How many there are", "many")

    await tab.press("Put in stock")

    await tab.text("whole number above zero")
    assert ann.replica.supplies() == []


async def test_within_the_quota_reserving_is_certain_and_says_so(ann: Counter, tab: Tab) -> None:
    ann.item("escrow")
    ann.replica.take_quota("Tent", 2)
    ann.sync()
    await tab.go("Supplies")
    await tab.open_row("Tent")
    await tab.text("This device may hand out 2 without a connection")
    await tab.type("How many", "2")

    await tab.press("Reserve")

    await tab.text("2 × Tent: certain")
    await tab.text("2 yours")
    await tab.text("This device may hand out 0")
    await tab.type("How many", "1")
    await tab.press("Reserve")
    await tab.text("1 asked for")
    await tab.text("asked for, not decided")


async def test_a_hold_is_confirmed_by_the_person_and_another_one_given_back(
    ann: Counter, tab: Tab
) -> None:
    item = ann.item("reservation")
    kept = ann.replica.reserve("Tent", 1)
    ann.sync()
    await tab.go("Supplies")
    await tab.open_row("Tent")
    await tab.text("held until")

    await tab.press("Confirm")
    await tab.text("still to be sent")
    ann.sync()
    assert ann.replica.reservation(kept).is_final

    await tab.until(lambda: tab.find(ft.Icon, semantics_label="confirmed"))
    await tab.press("Give back")
    ann.sync()
    await tab.text("given back")
    assert ann.replica.supply(item).available == 5


async def test_a_reservation_can_be_undone_from_what_is_said_about_it(
    ann: Counter, tab: Tab
) -> None:
    ann.item("oversell")
    await tab.go("Supplies")
    await tab.open_row("Tent")
    await tab.press("Reserve")
    await tab.text("1 × Tent: asked for")

    await tab.press_action("Undo")

    await tab.text("Nobody has reserved any.")
    assert ann.replica.reservations() == []


async def test_what_only_a_server_decides_wakes_the_sync(ann: Counter, tab: Tab) -> None:
    ann.item("pessimistic")
    await tab.go("Supplies")
    await tab.open_row("Tent")

    await tab.press("Reserve")

    await tab.until(lambda: tab.sync.retries == 1)


async def test_a_task_claims_supplies_and_shows_the_claim(ann: Counter, tab: Tab) -> None:
    ann.item("escrow")
    ann.replica.take_quota("Tent", 2)
    ann.sync()
    task = ann.replica.add_task(NewTask("Pitch the tents"))
    await tab.open_row("Pitch the tents")
    await tab.type("Pieces", "2")

    await tab.press("Claim")

    await tab.text("You · certain")
    (row,) = ann.replica.reservations(task=task)
    assert (row.count, row.state) == (2, "certain")


async def test_a_refusal_stands_among_the_conflicts_with_its_reason_until_it_is_seen(
    ann: Counter, tab: Tab
) -> None:
    item = ann.item("oversell", oversell_percent=0)
    ann.taken_by_bea(item, 4)
    task = ann.replica.add_task(NewTask("Pitch the tents"))
    ann.replica.reserve("Tent", 2, task=task)
    ann.sync()
    await tab.until(
        lambda: [
            each
            for each in tab.find(ft.NavigationRail).destinations
            if isinstance(each.icon, ft.Icon) and each.icon.badge == "1"
        ]
    )
    await tab.go("Conflicts")
    await tab.text("The server refused it")
    await tab.text("Tent has 1 left, not 2.")
    await tab.open_row("2 × Tent")
    await tab.text("Refused: 2 × Tent.")

    await tab.press("The task")
    await tab.until(lambda: tab.find(ft.TextField, label="Title").value == "Pitch the tents")
    await tab.text("refused: Tent has 1 left")
    await tab.go("Conflicts")
    await tab.press("I know")

    await tab.text("All agree")
    assert ann.replica.notices() == []


async def test_money_under_way_stands_apart_from_what_can_be_spent(ann: Counter, tab: Tab) -> None:
    ann.replica.add_budget("Food", "EUR")
    ann.replica.add_budget("Hut", "EUR")
    ann.replica.deposit("Food", "50")
    ann.sync()
    await tab.go("Budget")
    await tab.open_row("Food")
    await tab.text("50.00 EUR to spend")
    await tab.type("Move (EUR)", "20.00")

    await tab.press("Move")

    await tab.text("30.00 EUR to spend")
    await tab.text("20.00 on its way out")
    await tab.text("EUR (from outside) → Food")


async def test_one_line_of_two_alike_is_left_out_of_a_booking(ann: Counter, tab: Tab) -> None:
    ann.item("escrow")
    await tab.go("Budget")
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.type("Pieces to book", "-1")
    await tab.press("Add to the booking")
    await tab.text("whole number above zero")
    assert "-1 × Tent" not in tab.texts()

    await tab.type("Pieces to book", "1")
    await tab.press("Add to the booking")
    await tab.text("1 × Tent")
    await tab.press("Add to the booking")
    await tab.until(lambda: tab.texts().count("1 × Tent") == 2)
    await tab.press("Leave out Tent")

    await tab.until(lambda: tab.texts().count("1 × Tent") == 1)


async def test_a_button_that_is_pressed_twice_pays_in_once(ann: Counter, tab: Tab) -> None:
    ann.replica.add_budget("Food", "EUR")
    await tab.go("Budget")
    await tab.open_row("Food")
    await tab.type("Pay in (EUR)", "5")
    button = tab.button("Pay in")

    await asyncio.gather(tab.fire(button, "click"), tab.fire(button, "click"))

    ann.sync()
    (food,) = ann.replica.budgets()
    assert food.available == 500


async def test_a_booking_is_a_checklist_whose_steps_are_done_waiting_or_undone(
    ann: Counter, tab: Tab
) -> None:
    ann.item("escrow")
    ann.replica.add_budget("Food", "EUR")
    ann.replica.add_budget("Hut", "EUR")
    ann.sync()
    ann.replica.book(Plan("Hut weekend", (("Tent", 2),), PlanFee("Food", "Hut", "25.00")))
    await tab.go("Budget")
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.text("Hut weekend")
    await tab.text("not begun")
    await tab.text("reserve 2 × Tent")
    assert len(tab.find_all(ft.Icon, semantics_label="waiting")) == 3

    ann.sync()
    ann.authority.run_sagas()
    ann.pull()

    await tab.text("did not work out; all was put back: Food has 0.00 EUR left")
    assert len(tab.find_all(ft.Icon, semantics_label="undone")) == 1
    assert len(tab.find_all(ft.Icon, semantics_label="did not work")) == 1
    await tab.go("Conflicts")
    await tab.text("Hut weekend did not work out; everything it had taken was put back.")


async def test_a_part_of_a_fee_is_told_and_nothing_is_booked(ann: Counter, tab: Tab) -> None:
    ann.item("escrow")
    ann.replica.add_budget("Food", "EUR")
    ann.sync()
    await tab.go("Budget")
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.type("What for", "Hut weekend")
    await tab.press("Add to the booking")
    await tab.text("1 × Tent")
    await tab.type("Fee", "25")

    await tab.press("Book all of it")

    await tab.text("A fee needs a budget that pays it")
    assert ann.replica.bookings() == []
    await tab.type("Fee", "")
    await tab.press("Book all of it")
    await tab.text("not begun")
    (booked,) = ann.replica.bookings()
    assert [step.name for step in booked.steps] == ["reserve 1 × Tent", "confirm"]


async def test_several_things_and_a_fee_are_booked_at_once(ann: Counter, tab: Tab) -> None:
    ann.item("escrow")
    ann.item("cas", name="Stove")
    ann.replica.add_budget("Food", "EUR")
    ann.replica.add_budget("Hut", "EUR")
    ann.replica.deposit("Food", "50")
    ann.sync()
    await tab.go("Budget")
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.type("What for", "Hut weekend")
    await tab.type("Pieces to book", "2")
    stove = ann.replica.supply("Stove").id
    await tab.fire(tab.find(ft.DropdownM2, label="Item"), "change", value=stove)
    await tab.press("Add to the booking")
    await tab.text("2 × Stove")
    tent = ann.replica.supply("Tent").id
    await tab.fire(tab.find(ft.DropdownM2, label="Item"), "change", value=tent)
    await tab.press("Add to the booking")
    await tab.text("2 × Tent")
    food, hut = ann.replica.budgets()
    await tab.fire(tab.find(ft.DropdownM2, label="Fee from"), "change", value=food.id)
    await tab.fire(tab.find(ft.DropdownM2, label="Fee to"), "change", value=hut.id)
    await tab.type("Fee", "25")

    await tab.press("Book all of it")

    await tab.text("not begun")
    (booked,) = ann.replica.bookings()
    assert [step.name for step in booked.steps] == [
        "reserve 2 × Stove",
        "reserve 2 × Tent",
        "pay 25.00 EUR from Food to Hut",
        "confirm",
    ]
    await tab.text("make all of it sure")
    assert "confirm" not in tab.texts()


def test_every_step_of_a_transfer_is_said_in_plain_words() -> None:
    names = ["validate", "debit", "credit", "record", "confirm"]

    assert not {step_words(name) for name in names} & set(names)
    assert step_words("reserve 2 × Tent") == "reserve 2 × Tent"


async def test_an_apology_is_shown_with_the_owner_s_words_and_what_was_given(
    ann: Counter, tab: Tab
) -> None:
    item = ann.item("oversell", count=2, oversell_percent=50)
    ann.replica.add_budget("Kitty", "EUR")
    ann.replica.deposit("Kitty", "20")
    ann.sync()
    ann.authority.ask(c.SetApology("Sorry, the shop lied.", ann.replica.budget("Kitty").id, 500))
    ann.replica.reserve("Tent", 2)
    ann.replica.reserve("Tent", 1)
    ann.sync()
    ann.authority.ask(c.Settle(item))
    ann.authority.run_sagas()
    ann.pull()

    await tab.go("Conflicts")

    await tab.open_row("Your 1 × Tent had to be cancelled.")
    await tab.text("“Sorry, the shop lied.”")
    await tab.text("You were given 5.00 EUR.")


async def test_an_owner_words_the_apology_and_what_comes_with_it(ann: Counter, tab: Tab) -> None:
    ann.item("oversell")
    kitty = ann.replica.add_budget("Kitty", "EUR")
    ann.sync()
    await tab.go("Supplies")
    await tab.open_row("Tent")
    await tab.press("What owners may do")
    await tab.text("Nothing is told yet but the reason.")
    await tab.type("Words of the apology", "Sorry, the shop lied.")
    await tab.type("Credit for each", "5")
    await tab.press("Keep the apology")
    await tab.text("A credit needs a budget and an amount")
    await tab.fire(tab.find(ft.DropdownM2, label="Credit paid by"), "change", value=kitty)

    await tab.press("Keep the apology")
    await tab.until(lambda: ann.waiting())
    ann.sync()

    await tab.text("Now: “Sorry, the shop lied.”, with 5.00 EUR.")
    assert ann.replica.apology() == Apology("Sorry, the shop lied.", kitty, 500)


async def test_an_owner_cancels_what_was_oversold(ann: Counter, tab: Tab) -> None:
    ann.item("oversell", count=2, oversell_percent=50)
    ann.replica.reserve("Tent", 2)
    ann.replica.reserve("Tent", 1)
    ann.sync()
    await tab.go("Supplies")
    await tab.open_row("Tent")
    await tab.press("What owners may do")

    asking = await tab.press_asking("Oversold…")
    await tab.press("Cancel them")
    await asking
    await tab.until(lambda: ann.waiting())
    ann.sync()

    assert [row.state for row in ann.replica.reservations()] == ["confirmed", "compensated"]


async def test_who_is_no_owner_is_not_offered_what_only_owners_may(tmp_path: Path) -> None:
    with counter(tmp_path / "ann") as owner:
        owner.item("oversell")
        bea = Counter(tmp_path / "bea", 2, person="Bea", authority=owner.authority)
        bea.pull()
        tab = await Tab.open(bea.replica)
        await tab.go("Supplies")
        await tab.open_row("Tent")
        await tab.text("How it may be reserved")
        await tab.text("Nobody has reserved any.")

        assert "What owners may do" not in tab.texts()
        with pytest.raises(LookupError):
            tab.button("What owners may do")
        await tab.close()
        bea.replica.close()


async def test_things_added_to_a_booking_by_quick_presses_are_all_in_it(
    ann: Counter, tab: Tab
) -> None:
    """The second press comes before the page has drawn what the first one did."""
    ann.item("escrow")
    await tab.go("Budget")
    switch = await tab.until(lambda: tab.find(ft.SegmentedButton))
    await tab.fire(switch, "change", selected=["bookings"])
    await tab.text("New booking")
    add = tab.button("Add to the booking")

    await asyncio.gather(tab.fire(add, "click"), tab.fire(add, "click"))

    await tab.until(lambda: tab.texts().count("1 × Tent") == 2)


@pytest.mark.parametrize("name", ["Supplies", "Budget"])
async def test_where_no_server_decides_the_screen_says_that_one_waits_for_one(
    replica: Replica, name: str
) -> None:
    """What was asked for said *as soon as the server has it*, where there was none to come."""
    alone = await Tab.open(replica)
    await alone.go(name)

    await alone.text("Personal has no server")
    await alone.close()


@pytest.mark.parametrize("name", ["Supplies", "Budget"])
async def test_where_a_server_decides_nothing_is_said_of_it(tab: Tab, name: str) -> None:
    await tab.go(name)
    await tab.gone("has no server")
