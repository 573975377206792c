"""What a device takes from others: what is good, whatever comes along with it, in any order.

The verdicts are the server's, and depend on a change and its ancestors alone. Else a hostile peer
could make two devices differ for good, or make one hold what the server will never take.
"""

import itertools
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from random import Random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from store.commands.patches import NewTask, Patch
from store.documents.inspect import InspectedChange, inspect_change
from store.documents.judge import Judge
from store.documents.schema import genesis_actor, genesis_change
from store.documents.verdicts import FOLLOWS_REFUSED, NOT_LOADABLE
from store.domain.ids import DocId, SpaceId
from store.replica import Replica
from tests.documents.changes import (
    BODY,
    FROM_GENESIS,
    MALLORY,
    NOTE,
    TASK,
    forged,
    insertion,
    opened,
    puts_of_one_key,
    raw_of,
    scalar,
    titled,
    typed,
    unloadable,
)
from tests.documents.mutations import honest_changes, tampered
from tests.store.building import HOME, OTHER
from tests.support.people import entropy_of
from tests.support.spaces import share_space


@pytest.fixture
def alice(tmp_path: Path) -> Iterator[Replica]:
    """A home with an empty shared space."""
    with a_home(tmp_path / "alice") as replica:
        yield replica


def a_home(folder: Path) -> Replica:
    replica = Replica.open(folder, entropy=entropy_of(1))
    share_space(replica, HOME, "Home")
    return replica


def take(
    replica: Replica,
    *raws: bytes,
    doc: DocId = NOTE,
    origin: str = "mallory",
    space: SpaceId = HOME,
) -> tuple[int, int, int, int]:
    """Hand changes over; gives how many were (accepted, duplicate, waiting, quarantined)."""
    rows = [(doc, inspect_change(raw)) for raw in raws]
    applied = replica.apply_remote(space, rows, origin=origin)
    return applied.accepted, applied.duplicate, applied.waiting, applied.quarantined


def evidence(replica: Replica) -> list[tuple[bytes, str, str]]:
    """What lies in quarantine: (hash, reason, sender)."""
    with replica.db.read() as conn:
        return conn.execute("SELECT hash, reason, sender FROM quarantine ORDER BY id").fetchall()


def waiting(replica: Replica) -> set[bytes]:
    with replica.db.read() as conn:
        return {row[0] for row in conn.execute("SELECT hash FROM waiting")}


def logged(replica: Replica) -> set[bytes]:
    with replica.db.read() as conn:
        return {row[0] for row in conn.execute("SELECT hash FROM log")}


def hash_of(raw: bytes) -> bytes:
    return inspect_change(raw).hash


def chain(length: int) -> list[bytes]:
    """Titles by one author, each following the one before."""
    document = opened(NOTE)
    raws = []
    for number in range(length):
        with document.transaction() as transaction:
            transaction.put(b"\x00", "title", *scalar(f"Title {number}"))
        raws.append(raw_of(document))
    return raws


# -- how a document begins ------------------------------------------------------------------------


def test_a_document_that_begins_in_another_way_than_its_id_says_is_evidence_only(
    alice: Replica,
) -> None:
    without_deps = forged(puts_of_one_key(1), deps=[], start_op=1)

    assert take(alice, without_deps, titled("Rope")) == (1, 0, 0, 1)

    assert evidence(alice) == [(hash_of(without_deps), "bad-genesis", "mallory")]
    assert alice.note(NOTE).title == "Rope"


def test_nobody_writes_in_the_name_of_genesis(alice: Replica) -> None:
    lie = forged(puts_of_one_key(1), actor=genesis_actor(NOTE), seq=2)

    assert take(alice, lie) == (0, 0, 0, 1)

    assert evidence(alice) == [(hash_of(lie), "bad-genesis", "mallory")]
    assert alice.notes() == []


def test_the_computed_genesis_is_known_to_everybody(alice: Replica) -> None:
    assert take(alice, genesis_change(NOTE), titled("Rope")) == (1, 1, 0, 0)
    assert evidence(alice) == []


# -- two changes under one number -----------------------------------------------------------------


