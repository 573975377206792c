"""Two stories after a restore become one: what was told is kept, a case at a time."""

import pytest

from store.domain.ledger import commands as c
from store.domain.ledger.facts import Decided, Noticed
from store.domain.ledger.sagas import advance
from tests.domain.ledger.stories import Story, come_back, copy_of, make_good
from tests.support.desk import ANN, BEA


def test_what_was_given_away_twice_is_taken_back_from_whoever_ranks_lower(here: Story) -> None:
    tent = here.item("pessimistic", 1)
    then = copy_of(here)
    lost = then.reserve(ANN, tent)
    again = here.reserve(BEA, tent)

    come_back(here, then.acts)
    assert here.left(tent) == -1
    make_good(here)

    assert here.left(tent) == 0
    assert here.reservation(lost).state == "confirmed"
    assert here.reservation(again).state == "compensated"


def test_a_device_that_was_told_that_it_is_certain_keeps_its_quota(here: Story) -> None:
    tent = here.item("escrow", 4)
    then = copy_of(here)
    then.ask(BEA, c.TakeQuota(then.new("x"), tent, 3))
    spent = then.reserve(BEA, tent, 2, is_certain=True)

    come_back(here, then.acts)

    assert here.left(tent) == 1
    assert here.account(f"lease/{tent}/{BEA.replica}").available == 1
    assert here.reservation(spent).state == "confirmed"
    lease = here.books.lease(tent, BEA.replica)
    assert lease is not None
    assert lease == then.books.lease(tent, BEA.replica)


def test_a_hold_that_was_confirmed_counts_though_it_was_found_expired(here: Story) -> None:
    tent = here.item("reservation", 1)
    hold = here.reserve(BEA, tent)
    then = copy_of(here)
    then.ask(BEA, c.Confirm(hold))
    here.now_ms += 3_600_000
    here.expire()
    assert here.left(tent) == 1

    come_back(here, then.acts)

    assert here.left(tent) == 0
    assert (here.reservation(hold).state, here.reservation(hold).is_final) == ("confirmed", True)
    come_back(here, then.acts)
    assert here.left(tent) == 0
    here.ask(BEA, c.Release(hold))
    assert here.left(tent) == 1


def test_who_gave_it_back_since_does_not_get_it_again(here: Story) -> None:
    tent = here.item("reservation", 1)
    hold = here.reserve(BEA, tent)
    then = copy_of(here)
    then.ask(BEA, c.Confirm(hold))
    here.ask(BEA, c.Release(hold))

    come_back(here, then.acts)

    assert here.reservation(hold).state == "released"
    assert here.left(tent) == 1


def test_what_was_confirmed_and_given_back_is_not_given_back_a_second_time(here: Story) -> None:
    """Here the hold was given back before it was ever confirmed, so nothing is out."""
    tent = here.item("reservation", 1)
    hold = here.reserve(BEA, tent)
    then = copy_of(here)
    then.ask(BEA, c.Confirm(hold))
    then.ask(BEA, c.Release(hold))
    here.ask(BEA, c.Release(hold))

    come_back(here, then.acts)

    assert here.left(tent) == 1
    assert here.reservation(hold).state == "released"
    assert here.books.transfer(f"{hold}/back") is None


def test_a_hold_that_was_confirmed_here_stays_though_it_had_expired(here: Story) -> None:
    tent = here.item("reservation", 1)
    hold = here.reserve(BEA, tent)
    then = copy_of(here)
    then.now_ms += 3_600_000
    then.expire()
    here.ask(BEA, c.Confirm(hold))

    come_back(here, then.acts)

    assert here.left(tent) == 0
    assert (here.reservation(hold).state, here.reservation(hold).is_final) == ("confirmed", True)


def test_a_quota_that_was_renewed_here_keeps_its_time(here: Story) -> None:
    tent = here.item("escrow", 9)
    then = copy_of(here)
    then.ask(BEA, c.TakeQuota(then.new("x"), tent, 1))
    here.now_ms += 1_000
    here.ask(BEA, c.TakeQuota(here.new("x"), tent, 1))
    renewed = here.books.lease(tent, BEA.replica)

    come_back(here, then.acts)

    assert here.books.lease(tent, BEA.replica) == renewed
    assert here.account(f"lease/{tent}/{BEA.replica}").available == 2


def test_what_lacks_is_marked_at_once_and_once(here: Story) -> None:
    tent = here.item("pessimistic", 1)
    then = copy_of(here)
    then.reserve(ANN, tent)
    here.reserve(BEA, tent)

    come_back(here, then.acts)
    marked = here.the_item(tent)
    here.now_ms += 1_000
    come_back(here, then.acts)

    assert marked.oversold_at_ms == here.now_ms - 1_000
    assert here.the_item(tent).oversold_at_ms == marked.oversold_at_ms


