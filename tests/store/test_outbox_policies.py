"""The six policies as the device asks by them: what it says at once, and what becomes of it."""

import pytest

from app.supply_words import kept_words
from store.domain.errors import Refused
from store.domain.ids import new_replica_id
from store.domain.ledger.on_device import Reading
from store.domain.ledger.policies import DAY_MS, LEASE_MARGIN_MS, LEASE_MS
from tests.support.counter import Counter


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
