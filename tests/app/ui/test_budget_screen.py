"""Money in the app: what can be spent, and bookings, of which all is done or all put back."""

import asyncio

import flet as ft
import pytest

from app.supply_words import step_words
from store.commands.asking import Plan, PlanFee
from tests.support.counter import Counter
from tests.support.flet_harness import Tab


@pytest.fixture
def tab(counter_tab: Tab) -> Tab:
    return counter_tab


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
