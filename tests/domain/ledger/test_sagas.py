"""Bookings, transfers and compensations: all of it, or in the end nothing; each step once."""

import pytest

from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.ledger import commands as c
from store.domain.ledger.accounts import Insufficient
from store.domain.ledger.facts import Noticed, Resolved
from store.domain.ledger.sagas import ATTEMPTS_MAX, advance, pause_ms
from tests.support.desk import ANN, BEA, CEM, Desk


def states(desk: Desk, saga: str) -> list[str]:
    return [step.state for step in desk.saga(saga).steps]


def notices(desk: Desk) -> list[Noticed]:
    return [fact for fact in desk.told if isinstance(fact, Noticed)]


def booking(desk: Desk, *items: tuple[str, int], fee: c.Fee | None = None, **more: int) -> str:
    saga = desk.new("g")
    wanted = tuple(c.Wanted(item, count) for item, count in items)
    desk.ask(BEA, c.Book(saga, "Trip", wanted, fee, **more))  # type: ignore[arg-type]
    return saga


# -- transfers -------------------------------------------------------------------------------------


def test_a_transfer_is_pending_until_it_is_credited(desk: Desk) -> None:
    food, bus = desk.budget("Food", 5000), desk.budget("Bus")
    saga = desk.new("g")
    desk.ask(BEA, c.TransferMoney(saga, food, bus, 2000, "EUR"))

    seen = []
    for _ in range(4):
        desk.fold(advance(desk.books, desk.saga(saga), desk.now_ms))
        a = desk.account(food)
        seen.append((a.available, a.pending_out, desk.account(bus).available))

    assert seen == [(5000, 0, 0), (3000, 2000, 0), (3000, 0, 2000), (3000, 0, 2000)]
    assert desk.saga(saga).state == "completed"


def test_a_transfer_that_can_not_work_is_refused_at_once(desk: Desk) -> None:
    food, bus, yen = desk.budget("Food", 100), desk.budget("Bus"), desk.budget("Yen", 9, "JPY")

    with pytest.raises(Insufficient, match=r"1\.00 EUR left"):
        desk.ask(BEA, c.TransferMoney(desk.new("g"), food, bus, 101, "EUR"))
    with pytest.raises(InvalidValue, match="JPY"):
        desk.ask(BEA, c.TransferMoney(desk.new("g"), food, yen, 1, "EUR"))
    with pytest.raises(InvalidValue, match="different"):
        desk.ask(BEA, c.TransferMoney(desk.new("g"), food, food, 1, "EUR"))
    with pytest.raises(InvalidValue):
        desk.ask(BEA, c.TransferMoney(desk.new("g"), food, bus, 0, "EUR"))
    with pytest.raises(NotFound):
        desk.ask(BEA, c.TransferMoney(desk.new("g"), food, "stock/i", 1, "EUR"))


def test_an_overdraft_is_the_owners_to_allow(desk: Desk) -> None:
    with pytest.raises(Refused, match="owner"):
        desk.ask(BEA, c.AddBudget(desk.new("b"), "Loose", "EUR", 100))
    loose, bus = desk.new("b"), desk.budget("Bus")
    desk.ask(ANN, c.AddBudget(loose, "Loose", "EUR", 100))

    desk.ask(BEA, c.TransferMoney(desk.new("g"), loose, bus, 100, "EUR"))
    desk.run_sagas()

    assert desk.account(loose).available == -100


# -- bookings --------------------------------------------------------------------------------------


def test_a_booking_takes_its_items_and_pays_its_fee(desk: Desk) -> None:
    tents, cars = desk.item("escrow", 5), desk.item("oversell", 1, "Car")
    kitty, hut = desk.budget("Kitty", 5000), desk.budget("Hut")

    saga = booking(desk, (tents, 2), (cars, 1), fee=c.Fee(kitty, hut, 1500, "EUR"))
    assert desk.left(tents) == 5
    desk.run_sagas()

    assert desk.saga(saga).state == "completed"
    assert (desk.left(tents), desk.left(cars)) == (3, 0)
    assert (desk.account(kitty).available, desk.account(hut).available) == (3500, 1500)
    assert {one.state for one in desk.reservations()} == {"confirmed"}
    assert all(one.is_final and one.holder == BEA.replica for one in desk.reservations())


