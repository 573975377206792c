"""Asking an authority: durable before it is sent, one effect whatever happens, honest meanwhile."""

import base64
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.supply_words import kept_words
from store.commands.asking import Plan, PlanFee
from store.domain.errors import InvalidValue, NotFound, Refused
from store.domain.ids import new_replica_id
from store.domain.ledger.on_device import Reading
from store.domain.ledger.policies import DAY_MS, LEASE_MARGIN_MS, LEASE_MS, Policy
from store.ledger import outbox
from store.replica import Replica
from tests.support.counter import Counter, counter


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as made:
        yield made


# -- one effect ------------------------------------------------------------------------------------


def test_what_is_asked_for_is_durable_with_its_key_before_it_is_sent(ann: Counter) -> None:
    ann.item("reservation")
    reservation = ann.replica.reserve("Tent", 2)
    (before,) = ann.waiting()

    ann.restart()

    (after,) = ann.waiting()
    assert (after.key, after.command, after.sent) == (before.key, before.command, 0)
    assert ann.state(reservation) == "requested"


def test_keys_are_uuids_of_version_7_in_the_order_of_asking(ann: Counter) -> None:
    for name in ("Tent", "Rope"):
        ann.replica.add_item(name, 1, Policy("cas"))
        ann.passes(5)

    keys = [one.key for one in ann.waiting()]

    made = [uuid.UUID(bytes=base64.b32decode(key[1:].upper() + "======")) for key in keys]
    assert [each.version for each in made] == [7, 7]
    assert made == sorted(made)


def test_a_lost_answer_is_asked_for_again_under_the_same_key_and_has_one_effect(
    ann: Counter,
) -> None:
    item = ann.item("oversell")
    ann.replica.reserve("Tent", 2)

    (first,) = ann.send(hear=False)
    ann.restart()
    (second,) = ann.send()
    ann.pull()

    assert first.key == second.key
    assert ann.replica.supply(item).available == 3
    assert ann.waiting() == []


def test_a_result_that_comes_by_the_feed_alone_settles_the_command(ann: Counter) -> None:
    ann.item("oversell")
    reservation = ann.replica.reserve("Tent", 2)

    ann.send(hear=False)
    ann.pull()

    assert ann.waiting() == []
    assert ann.state(reservation) == "confirmed"


def test_an_answer_before_the_feed_neither_hides_the_wish_nor_counts_it_twice(
    ann: Counter,
) -> None:
    item = ann.item("oversell")
    reservation = ann.replica.reserve("Tent", 2)

    ann.send()

    assert ann.state(reservation) == "requested"
    assert ann.replica.supply(item).available == 3
    ann.pull()
    assert ann.state(reservation) == "confirmed"
    assert ann.replica.supply(item).available == 3


def test_what_was_asked_for_in_order_is_decided_in_order_though_nothing_is_known_yet(
    ann: Counter,
) -> None:
    ann.replica.add_item("Tent", 4, Policy("oversell"))
    reservation = ann.replica.reserve("Tent", 3)
    ann.replica.add_budget("Food", "EUR")
    ann.replica.deposit("Food", "25.50")

    row = ann.replica.supply("Tent")
    assert (row.is_asked, row.available, row.pending) == (True, 1, 3)
    (food,) = ann.replica.budgets()
    assert (food.available, food.incoming, food.is_asked) == (0, 2550, True)

    ann.sync()
    assert ann.state(reservation) == "confirmed"
    assert ann.replica.budget("Food").available == 2550


def test_a_refusal_is_final_shown_with_its_reason_and_forgotten_once_it_is_seen(
    ann: Counter,
) -> None:
    item = ann.item("oversell", oversell_percent=0)
    ann.taken_by_bea(item, 4)
    reservation = ann.replica.reserve("Tent", 2)

    ann.sync()

    row = ann.replica.reservation(reservation)
    assert row.state == "rejected"
    assert "1 left" in row.reason
    (notice,) = ann.replica.notices()
    assert (notice.kind, notice.title, notice.reason) == ("refused", "2 × Tent", row.reason)
    assert ann.send() == []
    ann.replica.note_seen(notice.id)
    assert ann.replica.notices() == []
    assert ann.waiting() == []