def test_a_booking_that_had_gone_back_goes_back_by_what_it_has_done_here(here: Story) -> None:
    kitty, hut, tent = here.budget("Kitty", 50), here.budget("Hut"), here.item("escrow", 3)
    fee = c.Fee(kitty, hut, 50, "EUR")
    plan = c.Book(here.new("g"), "Trip", (c.Wanted(tent, 2),), fee, here.now_ms + 1_000)
    here.ask(BEA, plan)
    then = copy_of(here)
    then.now_ms += 1_000
    then.run_sagas()
    assert then.saga(plan.id).state == "compensated"
    for _ in range(2):  # here it holds and puts the fee aside in time
        here.fold(advance(here.books, here.saga(plan.id), here.now_ms))

    come_back(here, then.acts)
    here.run_sagas()

    assert here.saga(plan.id).state == "compensated"
    assert here.left(tent) == 3
    assert (here.account(kitty).available, here.account(hut).available) == (50, 0)


@pytest.mark.parametrize("is_refunded", [True, False])
def test_a_fee_that_was_never_paid_here_is_not_refunded(here: Story, is_refunded: bool) -> None:
    """There the booking was complete, oversold and made good; here it had gone back before."""
    kitty, hut = here.budget("Kitty"), here.budget("Hut", 50)
    car = here.item("oversell", 1, oversell_percent=100)
    here.reserve(ANN, car)
    fee = c.Fee(kitty, hut, 50, "EUR")
    plan = c.Book(here.new("g"), "Trip", (c.Wanted(car, 1),), fee)
    here.ask(BEA, plan)
    then = copy_of(here)
    then.ask(ANN, c.Deposit(then.new("x"), kitty, 50, "EUR"))
    then.run_sagas()
    then.ask(ANN, c.Settle(car))
    if is_refunded:
        then.run_sagas()
    assert then.account(kitty).available == (50 if is_refunded else 0)
    here.run_sagas()
    assert here.saga(plan.id).state == "compensated"

    come_back(here, then.acts)
    here.run_sagas()

    assert (here.account(kitty).available, here.account(hut).available) == (50, 50)
    assert here.left(car) == 0


def test_money_that_was_moved_is_moved_again_once(here: Story) -> None:
    kitty, hut = here.budget("Kitty", 100), here.budget("Hut")
    then = copy_of(here)
    then.ask(BEA, c.TransferMoney(then.new("g"), kitty, hut, 60, "EUR"))
    then.run_sagas()
    here.ask(ANN, c.TransferMoney(here.new("g"), kitty, hut, 70, "EUR"))
    here.run_sagas()

    come_back(here, then.acts)
    come_back(here, then.acts)

    assert here.account(kitty).available == -30  # it was spent twice, and says so
    assert here.account(hut).available == 130


def test_a_booking_that_went_back_here_stays_back_and_leaves_nothing(here: Story) -> None:
    kitty, hut, tent = here.budget("Kitty"), here.budget("Hut"), here.item("escrow", 3)
    plan = c.Book(here.new("g"), "Trip", (c.Wanted(tent, 2),), c.Fee(kitty, hut, 50, "EUR"))
    here.ask(BEA, plan)
    then = copy_of(here)
    then.ask(ANN, c.Deposit(then.new("x"), kitty, 50, "EUR"))
    then.run_sagas()
    (reservation,) = then.reservations()
    then.ask(BEA, c.Release(reservation.id))
    assert then.saga(plan.id).state == "completed"
    here.run_sagas()
    assert here.saga(plan.id).state == "compensated"

    come_back(here, then.acts)

    assert here.saga(plan.id).state == "compensated"
    assert here.left(tent) == 3
    assert (here.account(kitty).available, here.account(hut).available) == (50, 0)


def test_a_booking_that_was_further_goes_on_from_there(here: Story) -> None:
    tent = here.item("escrow", 3)
    plan = c.Book(here.new("g"), "Trip", (c.Wanted(tent, 2),))
    here.ask(BEA, plan)
    then = copy_of(here)
    then.fold(advance(then.books, then.saga(plan.id), then.now_ms))

    come_back(here, then.acts)
    assert [step.state for step in here.saga(plan.id).steps] == ["done", "waiting"]
    here.run_sagas()

    assert here.saga(plan.id).state == "completed"
    assert here.left(tent) == 1


def test_an_item_whose_name_was_given_away_since_gets_another_one(here: Story) -> None:
    then = copy_of(here)
    lost, again = then.item("escrow", 1, "Tent"), here.item("escrow", 1, "Tent")

    come_back(here, then.acts)

    assert here.the_item(again).name == "Tent"
    assert here.the_item(lost).name == f"Tent ({lost[-6:]})"


def test_answers_and_notices_come_back_with_what_they_tell(here: Story) -> None:
    tent = here.item("probabilistic", 1)
    here.reserve(ANN, tent)
    then = copy_of(here)
    then.reserve(BEA, tent, is_promised=True)
    then.acts.append([Decided("k" + "a" * 26, b"f" * 32, BEA.replica, ok=True)])

    entered = come_back(here, then.acts)

    assert [type(fact) for fact in entered if isinstance(fact, Noticed | Decided)] == [
        Noticed,
        Decided,
    ]
    assert here.the_item(tent).wrong_guesses == 1
