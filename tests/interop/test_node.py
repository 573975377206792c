"""What Cairn writes, the Automerge of JavaScript reads, with the same conflicts.

People edit apart and meet, by a script and at random. Every document is exported, and npm's
Automerge says of each what it sees: heads, text, and all live values of every field.
"""

import random
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from store.commands.patches import NewTask, Patch
from store.domain.errors import DomainError
from store.domain.ids import DocId
from store.replica import Replica
from tests.interop.javascript import a_task, assert_both_see_the_same
from tests.support.people import Camp

pytestmark = pytest.mark.interop

SEEDS = range(12)
ACTS = 80
FIELD_SHARE = 0.7
MEETING_SHARE = 0.06


@pytest.fixture
def camp(tmp_path: Path) -> Iterator[Camp]:
    """Alice and Bob."""
    people = Camp(tmp_path / "camp", "alice", "bob")
    people["alice"].use_space(people.space)
    yield people
    people.close()


# -- by a script -----------------------------------------------------------------------------------

APART: dict[str, tuple[Patch, Patch]] = {
    "titles": (Patch(fields={"title": "Buy a rope"}), Patch(fields={"title": "Seil – 🧗 kaufen"})),
    "due dates": (
        Patch(fields={"due": "2026-12-01"}),
        Patch(fields={"due": "2026-12-24T09:00:00Z"}),
    ),
    "priorities": (Patch(fields={"priority": "low"}), Patch(fields={"priority": "high"})),
    "cleared here, set there": (Patch(fields={"list": None}), Patch(fields={"list": "Trail"})),
    "set here, cleared there": (Patch(fields={"due": "2026-12-02"}), Patch(fields={"due": None})),
    "the same on both sides": (Patch(fields={"list": "Snow"}), Patch(fields={"list": "Snow"})),
    "a tag off here, on there": (
        Patch(remove_tags=("climb",)),
        Patch(remove_tags=("hut",), add_tags=("ice",)),
    ),
    "the same tag twice": (Patch(add_tags=("new",)), Patch(add_tags=("new",))),
    "several fields": (
        Patch(fields={"title": "One", "due": None, "assignee": "Kit"}, add_tags=("a", "b")),
        Patch(fields={"title": "Two", "due": "2027-01-01", "assignee": "Ada"}, body="Other.\n"),
    ),
    "a text and a text": (Patch(body="Anchors, first 🧗.\n"), Patch(body="First: anchors.\n")),
}
WITHOUT_A_CONFLICT = {"the same on both sides", "the same tag twice", "a text and a text"}


@pytest.mark.parametrize("what", APART)
def test_javascript_sees_the_conflicts_that_cairn_lists(
    what: str, camp: Camp, tmp_path: Path
) -> None:
    doc = a_task(camp)
    for name, patch in zip(("alice", "bob"), APART[what], strict=True):
        camp[name].edit(doc, patch)
    camp.meet()

    found = {name: assert_both_see_the_same(camp[name], tmp_path / name) for name in camp.people}

    assert found["alice"] == found["bob"]
    is_one_sided = what == "a tag off here, on there"  # different tags: both edits stand
    assert (found["alice"] == 0) is (what in WITHOUT_A_CONFLICT or is_one_sided)


def test_a_tag_that_one_put_on_again_and_the_other_took_off_is_in_conflict_for_both(
    camp: Camp, tmp_path: Path
) -> None:
    doc = a_task(camp)
    camp["alice"].edit(doc, Patch(remove_tags=("climb",)))
    camp["bob"].edit(doc, Patch(remove_tags=("climb",)))
    camp["bob"].edit(doc, Patch(add_tags=("climb",)))
    camp.meet()

    assert assert_both_see_the_same(camp["alice"], tmp_path / "export") == 1


def test_javascript_sees_what_was_settled_and_what_was_opened_again(
    camp: Camp, tmp_path: Path
) -> None:
    doc = a_task(camp)
    for name, patch in zip(("alice", "bob"), APART["several fields"], strict=True):
        camp[name].edit(doc, patch)
    camp.meet()
    alice = camp["alice"]
    apart = assert_both_see_the_same(alice, tmp_path / "apart")
    settled = [alice.find_conflict(row.id) for row in camp.conflicts("alice", "field")]
    for conflict in settled:
        alice.resolve(conflict, take=1)
    assert assert_both_see_the_same(alice, tmp_path / "settled") == 0
    for conflict in settled:
        alice.unresolve(conflict)
    camp.meet()

    assert assert_both_see_the_same(camp["bob"], tmp_path / "opened") == apart == 3