# -- the six policies ------------------------------------------------------------------------------


def test_a_hold_is_requested_then_held_then_confirmed_by_the_person(ann: Counter) -> None:
    ann.item("reservation")
    reservation = ann.replica.reserve("Tent", 2)
    assert ann.state(reservation) == "requested"

    ann.sync()
    held = ann.replica.reservation(reservation)
    assert (held.state, held.is_final) == ("confirmed", False)
    assert held.expires_at_ms == ann.authority.now_ms + 600_000

    ann.replica.confirm(reservation)
    ann.sync()
    assert ann.replica.reservation(reservation).is_final


def test_a_hold_whose_time_is_up_is_refused_at_once_where_elapsed_time_tells(ann: Counter) -> None:
    ann.item("reservation")
    reservation = ann.replica.reserve("Tent", 2)
    ann.sync()
    ann.passes(600_001)

    with pytest.raises(Refused, match="expired"):
        ann.replica.confirm(reservation)

    assert ann.waiting() == []


def test_pessimistic_is_given_up_where_nobody_answers_and_undone_should_it_have_arrived(
    ann: Counter,
) -> None:
    item = ann.item("pessimistic")
    reservation = ann.replica.reserve("Tent", 2)

    ann.send(hear=False)
    ann.replica.give_up_unanswered(ann.space)

    assert ann.state(reservation) == "rejected"
    ann.sync()
    ann.sync()
    assert ann.state(reservation) == "released"
    assert ann.replica.supply(item).available == 5


@pytest.mark.parametrize("pulls_first", [True, False])
def test_what_is_wanted_again_is_not_refused_for_the_wish_that_was_given_up(
    ann: Counter, pulls_first: bool
) -> None:
    """The last one was taken by a wish that nobody answered: it is undone before the next asks."""
    item = ann.item("pessimistic", count=1)
    given_up = ann.replica.reserve("Tent", 1)
    ann.send(hear=False)
    ann.replica.give_up_unanswered(ann.space)
    again = ann.replica.reserve("Tent", 1)

    if pulls_first:
        ann.pull()
    ann.sync()

    assert (ann.state(given_up), ann.state(again)) == ("released", "confirmed")
    assert ann.replica.supply(item).available == 0


def test_what_was_taken_back_under_way_is_undone_before_anything_newer_is_sent(
    ann: Counter,
) -> None:
    ann.item("oversell", count=1, oversell_percent=0)
    ann.replica.add_budget("Food", "EUR")
    ann.send(hear=False)
    taken_back = ann.replica.reserve("Tent", 1)
    ann.send(hear=False)
    ann.replica.release(taken_back)
    again = ann.replica.reserve("Tent", 1)

    sent = [[(one.kind, one.subject) for one in ann.send()] for _ in range(4)]

    assert [[kind for kind, _ in batch] for batch in sent] == [
        ["add-budget", "reserve"],
        ["release", "reserve"],
        [],
        [],
    ]
    assert [batch[-1][1] for batch in sent[:2]] == [taken_back, again]
    ann.pull()
    assert (ann.state(taken_back), ann.state(again)) == ("released", "confirmed")


def test_what_is_asked_again_after_a_restore_is_given_back_after_it_not_before(
    ann: Counter,
) -> None:
    ann.item("oversell")
    reservation = ann.replica.reserve("Tent", 2)
    ann.send()
    ann.replica.release(reservation)
    with ann.replica.db.write() as conn:
        outbox.send_again(conn, ann.space)

    assert [one.kind for one in ann.send()] == ["reserve", "release"]


def test_pessimistic_that_was_never_sent_is_simply_refused(ann: Counter) -> None:
    ann.item("pessimistic")
    reservation = ann.replica.reserve("Tent", 2)

    ann.replica.give_up_unanswered(ann.space)

    assert ann.state(reservation) == "rejected"
    assert ann.send() == []


