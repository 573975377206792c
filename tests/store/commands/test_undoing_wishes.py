"""Undo of what is asked of an authority: withdrawn, answered by its contrary, or never again."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.commands.asking import Plan
from store.commands.patches import NewTask
from store.domain.errors import NothingToUndo, Refused
from store.domain.ledger.policies import Policy
from store.replica.authority import Answer
from tests.support.counter import Counter, counter


@pytest.fixture
def ann(tmp_path: Path) -> Iterator[Counter]:
    with counter(tmp_path) as made:
        made.stock_up()
        yield made


Wish = Callable[[Counter], object]
WISHES: dict[str, Wish] = {
    "stock": lambda ann: ann.replica.add_item("Rope", 3, Policy("cas")),
    "reserve": lambda ann: ann.replica.reserve("Tent", 1),
    "confirm": lambda ann: ann.replica.confirm(held(ann)),
    "quota": lambda ann: ann.replica.take_quota("Tent", 1),
    "quota-return": lambda ann: ann.replica.return_quota("Tent", 1),
    "quota-move": lambda ann: ann.replica.move_quota("Tent", 1, "rbea"),
    "budget": lambda ann: ann.replica.add_budget("Kitty", "EUR"),
    "deposit": lambda ann: ann.replica.deposit("Food", "5"),
    "transfer": lambda ann: ann.replica.transfer("Food", "Hut", "20.00"),
    "book": lambda ann: ann.replica.book(Plan("Weekend", (("Tent", 1),))),
    "apology": lambda ann: ann.replica.set_apology("Sorry."),
    "write-off": lambda ann: ann.replica.write_off("Tent", "rbea"),
}


def held(ann: Counter) -> str:
    """The hold on the stove."""
    return next(row.id for row in ann.replica.reservations() if row.item_name == "Stove")


def known(ann: Counter) -> object:
    """All that lists show of supplies and money."""
    replica = ann.replica
    return (replica.supplies(), replica.reservations(), replica.budgets(), replica.bookings())


@pytest.mark.parametrize("label", WISHES)
def test_what_was_not_sent_is_taken_back_as_if_it_had_never_been(ann: Counter, label: str) -> None:
    before = known(ann)
    WISHES[label](ann)

    undone = ann.replica.undo()

    assert (undone.label, undone.can_return) == (label, False)
    assert ann.waiting() == []
    assert known(ann) == before


def test_what_is_under_way_is_not_undone_and_can_be_later(ann: Counter) -> None:
    ann.replica.take_quota("Tent", 1)
    ann.send(hear=False)

    with pytest.raises(Refused, match="on its way to the server"):
        ann.replica.undo()

    ann.sync()
    ann.replica.undo()
    ann.sync()
    assert ann.replica.supply("Tent").quota == 2


def test_a_quota_taken_goes_back_and_one_given_back_is_taken_again(ann: Counter) -> None:
    ann.replica.return_quota("Tent", 2)
    ann.sync()

    ann.replica.undo()
    ann.sync()
    assert ann.replica.supply("Tent").quota == 2

    ann.replica.redo()
    ann.sync()
    assert ann.replica.supply("Tent").quota == 0


def test_money_that_was_moved_is_moved_back(ann: Counter) -> None:
    ann.replica.transfer("Food", "Hut", "20.00")
    ann.sync()
    ann.authority.run_sagas()
    ann.pull()
    assert ann.replica.budget("Hut").available == 2_000

    ann.replica.undo()
    ann.sync()
    ann.authority.run_sagas()
    ann.pull()

    assert [ann.replica.budget(name).available for name in ("Food", "Hut")] == [5_000, 0]


def test_what_has_no_contrary_is_refused_once_and_no_longer_in_the_way(ann: Counter) -> None:
    task = ann.replica.add_task(NewTask("Pitch the tents"))
    ann.replica.deposit("Food", "5")
    ann.sync()

    with pytest.raises(Refused, match="decided it already"):
        ann.replica.undo()

    assert ann.replica.undo().docs == (task,)


def test_what_was_refused_is_not_undone_and_no_longer_in_the_way(ann: Counter) -> None:
    ann.replica.take_quota("Tent", 5)
    ann.sync()

    with pytest.raises(Refused, match="The server refused it"):
        ann.replica.undo()

    assert ann.replica.undo().label == "reserve"


def test_pieces_given_back_are_reserved_anew(ann: Counter) -> None:
    reservation = ann.replica.reserve("Tent", 1)
    ann.sync()
    ann.replica.release(reservation)
    ann.sync()

    ann.replica.undo()
    ann.sync()

    *_, last = ann.replica.reservations()
    assert (last.item_name, last.count, last.state) == ("Tent", 1, "confirmed")
    assert ann.state(reservation) == "released"


def test_what_something_else_was_asked_of_stays_until_that_is_undone(ann: Counter) -> None:
    ann.replica.add_item("Rope", 3, Policy("cas"))
    made = ann.replica.made_act()
    assert made is not None
    number, _ = made
    ann.replica.reserve("Rope", 1)

    with pytest.raises(Refused, match="undo that first"):
        ann.replica.undo(number)

    ann.replica.undo()
    ann.replica.undo(number)
    assert ann.waiting() == []


def test_each_thread_is_told_once_which_act_it_made(ann: Counter) -> None:
    ann.replica.made_act()
    ann.replica.add_task(NewTask("Rope"))

    made = ann.replica.made_act()

    assert made is not None
    number, label = made
    assert label == "add"
    assert ann.replica.made_act() is None
    ann.replica.undo(number)
    with pytest.raises(NothingToUndo):
        ann.replica.undo(number)


# -- what was seen -------------------------------------------------------------------------------


def refuse_all(ann: Counter) -> None:
    """Hear that what waits is refused."""
    batch = ann.replica.next_commands(ann.space, 50)
    answers = [Answer(one.key, False, "insufficient", "None is left.") for one in batch]
    ann.replica.learn(ann.space, batch, answers)


def test_a_refusal_that_was_seen_is_shown_again(ann: Counter) -> None:
    ann.replica.reserve("Stove", 3)
    refuse_all(ann)
    before = (ann.replica.notices(), known(ann), ann.replica.status())
    assert [row.kind for row in before[0]] == ["refused"]
    ann.replica.note_seen(before[0][0].id)
    assert (ann.replica.notices(), ann.replica.made_act()) != (before[0], None)

    undone = ann.replica.undo()

    assert (undone.label, undone.docs) == ("know", ())
    assert (ann.replica.notices(), known(ann), ann.replica.status()) == before
    assert ann.send() == []
    ann.replica.redo()
    assert ann.replica.notices() == []
    ann.replica.undo()
    assert ann.replica.notices() == before[0]


def test_a_cancellation_that_was_seen_is_shown_again(ann: Counter) -> None:
    item = ann.item("oversell", name="Seat", oversell_percent=100)
    ann.role = "editor"  # as Bea, who was faster
    ann.taken_by_bea(item, 4)
    ann.replica.reserve("Seat", 4)
    ann.sync()
    ann.replica.settle("Seat")
    ann.sync()
    ann.authority.run_sagas()
    ann.pull()
    before = ann.replica.notices()
    assert before, "something was taken back"
    ann.replica.note_seen(before[0].id)
    assert before[0] not in ann.replica.notices()

    ann.replica.undo()

    assert ann.replica.notices() == before


def test_seeing_what_was_seen_is_no_act(ann: Counter) -> None:
    ann.replica.reserve("Stove", 3)
    refuse_all(ann)
    (notice,) = ann.replica.notices()
    ann.replica.note_seen(notice.id)
    ann.replica.made_act()

    ann.replica.note_seen(notice.id)

    assert ann.replica.made_act() is None


def test_the_contrary_of_a_refused_wish_is_never_asked_for_whether_it_was_seen_or_not(
    ann: Counter,
) -> None:
    ann.replica.take_quota("Tent", 2)
    act = ann.replica.made_act()
    refuse_all(ann)
    (notice,) = ann.replica.notices()
    ann.replica.note_seen(notice.id)
    assert act is not None

    with pytest.raises(Refused, match="refused it"):
        ann.replica.undo(act[0])

    assert ann.waiting() == []


def test_a_reservation_that_was_refused_is_no_longer_in_the_way(ann: Counter) -> None:
    task = ann.replica.add_task(NewTask("Cook"))
    ann.replica.reserve("Stove", 3)
    refuse_all(ann)

    with pytest.raises(Refused, match="refused it"):
        ann.replica.undo()

    assert ann.replica.undo().docs == (task,)