def rival() -> tuple[bytes, bytes]:
    """Two changes of one actor, both its first."""
    return titled("To Alice"), titled("To Bob")


def test_a_second_change_under_a_number_that_is_logged_names_its_sender(alice: Replica) -> None:
    first, second = rival()
    take(alice, first, origin="bob")

    assert take(alice, second) == (0, 0, 0, 1)
    assert take(alice, second) == (0, 0, 0, 1)

    assert evidence(alice) == [(hash_of(second), "equivocation", "mallory")]
    assert alice.note(NOTE).title == "To Alice"


def test_of_two_changes_under_one_number_in_one_batch_the_first_counts(alice: Replica) -> None:
    first, second = rival()

    assert take(alice, first, second, first) == (1, 1, 0, 1)

    assert evidence(alice) == [(hash_of(second), "equivocation", "mallory")]
    assert alice.note(NOTE).title == "To Alice"


def test_a_refused_change_takes_no_number_from_the_good_one_behind_it(alice: Replica) -> None:
    refused, good = unloadable(), forged(puts_of_one_key(1))
    assert inspect_change(refused).actor == inspect_change(good).actor == MALLORY

    assert take(alice, refused, good) == (1, 0, 0, 1)

    assert logged(alice) == {hash_of(good)}
    assert evidence(alice) == [(hash_of(refused), NOT_LOADABLE, "mallory")]


# -- what they follow -----------------------------------------------------------------------------


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[1::3])
def test_changes_that_come_before_their_causes_wait_and_then_count(
    alice: Replica, order: Sequence[int]
) -> None:
    raws = chain(4)

    for number in order:
        take(alice, raws[number])

    assert logged(alice) == {hash_of(raw) for raw in raws}
    assert waiting(alice) == set()
    assert alice.note(NOTE).title == "Title 3"
    assert len(alice.history(NOTE)) == 4


def test_what_waits_is_kept_with_what_it_lacks_and_does_not_show(alice: Replica) -> None:
    raws = chain(3)

    assert take(alice, raws[2]) == (0, 0, 1, 0)
    assert take(alice, raws[2]) == (0, 0, 1, 0)

    with alice.db.read() as conn:
        kept = conn.execute("SELECT hash, missing FROM waiting").fetchall()
    assert kept == [(hash_of(raws[2]), hash_of(raws[1]))]
    assert alice.notes() == []


def test_what_waited_is_logged_as_from_whom_it_came_not_as_from_who_brought_its_cause(
    alice: Replica,
) -> None:
    first, second = chain(2)
    take(alice, second, origin="ben")

    take(alice, first, origin="carol")

    with alice.db.read() as conn:
        origins = conn.execute("SELECT hash, origin FROM log ORDER BY seq").fetchall()
    assert origins == [(hash_of(first), "carol"), (hash_of(second), "ben")]


def test_a_change_of_another_document_waits_for_ever_and_touches_nothing(alice: Replica) -> None:
    assert take(alice, titled("Rope"), doc=TASK) == (0, 0, 1, 0)
    assert (alice.tasks(), alice.notes()) == ([], [])


def test_a_document_that_belongs_to_another_space_stays_there(alice: Replica) -> None:
    share_space(alice, OTHER, "Other")
    one, two = chain(2)
    take(alice, one, space=OTHER)

    assert take(alice, two) == (0, 0, 0, 1)

    assert evidence(alice) == [(hash_of(two), "other-space", "mallory")]
    assert alice.note(NOTE).title == "Title 0"


# -- bad among good -------------------------------------------------------------------------------


def unseen() -> bytes:
    """An insertion behind a character that is in no ancestor of it."""
    return insertion(actor=FROM_GENESIS, element=BODY + 400)


def gap() -> bytes:
    return forged(puts_of_one_key(1), seq=5)


BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "it does not load": (unloadable, NOT_LOADABLE),
    "its number leaps": (gap, "It does not follow its author's change before it."),
    "it refers to the unseen": (
        unseen,
        "It refers to something that its author can not have seen.",
    ),
}