def test_compare_and_set_asks_anew_with_what_it_learns_under_a_new_key(ann: Counter) -> None:
    item = ann.item("cas")
    reservation = ann.replica.reserve("Tent", 1)
    ann.taken_by_bea(item, 1)

    (first,) = ann.send()
    (second,) = ann.send()
    ann.pull()

    assert first.key != second.key
    assert second.tries == 2
    assert ann.state(reservation) == "confirmed"


def test_compare_and_set_that_was_taken_back_under_way_is_not_asked_anew(ann: Counter) -> None:
    item = ann.item("cas")
    reservation = ann.replica.reserve("Tent", 1)
    ann.taken_by_bea(item, 1)
    batch = ann.replica.next_commands(ann.space, 50)
    answers = [ann.authority.answer(one, ann.me) for one in batch]

    ann.replica.release(reservation)
    ann.replica.learn(ann.space, batch, answers)
    ann.sync()

    assert ann.waiting() == []
    assert ann.replica.supply(item).available == 4


def test_compare_and_set_gives_up_after_so_many_tries(ann: Counter) -> None:
    item = ann.item("cas", count=50)
    reservation = ann.replica.reserve("Tent", 1)
    for _ in range(5):
        ann.taken_by_bea(item, 1)
        ann.send()

    assert ann.send() == []
    assert ann.state(reservation) == "rejected"


def test_probabilistic_says_yes_from_fresh_news_and_no_when_unsure(ann: Counter) -> None:
    item = ann.item("probabilistic", count=10)
    ann.taken_by_bea(item, 5)
    ann.pull()

    row = ann.replica.reservation(ann.replica.reserve("Tent", 1))
    assert row.state == "requested"
    assert "% likely" in row.reason

    ann.passes(3 * DAY_MS)
    with pytest.raises(Refused, match="unsure"):
        ann.replica.reserve("Tent", 4)


def test_a_wrong_guess_is_made_good_and_everybody_sees_how_many_there_were(ann: Counter) -> None:
    item = ann.item("probabilistic", count=10)
    made = ann.replica.reserve("Tent", 1)
    ann.taken_by_bea(item, 10)

    ann.sync()

    assert ann.state(made) == "compensated"
    row = ann.replica.supply("Tent")
    assert row.wrong_guesses == 1
    assert kept_words(row) == "Probably, without asking; 1 wrong so far"


def test_escrow_is_certain_within_the_quota_and_asked_for_beyond_it(ann: Counter) -> None:
    item = ann.item("escrow")
    ann.replica.take_quota("Tent", 2)
    ann.sync()

    certain, beyond = ann.replica.reserve("Tent", 2), ann.replica.reserve("Tent", 1)

    assert (ann.state(certain), ann.state(beyond)) == ("certain", "requested")
    row = ann.replica.supply(item)
    assert (row.quota, row.reserved, row.requested, row.available) == (0, 2, 1, 2)
    ann.sync()
    assert (ann.state(certain), ann.state(beyond)) == ("confirmed", "confirmed")
    row = ann.replica.supply(item)
    assert (row.quota, row.reserved, row.requested, row.available) == (0, 3, 0, 2)


@pytest.mark.parametrize(
    "happens",
    ["the lease is over", "another boot", "the clock goes back", "the home was a copy"],
)
def test_escrow_is_only_asked_for_where_the_device_can_not_be_sure(
    ann: Counter, happens: str
) -> None:
    ann.item("escrow")
    ann.replica.take_quota("Tent", 3)
    ann.sync()
    now = ann.reading
    match happens:
        case "the lease is over":
            ann.passes(LEASE_MS - LEASE_MARGIN_MS)
        case "another boot":
            ann.reading = Reading("next", 10, now.wall_ms + 10)
        case "the clock goes back":
            ann.reading = Reading(now.boot, now.elapsed_ms + 10, now.wall_ms - 60_000)
        case _:
            ann.replica.set_replica_id(new_replica_id(b"another 16 bytes"))

    row = ann.replica.reservation(ann.replica.reserve("Tent", 1))

    assert row.state == "requested"
    assert row.reason


