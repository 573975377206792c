"""Supplies in the app: what is there, what is mine, how sure, what was not kept, what owners do."""

from pathlib import Path

import flet as ft
import pytest

from store.commands.patches import NewTask
from store.domain.ledger import commands as c
from store.domain.ledger.facts import Apology
from store.replica import Replica
from tests.support.counter import Counter, counter
from tests.support.flet_harness import Tab


@pytest.fixture
def tab(counter_tab: Tab) -> Tab:
    return counter_tab


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
