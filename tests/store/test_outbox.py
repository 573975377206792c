"""Asking an authority: durable before it is sent, one effect whatever happens, honest meanwhile."""

import base64
import uuid
from pathlib import Path

import pytest

from store.commands.asking import Plan, PlanFee
from store.domain.ledger.policies import Policy
from store.ledger import outbox
from store.replica import Replica
from tests.support.counter import Counter

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


# -- told as it is ---------------------------------------------------------------------------------


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