def test_a_quota_that_is_being_returned_is_not_handed_out(ann: Counter) -> None:
    ann.item("escrow")
    ann.replica.take_quota("Tent", 3)
    ann.sync()

    ann.replica.return_quota("Tent", 2)

    assert ann.replica.supply("Tent").quota == 1
    assert ann.state(ann.replica.reserve("Tent", 2)) == "requested"
    with pytest.raises(Refused, match="quota of Tent is 1, not 2"):
        ann.replica.return_quota("Tent", 2)


def test_what_a_booking_asks_for_counts_as_asked_for_until_it_is_decided(ann: Counter) -> None:
    item = ann.item("escrow")
    ann.replica.book(Plan("Trip", (("Tent", 2),)))

    row = ann.replica.supply(item)
    assert (row.available, row.pending, row.requested, row.reserved) == (3, 2, 2, 0)

    ann.sync()
    ann.authority.run_sagas()
    ann.pull()
    row = ann.replica.supply(item)
    assert (row.available, row.pending, row.requested, row.reserved) == (3, 0, 0, 2)


# -- taking back -----------------------------------------------------------------------------------


def test_undo_takes_a_wish_back_that_was_not_sent_and_leaves_nothing(ann: Counter) -> None:
    item = ann.item("escrow")
    ann.replica.take_quota("Tent", 2)
    ann.sync()
    ann.replica.reserve("Tent", 2)

    ann.replica.undo()

    assert ann.waiting() == []
    assert ann.replica.supply(item).quota == 2


def test_undo_gives_back_what_was_reserved(ann: Counter) -> None:
    item = ann.item("oversell")
    reservation = ann.replica.reserve("Tent", 2)
    ann.sync()

    ann.replica.undo()
    ann.sync()

    assert ann.state(reservation) == "released"
    assert ann.replica.supply(item).available == 5


def test_a_wish_taken_back_while_it_was_under_way_ends_released(ann: Counter) -> None:
    item = ann.item("oversell")
    reservation = ann.replica.reserve("Tent", 2)
    ann.send(hear=False)

    ann.replica.release(reservation)
    ann.sync()

    assert ann.state(reservation) == "released"
    assert ann.replica.supply(item).available == 5


@pytest.mark.parametrize("pulls_first", [True, False])
def test_what_was_taken_back_from_under_way_does_not_come_back_to_the_quota(
    ann: Counter, pulls_first: bool
) -> None:
    """It has left the lease at the authority, and what is given back goes to the stock."""
    item = ann.item("escrow")
    ann.replica.take_quota("Tent", 2)
    ann.sync()
    ann.replica.release(ann.replica.reserve("Tent", 1))
    taken = ann.replica.reserve("Tent", 1)
    ann.send(hear=False)
    ann.replica.release(taken)

    for step in (lambda: None, *((ann.pull, ann.sync) if pulls_first else (ann.send, ann.sync))):
        step()
        assert ann.replica.supply(item).quota == 1

    assert ann.waiting() == []
    assert ann.state(taken) == "released"
    assert ann.replica.supply(item).available == 4


# -- what is no use asking -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("count", "said"),
    [(0, "whole number above zero"), (-1, "whole number above zero"), (10**20, "more than")],
)
def test_counts_that_are_none_are_refused_and_nothing_is_kept(
    ann: Counter, count: int, said: str
) -> None:
    ann.item("escrow")

    with pytest.raises(InvalidValue, match=said):
        ann.replica.reserve("Tent", count)
    with pytest.raises(InvalidValue, match=said):
        ann.replica.add_item("Rope", count, Policy("cas"))

    assert ann.waiting() == []


