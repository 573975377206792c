"""Two to four people edit apart and meet in any order; whatever happens, they end up agreeing.

A Hypothesis state machine over real replicas: real Automerge, real SQLite. After every full meeting
the heads, the view and the conflicts are equal, rows rebuilt from the log equal the incremental
ones, and a newcomer who gets everything at once, shuffled and partly twice, sees the same. No edit
that was acknowledged is missing from anybody's history.
"""

import shutil
import tempfile
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, initialize, invariant, multiple, rule

from store.commands.patches import NewTask, Patch
from store.domain.errors import DomainError
from store.domain.ids import ConflictId, DocId
from store.replica import Replica
from tests.support.people import Camp, entropy_of, shuffled

NAMES = ("alice", "bob", "carol", "dan")
WORDS = st.sampled_from(("rope", "stove", "map", "tent", "söup", "茶", "🧭", ""))
LINES = st.lists(st.lists(WORDS, max_size=4).map(" ".join), max_size=5).map("\n".join)


class People(RuleBasedStateMachine):
    """Who edits, who meets, and what must hold."""

    items: Bundle[DocId] = Bundle("items")

    @initialize(count=st.integers(2, 4), seed=st.integers(0, 2**16))
    def set_out(self, count: int, seed: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="cairn-people-"))
        self.names = NAMES[:count]
        self.camp = Camp(self.folder, *self.names, seed=seed)
        self.acknowledged: dict[str, set[str]] = {}
        self.newcomers = 0

    def teardown(self) -> None:
        if hasattr(self, "camp"):
            self.camp.close()
            shutil.rmtree(self.folder)

    def who(self, number: int) -> Replica:
        return self.camp[self.names[number % len(self.names)]]

    def tried(self, replica: Replica, doc: DocId, act: Any) -> None:
        """Do something; a refusal is a legal outcome, and what was acknowledged is remembered."""
        try:
            act()
        except DomainError:
            return
        self.remember(replica, doc)

    def remember(self, replica: Replica, doc: DocId) -> None:
        versions = {row.version for row in replica.history(doc)}
        self.acknowledged.setdefault(doc, set()).update(versions)

    @rule(target=items, who=st.integers(0, 3), title=WORDS, body=LINES)
    def add_task(self, who: int, title: str, body: str) -> DocId:
        replica = self.who(who)
        doc = replica.add_task(NewTask(title or "x", body=body), space=self.camp.space)
        self.remember(replica, doc)
        return doc

    @rule(target=items, who=st.integers(0, 3), title=WORDS, body=LINES)
    def add_note(self, who: int, title: str, body: str) -> DocId:
        replica = self.who(who)
        doc = replica.add_note(title or "x", body=body, space=self.camp.space)
        self.remember(replica, doc)
        return doc

    @rule(target=items, who=st.integers(0, 3))
    def nothing_new(self, who: int) -> Any:
        return multiple()

    @rule(
        doc=items,
        who=st.integers(0, 3),
        field=st.sampled_from(("title", "due", "priority", "list", "assignee", "pinned")),
        choice=st.integers(0, 2),
    )
    def edit_a_field(self, doc: DocId, who: int, field: str, choice: int) -> None:
        values: dict[str, tuple[object, ...]] = {
            "title": ("One", "Two", "Three"),
            "due": ("2026-12-01", "2026-12-24T09:00:00Z", None),
            "priority": ("low", "high", None),
            "list": ("Hut", "Trail", None),
            "assignee": ("Kit", None, "Ada"),
            "pinned": (True, False, None),
        }
        replica = self.who(who)
        patch = Patch(fields={field: values[field][choice]})
        self.tried(replica, doc, lambda: replica.edit(doc, patch))

    @rule(doc=items, who=st.integers(0, 3), body=LINES)
    def write_text(self, doc: DocId, who: int, body: str) -> None:
        replica = self.who(who)
        self.tried(replica, doc, lambda: replica.edit(doc, Patch(body=body)))

    @rule(doc=items, who=st.integers(0, 3), at=st.integers(0, 40), word=WORDS)
    def type_into_the_text(self, doc: DocId, who: int, at: int, word: str) -> None:
        """A small edit in the middle, on the text that the box was loaded with."""
        replica = self.who(who)

        def act() -> None:
            text, base = replica.text(doc)
            replica.save_draft(doc, text[:at] + word + text[at + 2 :], base)
            replica.flush_drafts()

        self.tried(replica, doc, act)

    @rule(doc=items, who=st.integers(0, 3), tag=WORDS, gone=st.booleans())
    def tag(self, doc: DocId, who: int, tag: str, gone: bool) -> None:
        replica = self.who(who)
        tags = (tag or "x",)
        patch = Patch(remove_tags=tags) if gone else Patch(add_tags=tags)
        self.tried(replica, doc, lambda: replica.edit(doc, patch))

    @rule(
        doc=items,
        who=st.integers(0, 3),
        event=st.sampled_from(("start", "block", "done", "cancel", "reopen")),
    )
    def transition(self, doc: DocId, who: int, event: str) -> None:
        replica = self.who(who)
        self.tried(replica, doc, lambda: replica.transition(doc, event))

    @rule(doc=items, who=st.integers(0, 3), away=st.booleans())
    def trash(self, doc: DocId, who: int, away: bool) -> None:
        replica = self.who(who)
        self.tried(replica, doc, lambda: replica.trash(doc) if away else replica.restore(doc))

    @rule(doc=items, other=items, who=st.integers(0, 3))
    def put_before(self, doc: DocId, other: DocId, who: int) -> None:
        replica = self.who(who)
        self.tried(replica, doc, lambda: replica.edit(doc, Patch(before=other)))

    @rule(doc=items, who=st.integers(0, 3), back=st.integers(0, 5))
    def revert(self, doc: DocId, who: int, back: int) -> None:
        replica = self.who(who)

        def act() -> None:
            versions = replica.history(doc)
            replica.revert(doc, versions[back % len(versions)].version)

        self.tried(replica, doc, act)

    @rule(who=st.integers(0, 3), which=st.integers(0, 20), take=st.integers(0, 2))
    def settle(self, who: int, which: int, take: int) -> None:
        replica = self.who(who)
        open_ones = replica.conflicts()
        if open_ones:
            row = open_ones[which % len(open_ones)]
            self.tried(
                replica, DocId(row.doc_id), lambda: replica.resolve(ConflictId(row.id), take=take)
            )

    @rule(who=st.integers(0, 3), which=st.integers(0, 20))
    def reopen(self, who: int, which: int) -> None:
        replica = self.who(who)
        settled = replica.conflicts(settled=True)
        if settled:
            row = settled[which % len(settled)]
            self.tried(replica, DocId(row.doc_id), lambda: replica.unresolve(ConflictId(row.id)))

    @rule(who=st.integers(0, 3), again=st.booleans())
    def undo(self, who: int, again: bool) -> None:
        replica = self.who(who)
        try:
            undone = replica.redo() if again else replica.undo()
        except DomainError:
            return
        for doc in undone.docs:
            self.remember(replica, doc)

    @rule(giver=st.integers(0, 3), taker=st.integers(0, 3), seed=st.integers(0, 99))
    def meet_in_passing(self, giver: int, taker: int, seed: int) -> None:
        """One way, shuffled, some of it twice."""
        one, other = self.names[giver % len(self.names)], self.names[taker % len(self.names)]
        if one != other:
            rows = shuffled(self.camp.rows(one), seed)
            self.camp[other].apply_remote(self.camp.space, rows, origin=one)

    @rule(seed=st.integers(0, 99))
    def all_meet(self, seed: int) -> None:
        self.camp.meet()
        first, *rest = (self.camp[name] for name in self.names)
        expected = first.digest(self.camp.space)
        conflicts = self.camp.conflicts(self.names[0])
        for name, replica in zip(self.names[1:], rest, strict=True):
            assert replica.digest(self.camp.space) == expected
            assert self.camp.conflicts(name) == conflicts
        for doc, versions in self.acknowledged.items():
            known = {row.version for row in first.history(DocId(doc))}
            assert versions <= known
        first.rebuild()
        assert first.digest(self.camp.space) == expected
        self.meet_a_newcomer(expected, seed)

    def meet_a_newcomer(self, expected: object, seed: int) -> None:
        """Everything at once, in any order, gives what step by step gave."""
        self.newcomers += 1
        home = self.folder / f"newcomer-{self.newcomers}"
        with Replica.open(home, entropy=entropy_of(10_000 + self.newcomers)) as newcomer:
            newcomer.add_hosted_space(self.camp.space, "Trip")
            rows = shuffled(self.camp.rows(self.names[0]), seed)
            newcomer.apply_remote(self.camp.space, rows, origin="everybody")
            assert newcomer.digest(self.camp.space) == expected

    @invariant()
    def nothing_waits_in_drafts(self) -> None:
        if hasattr(self, "camp"):
            for name in self.names:
                assert self.camp[name].flush_drafts() == []


People.TestCase.settings = settings(
    max_examples=30,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestPeople = pytest.mark.timeout(900)(People.TestCase)