def test_a_fee_is_pending_until_the_booking_is_confirmed_and_nobody_spends_it_before(
    desk: Desk,
) -> None:
    tents, kitty, hut = desk.item("escrow", 5), desk.budget("Kitty", 50), desk.budget("Hut")
    booking(desk, (tents, 2), fee=c.Fee(kitty, hut, 30, "EUR"))
    (saga,) = desk.sagas()

    seen = []
    for _ in range(3):
        desk.fold(advance(desk.books, desk.saga(saga.id), desk.now_ms))
        out, into = desk.account(kitty), desk.account(hut)
        seen.append((out.available, out.pending_out, into.available, into.pending_in))
        if seen[-1][2] == 0:
            elsewhere = c.TransferMoney(desk.new("g"), hut, kitty, 1, "EUR")
            with pytest.raises(Insufficient):
                desk.ask(BEA, elsewhere)

    assert seen == [(50, 0, 0, 0), (20, 30, 0, 30), (20, 0, 30, 0)]
    assert desk.saga(saga.id).state == "completed"


def test_a_fee_that_was_put_aside_is_voided_where_the_booking_goes_back(desk: Desk) -> None:
    tents, kitty, hut = desk.item("escrow", 5), desk.budget("Kitty", 50), desk.budget("Hut")
    fee = c.Fee(kitty, hut, 30, "EUR")
    saga = booking(desk, (tents, 2), fee=fee, deadline_ms=desk.now_ms + 10)
    for _ in range(2):
        desk.fold(advance(desk.books, desk.saga(saga), desk.now_ms))
    desk.now_ms += 10

    desk.run_sagas()

    assert states(desk, saga) == ["undone", "undone", "failed"]
    paid = desk.books.transfer(f"{saga}/fee")
    assert paid is not None
    assert paid.state == "voided"
    assert desk.books.transfer(f"{saga}/fee/back") is None
    assert (desk.account(kitty).available, desk.account(hut).available) == (50, 0)


@pytest.mark.parametrize("lacking", ["item", "money"])
def test_what_does_not_work_out_is_put_back_and_told_once(desk: Desk, lacking: str) -> None:
    tents, cars = desk.item("escrow", 5), desk.item("escrow", 1, "Car")
    kitty, hut = desk.budget("Kitty", 100), desk.budget("Hut")

    amount, count = (100, 2) if lacking == "item" else (101, 1)
    saga = booking(desk, (tents, 2), (cars, count), fee=c.Fee(kitty, hut, amount, "EUR"))
    desk.run_sagas()

    found = desk.saga(saga)
    assert found.state == "compensated"
    assert "left" in found.reason
    assert (desk.left(tents), desk.left(cars)) == (5, 1)
    assert (desk.account(kitty).available, desk.account(hut).available) == (100, 0)
    assert [(n.about, n.holder) for n in notices(desk)] == [(saga, BEA.replica)]


def test_a_deadline_that_passes_undoes_the_booking(desk: Desk) -> None:
    tents = desk.item("escrow", 5)
    saga = booking(desk, (tents, 2), deadline_ms=desk.now_ms + 1_000)
    desk.fold(advance(desk.books, desk.saga(saga), desk.now_ms))

    desk.now_ms += 1_000
    desk.run_sagas()

    assert desk.saga(saga).state == "compensated"
    assert states(desk, saga) == ["undone", "failed"]
    assert desk.left(tents) == 5


@pytest.mark.parametrize("stopped_after", range(4))
def test_every_step_and_compensation_done_twice_has_one_effect(
    desk: Desk, stopped_after: int
) -> None:
    """The facts of a step are folded again, as after a crash between effect and answer."""
    tents = desk.item("escrow", 5)
    kitty, hut = desk.budget("Kitty", 100), desk.budget("Hut")
    saga = booking(desk, (tents, 2), fee=c.Fee(kitty, hut, 70, "EUR"))
    for _ in range(stopped_after):
        before = desk.saga(saga)
        desk.fold(advance(desk.books, before, desk.now_ms))
        desk.fold(advance(desk.books, before, desk.now_ms))
    desk.now_ms += 1

    desk.run_sagas()

    assert desk.saga(saga).state == "completed"
    assert (desk.left(tents), desk.account(hut).available) == (3, 70)