def test_more_than_there_is_and_what_is_not_there_is_refused(ann: Counter) -> None:
    ann.item("escrow")

    with pytest.raises(Refused, match="only 5 × Tent"):
        ann.replica.reserve("Tent", 6)
    with pytest.raises(NotFound, match="no item 'Boat'"):
        ann.replica.reserve("Boat", 1)
    with pytest.raises(Refused, match="an item Tent"):
        ann.replica.add_item("Tent", 1, Policy("cas"))


@pytest.mark.parametrize(
    ("items", "said"),
    [
        ((), "1 to 50 items"),
        (tuple((f"Item {n}", 1) for n in range(51)), "1 to 50 items"),
        ((("Tent", 1), ("tent", 2)), "twice"),
        ((("Tent", 0),), "above zero"),
    ],
)
@pytest.mark.parametrize("fee", [None, PlanFee("Food", "Hut", "5")])
def test_a_plan_that_books_nothing_or_too_much_is_refused_and_nothing_is_kept(
    ann: Counter, items: tuple[tuple[str, int], ...], said: str, fee: PlanFee | None
) -> None:
    ann.item("escrow")
    for name in ("Food", "Hut"):
        ann.replica.add_budget(name, "EUR")
    ann.sync()

    with pytest.raises(InvalidValue, match=said):
        ann.replica.book(Plan("Trip", items, fee))

    assert ann.waiting() == []


def test_other_money_is_refused(ann: Counter) -> None:
    ann.replica.add_budget("Food", "EUR")
    ann.replica.add_budget("Fuel", "USD")

    with pytest.raises(InvalidValue, match="kept in EUR, not in USD"):
        ann.replica.deposit("Food", "10", currency="usd")
    with pytest.raises(InvalidValue, match="kept in EUR and Fuel in USD"):
        ann.replica.transfer("Food", "Fuel", "10")
    with pytest.raises(InvalidValue, match="2 decimals"):
        ann.replica.deposit("Food", "10.123")

    assert [one.kind for one in ann.waiting()] == ["add-budget", "add-budget"]


def test_more_than_a_full_outbox_is_refused_and_the_rest_is_kept(
    ann: Counter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann.item("oversell")
    monkeypatch.setattr(outbox, "WAITING_MAX", 2)
    ann.replica.reserve("Tent", 1)
    ann.replica.reserve("Tent", 1)

    with pytest.raises(Refused, match="sync first"):
        ann.replica.reserve("Tent", 1)

    assert len(ann.waiting()) == 2
    ann.sync()
    ann.replica.reserve("Tent", 1)


def test_a_space_without_a_server_keeps_what_is_asked_for_and_says_so(tmp_path: Path) -> None:
    with Replica.open(tmp_path / "alone") as alone:
        alone.add_item("Tent", 3, Policy("escrow"))
        row = alone.reservation(alone.reserve("Tent", 1))

        assert row.state == "requested"
        assert "no server" in row.reason
        assert alone.supply("Tent").is_asked


def test_a_booking_shows_what_of_it_was_cancelled_and_that_its_fee_went_back(ann: Counter) -> None:
    van = ann.item("oversell", count=1, name="Van", oversell_percent=100)
    ann.item("escrow")
    for name in ("Food", "Hut"):
        ann.replica.add_budget(name, "EUR")
    ann.replica.deposit("Food", "5")
    ann.sync()
    ann.role = "editor"  # as Bea, who was faster
    ann.taken_by_bea(van, 1)
    ann.replica.book(Plan("Trip", (("Van", 1), ("Tent", 2)), PlanFee("Food", "Hut", "5")))
    ann.sync()
    ann.authority.run_sagas()
    ann.pull()
    (booked,) = ann.replica.bookings()
    assert [step.state for step in booked.steps] == ["done"] * 4

    ann.replica.settle("Van")
    ann.sync()
    ann.authority.run_sagas()
    ann.pull()

    booked = next(row for row in ann.replica.bookings() if row.kind == "booking")
    assert booked.state == "completed"
    assert [step.state for step in booked.steps] == ["undone", "done", "undone", "done"]
    assert ann.replica.budget("Food").available == 500