# -- at random -------------------------------------------------------------------------------------

Act = Callable[[Replica, DocId, random.Random], object]

TITLES = ("One", "Two", "Drei 🧭", "Vier", "Fünf")
DAYS = ("2026-12-01", "2026-12-02", "2026-12-24T09:00:00Z", None)
BODIES = ("", "rope\n", "rope\nstove\n", "ö🧭")

FIELD_ACTS: tuple[Act, ...] = (
    lambda r, doc, rng: r.edit(doc, Patch(fields={"title": rng.choice(TITLES)})),
    lambda r, doc, rng: r.edit(doc, Patch(fields={"due": rng.choice(DAYS)})),
    lambda r, doc, rng: r.edit(doc, Patch(fields={"list": rng.choice(("Hut", "Trail", None))})),
    lambda r, doc, rng: r.edit(doc, Patch(fields={"pinned": rng.choice((True, None))})),
    lambda r, doc, rng: r.edit(doc, Patch(add_tags=(rng.choice("ab"),))),
    lambda r, doc, rng: r.edit(doc, Patch(remove_tags=(rng.choice("ab"),))),
)
OTHER_ACTS: tuple[Act, ...] = (
    lambda r, doc, rng: r.edit(doc, Patch(body=rng.choice(BODIES))),
    lambda r, doc, rng: r.transition(doc, rng.choice(("start", "done", "cancel", "reopen"))),
    lambda r, doc, rng: r.trash(doc) if rng.random() < 0.5 else r.restore(doc),
    lambda r, doc, rng: r.undo() if rng.random() < 0.7 else r.redo(),
    lambda r, doc, rng: settle(r, rng),
    lambda r, doc, rng: open_again(r, rng),
)


def settle(replica: Replica, rng: random.Random) -> None:
    rows = replica.conflicts()
    if rows:
        row = rng.choice(rows)
        replica.resolve(replica.find_conflict(row.id), take=rng.randrange(len(row.sides)))


def open_again(replica: Replica, rng: random.Random) -> None:
    rows = replica.conflicts(settled=True)
    if rows:
        replica.unresolve(replica.find_conflict(rng.choice(rows).id))


def some_history(folder: Path, seed: int) -> Camp:
    """Let three people do things to a few items, and meet by twos now and then."""
    rng = random.Random(seed)
    camp = Camp(folder, "alice", "bob", "carol", seed=seed)
    names = list(camp.people)
    docs = [camp["alice"].add_task(NewTask(f"Task {n}", tags=("a",)), space=None) for n in range(2)]
    docs.append(camp["alice"].add_note("Note", body="rope\nmap\n"))
    camp.meet()
    for _ in range(ACTS):
        name = rng.choice(names)
        try:
            act = rng.choice(FIELD_ACTS if rng.random() < FIELD_SHARE else OTHER_ACTS)
            act(camp[name], rng.choice(docs), rng)
        except DomainError:
            continue  # a rule said no, which is a legal outcome
        if rng.random() < MEETING_SHARE:
            camp.meet(*rng.sample(names, 2))
    return camp


@pytest.mark.parametrize("seed", SEEDS)
def test_whatever_happened_javascript_reads_every_document_and_sees_the_same(
    seed: int, tmp_path: Path
) -> None:
    camp = some_history(tmp_path / "camp", seed)

    assert_both_see_the_same(camp["bob"], tmp_path / "before")
    camp.meet()
    found = {name: assert_both_see_the_same(camp[name], tmp_path / name) for name in camp.people}

    assert len(set(found.values())) == 1
    camp.close()


def test_the_random_histories_have_conflicts_that_are_open_and_settled(tmp_path: Path) -> None:
    """Else the test above would compare nothing with nothing."""
    still_open = settled = 0
    for seed in SEEDS:
        camp = some_history(tmp_path / str(seed), seed)
        camp.meet()
        still_open += len(camp.conflicts("alice", "field"))
        settled += len(camp["alice"].conflicts(settled=True))
        camp.close()

    assert still_open >= 2 * len(SEEDS)
    assert settled >= len(SEEDS) // 4