def test_a_compensation_that_fails_is_tried_again_then_stuck_then_a_persons(desk: Desk) -> None:
    """Its fee was posted early, as an older server did, and has been spent by now."""
    tents = desk.item("escrow", 5)
    kitty, hut = desk.budget("Kitty", 100), desk.budget("Hut")
    fee = c.Fee(kitty, hut, 100, "EUR")
    saga = booking(desk, (tents, 1), fee=fee, deadline_ms=desk.now_ms + 10)
    for _ in range(2):
        desk.fold(advance(desk.books, desk.saga(saga), desk.now_ms))
    desk.fold([Resolved(f"{saga}/fee", "posted")])
    spent = desk.new("g")
    desk.ask(ANN, c.TransferMoney(spent, hut, desk.budget("Elsewhere"), 100, "EUR"))
    while desk.saga(spent).state == "running":
        desk.fold(advance(desk.books, desk.saga(spent), desk.now_ms))

    tries = 0
    desk.now_ms += 10
    while desk.saga(saga).state in ("running", "compensating"):
        before = desk.now_ms
        desk.fold(advance(desk.books, desk.saga(saga), desk.now_ms))
        desk.now_ms = max(desk.now_ms, desk.saga(saga).next_at_ms)
        tries += desk.now_ms > before
    assert tries == ATTEMPTS_MAX - 2  # the first attempt was the payment, the last leaves it stuck
    assert desk.saga(saga).state == "stuck"
    assert desk.saga(saga).reason == (
        "Its deadline passed before it was complete. "
        "It can't be put right: Hut has 0.00 EUR left, not 1.00 EUR."
    )
    with pytest.raises(Refused, match="not stuck"):
        desk.ask(ANN, c.RetrySaga(spent))

    desk.ask(ANN, c.Deposit(desk.new("x"), hut, 100, "EUR"))
    desk.ask(ANN, c.RetrySaga(saga))
    desk.run_sagas()

    assert desk.saga(saga).state == "compensated"
    assert (desk.left(tents), desk.account(kitty).available) == (5, 100)
    (notice,) = notices(desk)
    assert notice.reason == "Its deadline passed before it was complete."


def test_pauses_grow_to_a_bound() -> None:
    assert [pause_ms(n) for n in (1, 2, 3, 20)] == [1_000, 2_000, 4_000, 300_000]


@pytest.mark.parametrize(
    "problem", ["none", "twice", "count", "unknown", "currency", "deadline", "never"]
)
def test_a_plan_that_makes_no_sense_is_refused_and_nothing_happens(
    desk: Desk, problem: str
) -> None:
    tents = desk.item("escrow", 5)
    kitty, yen = desk.budget("Kitty", 100), desk.budget("Yen", 100, "JPY")
    wanted = {
        "none": (),
        "twice": (c.Wanted(tents, 1), c.Wanted(tents, 1)),
        "count": (c.Wanted(tents, 0),),
        "unknown": (c.Wanted("i" + "a" * 26, 1),),
    }.get(problem, (c.Wanted(tents, 1),))
    fee = c.Fee(kitty, yen, 5, "EUR") if problem == "currency" else None
    deadline = {"deadline": desk.now_ms, "never": 1 << 60}.get(problem)

    with pytest.raises((InvalidValue, NotFound, Refused)):
        desk.ask(BEA, c.Book(desk.new("g"), "Trip", wanted, fee, deadline))

    assert desk.sagas() == []


# -- taking back -----------------------------------------------------------------------------------


def oversold_booking(desk: Desk) -> tuple[str, str, str, str]:
    cars = desk.item("oversell", 1, "Car", oversell_percent=100)
    kitty, hut = desk.budget("Kitty", 100), desk.budget("Hut")
    desk.reserve(CEM, cars)
    saga = booking(desk, (cars, 1), fee=c.Fee(kitty, hut, 100, "EUR"))
    desk.run_sagas()
    assert desk.left(cars) == -1
    return cars, kitty, hut, saga