@pytest.mark.parametrize("what", BAD)
@pytest.mark.parametrize("at", [0, 3, 6])
def test_a_bad_change_is_refused_alone_wherever_it_stands(
    alice: Replica, what: str, at: int
) -> None:
    make, reason = BAD[what]
    bad, good = make(), chain(6)

    assert take(alice, *good[:at], bad, *good[at:]) == (6, 0, 0, 1)

    assert evidence(alice) == [(hash_of(bad), reason, "mallory")]
    assert alice.note(NOTE).title == "Title 5"


@pytest.mark.parametrize("what", BAD)
def test_a_bad_change_to_a_document_in_use_leaves_it_as_it_was(alice: Replica, what: str) -> None:
    make, reason = BAD[what]
    good = chain(2)
    take(alice, good[0])
    before = alice.digest("Home")

    assert take(alice, make()) == (0, 0, 0, 1)

    assert alice.digest("Home") == before
    assert take(alice, good[1]) == (1, 0, 0, 0)
    assert [(why, sender) for _, why, sender in evidence(alice)] == [(reason, "mallory")]


def test_what_builds_on_a_bad_change_falls_with_it(alice: Replica) -> None:
    bad = unloadable()
    follower = unloadable(after=bad)

    assert take(alice, follower, bad, titled("Rope")) == (1, 0, 0, 2)

    assert {why for _, why, _ in evidence(alice)} == {NOT_LOADABLE, FOLLOWS_REFUSED}


def test_a_bad_change_of_one_document_does_not_hold_up_the_others(alice: Replica) -> None:
    rows = [(NOTE, inspect_change(unloadable())), (TASK, inspect_change(titled("Rope", TASK)))]

    applied = alice.apply_remote(HOME, rows, origin="mallory")

    assert (applied.accepted, applied.quarantined, applied.docs) == (1, 1, {TASK})
    assert [task.title for task in alice.tasks()] == ["Rope"]


def test_what_is_typed_after_a_refusal_is_sound(alice: Replica) -> None:
    """The document that was spoiled by trying it is not the one that is edited next."""
    take(alice, typed("One line.\n"))
    take(alice, unloadable())
    text, base = alice.text(NOTE)

    alice.save_draft(NOTE, text + "Another.\n", base)
    alice.flush_drafts()

    assert alice.text(NOTE)[0] == "One line.\nAnother.\n"
    digest = alice.digest("Home")
    alice.rebuild()
    assert alice.digest("Home") == digest


# -- the same on every device ---------------------------------------------------------------------


def judged(changes: Sequence[InspectedChange]) -> set[bytes]:
    """What the server's judge refuses of them."""
    findings = Judge().judge(NOTE, [change.raw for change in changes], [])
    assert findings is not None
    return {finding.hash for finding in findings if finding.reason is not None}


@given(seed=st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_a_tampered_change_gets_the_verdict_of_the_server_whatever_was_there_before(
    seed: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    choose = Random(seed)
    case = tampered(choose, honest_changes(choose))
    assume(case is not None)
    assert case is not None
    everything = [*case.ancestors, *case.others, case.change]
    refused = judged(everything)
    homes = tmp_path_factory.mktemp("homes")
    digests = set()
    for number in range(3):
        with a_home(homes / str(number)) as replica:
            left = list(everything)
            choose.shuffle(left)
            while left:
                batch = [left.pop() for _ in range(min(len(left), choose.randint(1, 4)))]
                take(replica, *(change.raw for change in batch))
            assert logged(replica) == {c.hash for c in everything} - refused
            digests.add(replica.digest("Home"))
            replica.rebuild()
            digests.add(replica.digest("Home"))
    assert len(digests) == 1


# -- what is done with it --------------------------------------------------------------------------


def test_a_task_that_came_without_a_place_is_placed_and_goes_back_to_the_end(
    alice: Replica,
) -> None:
    take(alice, titled("Pegs", TASK), doc=TASK)
    first, last = (alice.add_task(NewTask(title), space="Home") for title in ("Rope", "Tent"))

    alice.edit(TASK, Patch(before=first))
    assert [task.id for task in alice.tasks()] == [TASK, first, last]
    alice.undo()

    assert [task.id for task in alice.tasks()] == [first, last, TASK]
