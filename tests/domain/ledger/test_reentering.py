"""Two stories after a restore become one: what was told is kept, and sums stay conserved."""

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random

import pytest

from store.domain.errors import DomainError
from store.domain.ledger import commands as c
from store.domain.ledger.caller import Caller
from store.domain.ledger.facts import Decided, Fact, Noticed, Saga
from store.domain.ledger.policies import NAMES, PolicyName
from store.domain.ledger.reentering import ANEW, found_lacking, reentered
from store.domain.ledger.sagas import ATTEMPTS_MAX, advance
from store.domain.ledger.taking_back import settled
from tests.support.desk import ANN, BEA, CEM, Desk, check_books, check_sums, fresh_connection

PEOPLE = (ANN, BEA, CEM)


class Story(Desk):
    """A desk that keeps its acts."""

    acts: list[list[Fact]]

    def fold(self, told: list[Fact]) -> list[Fact]:  # type: ignore[override]
        if told:
            self.acts.append(list(told))
        self.books.apply(told)
        return list(told)


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Story]:
    """The authority before its data is copied."""
    story = Story(fresh_connection(tmp_path))
    story.acts = []
    yield story
    story.conn.close()


def copy_of(story: Story, seed: int = 99) -> Story:
    """The same books, which go on by themselves from here."""
    import sqlite3

    conn = sqlite3.connect(":memory:", isolation_level=None)
    story.conn.backup(conn)
    other = Story(conn, seed)
    other.acts, other.now_ms = [], story.now_ms
    return other


def come_back(here: Story, lost: list[list[Fact]]) -> list[Fact]:
    """Enter lost acts again, one after the other."""
    entered: list[Fact] = []
    for act in lost:
        told = reentered(here.books, act, here.now_ms)
        here.books.apply(told)
        marked = found_lacking(here.books, told, here.now_ms)
        here.books.apply(marked)
        entered += [*told, *marked]
        check_sums(here.conn)
    return entered


def make_good(desk: Desk) -> None:
    """All time passes; what is lacking is cancelled."""
    for _ in range(2):
        for _ in range(ATTEMPTS_MAX + 2):
            desk.run_sagas()
            desk.now_ms += 400_000
        desk.expire()
        for (item,) in desk.conn.execute("SELECT id FROM stock").fetchall():
            desk.fold(settled(desk.books, desk.the_item(item), desk.now_ms))


# -- a table ---------------------------------------------------------------------------------------


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


# -- any two stories -------------------------------------------------------------------------------


def live(
    story: Story, rng: Random, items: dict[PolicyName, str], budgets: list[str], acts: int
) -> None:
    """People and jobs do what comes to mind."""
    for _ in range(acts):
        story.now_ms += rng.choice([0, 1_000, 300_000])
        who: Caller = rng.choice(PEOPLE)
        with suppress(DomainError):
            _act(story, rng, who, items, budgets)
        if rng.random() < 0.3:
            story.expire()
        for saga in story.sagas():
            if rng.random() < 0.4:
                story.fold(advance(story.books, saga, story.now_ms))


def _act(
    story: Story, rng: Random, who: Caller, items: dict[PolicyName, str], budgets: list[str]
) -> None:
    name = rng.choice(NAMES)
    item, count = items[name], rng.randint(1, 3)
    kitty, hut = rng.sample(budgets, 2)
    match rng.randrange(9):
        case 0 | 1 | 2:
            version = story.the_item(item).version
            promised = name == "probabilistic"
            story.reserve(who, item, count, version=version, is_promised=promised)
        case 3:
            story.ask(who, c.TakeQuota(story.new("x"), items["escrow"], count))
            story.reserve(who, items["escrow"], 1, is_certain=True)
        case 4:
            story.ask(who, c.Deposit(story.new("x"), kitty, rng.randint(1, 90), "EUR"))
        case 5:
            amount = rng.randint(1, 90)
            story.ask(who, c.TransferMoney(story.new("g"), kitty, hut, amount, "EUR"))
        case 6:
            fee = c.Fee(kitty, hut, rng.randint(1, 60), "EUR")
            story.ask(who, c.Book(story.new("g"), "Trip", (c.Wanted(item, count),), fee))
        case 7 if known := story.reservations():
            one = rng.choice(known)
            story.ask(ANN, c.Release(one.id) if rng.random() < 0.5 else c.Confirm(one.id))
        case _:
            story.ask(ANN, c.Settle(items["oversell"]))


@pytest.mark.parametrize("seed", range(60))
def test_any_two_stories_become_one(here: Story, seed: int) -> None:
    rng = Random(seed)
    items = {
        name: here.item(name, 8, name, oversell_percent=50, settle_after_ms=0) for name in NAMES
    }
    budgets = [here.budget("Kitty", 60), here.budget("Hut", 40)]
    live(here, rng, items, budgets, 12)
    then = copy_of(here, seed + 1_000)
    live(then, rng, items, budgets, 15)
    live(here, rng, items, budgets, rng.choice([0, 6, 15]))
    promised = {one.id for one in then.reservations() if one.state == "confirmed" and not one.saga}

    come_back(here, then.acts)
    once = list(here.conn.iterdump())
    come_back(here, [act for act in then.acts if not any(isinstance(f, Noticed) for f in act)])
    assert sums(once) == sums(list(here.conn.iterdump())), "coming back twice is once"
    make_good(here)

    check_sums(here.conn)
    assert promised <= {one.id for one in here.reservations()}, "one that was told is gone"
    for one in here.reservations():
        assert taken(here, one.id) == (one.state == "confirmed"), one
    for saga in here.sagas():
        assert saga.state in ("completed", "compensated", "stuck"), saga
        for step in saga.steps:
            if step.kind == "pay":
                check_paid(here, saga, step.transfer)
    for item in items.values():
        assert here.left(item) >= 0


def check_paid(story: Story, booking: Saga, fee: str) -> None:
    """A fee is paid where a booking is complete, and back where it is not, or was made good."""
    paid = story.books.transfer(fee)
    is_paid = paid is not None and paid.state == "posted"
    is_back = story.books.transfer(f"{fee}/back") is not None
    assert paid is None or paid.state != "pending", "a fee that stays put aside"
    if booking.state == "compensated":
        assert is_paid == is_back, booking
    if booking.state == "completed":
        gone = [one for one in story.reservations() if one.saga == booking.id]
        assert is_paid, booking
        assert not is_back or any(one.state == "compensated" for one in gone), booking


def taken(story: Story, reservation: str) -> int:
    """How often a reservation's pieces are out of the stock."""
    found = {
        end: story.books.transfer(reservation + end) is not None for end in ("", ANEW, "/back")
    }
    first = story.books.transfer(reservation)
    assert first is None or first.state != "pending", "a hold without an end"
    is_out = first is not None and first.state == "posted"
    return is_out + found[ANEW] - found["/back"]


def sums(dump: list[str]) -> list[str]:
    return [line for line in dump if line.startswith('INSERT INTO "account"')]


def test_the_books_of_a_desk_are_checked_by_the_same_rules(here: Story) -> None:
    here.item("escrow", 3)

    check_books(here.conn)