def test_who_is_cancelled_gets_the_money_back_an_apology_and_a_credit_once(desk: Desk) -> None:
    cars, kitty, hut, _ = oversold_booking(desk)
    sorry = desk.budget("Sorry", 500)
    desk.ask(ANN, c.SetApology("We are sorry.", sorry, 50))

    for _ in range(2):
        desk.ask(ANN, c.Settle(cars))
        desk.run_sagas()

    assert (desk.account(kitty).available, desk.account(hut).available) == (100, 0)
    assert desk.account(f"credit/{BEA.replica}/EUR").available == 50
    assert desk.account(sorry).available == 450
    (notice,) = notices(desk)
    assert notice.apology == "We are sorry."
    assert (notice.credit, notice.currency) == (50, "EUR")
    assert "given away" in notice.reason
    assert notice.text == (
        "Your 1 × Car had to be cancelled. The whole fee of Trip, 1.00 EUR, goes back to Kitty; "
        "what else was booked stays."
    )


def test_a_booking_that_loses_two_things_gets_its_fee_back_once_and_nothing_is_stuck(
    desk: Desk,
) -> None:
    cars = [desk.item("oversell", 1, name, oversell_percent=100) for name in ("Car", "Van")]
    kitty, hut = desk.budget("Kitty", 100), desk.budget("Hut")
    for each in cars:
        desk.reserve(CEM, each)
    booking(desk, (cars[0], 1), (cars[1], 1), fee=c.Fee(kitty, hut, 100, "EUR"))
    desk.run_sagas()
    assert [desk.left(each) for each in cars] == [-1, -1]

    for each in cars:
        desk.ask(ANN, c.Settle(each))
    for _ in range(ATTEMPTS_MAX + 1):
        desk.run_sagas()
        desk.now_ms += 300_000

    assert [one.state for one in desk.sagas()] == ["completed"] * 3
    assert (desk.account(kitty).available, desk.account(hut).available) == (100, 0)


def test_what_else_was_booked_stays_where_one_thing_of_it_is_cancelled(desk: Desk) -> None:
    """What is sure was promised too, whatever becomes of what is not; the person may give it up."""
    car = desk.item("oversell", 1, "Car", oversell_percent=100)
    tents, kitty, hut = desk.item("escrow", 5), desk.budget("Kitty", 100), desk.budget("Hut")
    desk.reserve(CEM, car)
    saga = booking(desk, (car, 1), (tents, 2), fee=c.Fee(kitty, hut, 100, "EUR"))
    desk.run_sagas()

    desk.ask(ANN, c.Settle(car))
    desk.run_sagas()

    mine = {one.item: one.state for one in desk.reservations() if one.saga == saga}
    assert mine == {car: "compensated", tents: "confirmed"}
    assert (desk.left(car), desk.left(tents)) == (0, 3)
    assert (desk.account(kitty).available, desk.account(hut).available) == (100, 0)


def test_a_refund_that_can_not_be_paid_waits_and_is_stuck_in_the_end(desk: Desk) -> None:
    cars, kitty, hut, _ = oversold_booking(desk)
    desk.ask(ANN, c.TransferMoney(desk.new("g"), hut, desk.budget("Else"), 100, "EUR"))
    desk.run_sagas()

    desk.ask(ANN, c.Settle(cars))
    for _ in range(ATTEMPTS_MAX + 1):
        desk.run_sagas()
        desk.now_ms += 300_000

    (stuck,) = [one for one in desk.sagas() if one.state == "stuck"]
    assert stuck.kind == "compensation"
    assert stuck.reason == (
        "More of Car was given away than there is. "
        "It can't be put right: Hut has 0.00 EUR left, not 1.00 EUR."
    )
    desk.ask(ANN, c.RetrySaga(stuck.id))
    desk.run_sagas()
    again = desk.saga(stuck.id)
    assert (again.state, again.steps[-1].attempts) == ("running", 1), "it is tried as often anew"
    desk.ask(ANN, c.Deposit(desk.new("x"), hut, 100, "EUR"))
    desk.now_ms += 300_000
    desk.run_sagas()
    assert desk.saga(stuck.id).state == "completed"
    assert desk.account(kitty).available == 100


def test_only_an_owner_words_the_apology(desk: Desk) -> None:
    with pytest.raises(Refused, match="owner"):
        desk.ask(BEA, c.SetApology("Sorry"))
    with pytest.raises(InvalidValue, match="budget"):
        desk.ask(ANN, c.SetApology("Sorry", None, 5))
