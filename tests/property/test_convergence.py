"""Two to four people edit apart and meet in any order; whatever happens, they end up agreeing.

A Hypothesis state machine over real replicas: real Automerge, real SQLite. After every full meeting
heads, items, histories and conflicts are equal, rows rebuilt from the log equal the incremental
ones, and a newcomer who gets everything at once, shuffled and partly twice, sees the same. The
field conflicts are those that a plain walk over Automerge's history finds. No edit that was
acknowledged is missing from anybody's history.

`CAIRN_STORIES` and `CAIRN_STEPS` make it run longer than it does in CI.
"""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from store.commands.drafting import draft_of
from store.commands.patches import NewTask, Patch
from store.domain.errors import DomainError
from store.domain.ids import ConflictId, DocId
from store.imports import ImportItem
from store.replica import Replica
from tests.property.acts import ACTS, LINES, MOVING_ON, TYPING, WORDS, Act, Trash, Type, do
from tests.property.agreement import (
    Told,
    assert_conflicts_are_those_of_automerge,
    differences,
    told_by,
)
from tests.support.people import Camp, entropy_of, shuffled
from tests.support.refusing import refused_at
from tests.support.spaces import share_space

NAMES = ("alice", "bob", "carol", "dan")
NUMBER = st.integers(0, 11)  # of a person, item or conflict: modulo how many there are
ITEM = st.one_of(st.integers(0, 2), NUMBER)  # mostly one that all of them have
ITEMS_MAX = 9


class People(RuleBasedStateMachine):
    """Who edits, who meets, and what must hold."""

    @initialize(count=st.integers(2, 4), seed=st.integers(0, 2**16))
    def set_out(self, count: int, seed: int) -> None:
        """They begin with a task, a note and another task that all of them have."""
        self.folder = Path(tempfile.mkdtemp(prefix="cairn-people-"))
        self.names = NAMES[:count]
        self.camp = Camp(self.folder, *self.names, seed=seed)
        self.homes = 10_000
        self.acknowledged: dict[str, set[str]] = {}
        self.boxes: dict[tuple[str, DocId], tuple[str, tuple[bytes, ...]]] = {}
        self.typed: dict[tuple[str, DocId], str] = {}
        self.is_well = True
        alice, space = self.camp["alice"], self.camp.space
        body = "rope\nstove map\ntent"
        self.items = [
            alice.add_task(NewTask("Rope", due="2026-12-01", tags=("x",), body=body), space=space),
            alice.add_note("Log", body=body, space=space),
            alice.add_task(NewTask("Stove", due="2026-12-02", repeat="FREQ=DAILY"), space=space),
        ]
        self.camp.meet()

    def teardown(self) -> None:
        if hasattr(self, "camp"):
            try:
                if self.is_well:
                    self.meet_and_compare(seed=0)
            finally:
                self.camp.close()
                shutil.rmtree(self.folder)

    # -- doing things -------------------------------------------------------------------------

    def name(self, number: int) -> str:
        return self.names[number % len(self.names)]

    def item(self, number: int) -> DocId:
        return self.items[number % len(self.items)]

    @property
    def tasks(self) -> list[DocId]:
        return [doc for doc in self.items if doc.startswith("t")]

    @property
    def has_room(self) -> bool:
        return len(self.items) < ITEMS_MAX

    def tried(self, who: int, doc: DocId, act: Callable[[Replica], Any]) -> Any:
        """Do something; a refusal is a legal outcome, and what was acknowledged is remembered."""
        replica = self.camp[self.name(who)]
        self.is_well = False
        try:
            done = act(replica)
        except DomainError:
            self.is_well = True
            return None
        self.remember(replica, doc)
        self.is_well = True
        return done

    def remember(self, replica: Replica, doc: DocId) -> None:
        with replica.db.read() as conn:
            found = conn.execute("SELECT space FROM doc WHERE id = ?", (doc,)).fetchone()
        if found is None or found[0] != self.camp.space:
            return  # a copy that was made elsewhere
        versions = {row.version for row in replica.history(doc)}
        self.acknowledged.setdefault(doc, set()).update(versions)

    def add(self, replica: Replica, doc: DocId | None) -> None:
        if doc is not None and doc not in self.items:
            self.items.append(doc)
            self.remember(replica, doc)

    @rule(who=NUMBER, item=ITEM, act=ACTS)
    def one_acts(self, who: int, item: int, act: Act) -> None:
        doc = self.item(item)
        following = self.tried(who, doc, lambda replica: do(replica, doc, act, self.tasks))
        self.add(self.camp[self.name(who)], following)

    @rule(item=ITEM, acts=st.lists(ACTS, min_size=2, max_size=6))
    def all_act_apart(self, item: int, acts: list[Act]) -> None:
        for who, act in enumerate(acts):
            self.one_acts(who, item, act)

    @rule(item=ITEM, acts=st.lists(ACTS, min_size=2, max_size=6))
    def all_act_apart_and_meet(self, item: int, acts: list[Act]) -> None:
        self.all_act_apart(item, acts)
        self.camp.meet()

    @rule(item=ITEM, acts=st.lists(TYPING, min_size=2, max_size=4))
    def all_type_apart_and_meet(self, item: int, acts: list[Act]) -> None:
        self.all_act_apart_and_meet(item, acts)

    @rule(item=ITEM, acts=st.lists(MOVING_ON, min_size=2, max_size=4))
    def all_move_a_task_on_apart_and_meet(self, item: int, acts: list[Act]) -> None:
        tasks = self.tasks
        self.all_act_apart_and_meet(self.items.index(tasks[item % len(tasks)]), acts)

    @rule(item=ITEM, away=NUMBER, acts=st.lists(ACTS, min_size=1, max_size=3))
    def one_puts_away_what_others_edit(self, item: int, away: int, acts: list[Act]) -> None:
        self.all_act_apart(item, acts)
        self.one_acts(away, item, Trash(True))
        self.camp.meet()

    @precondition(lambda self: self.has_room)
    @rule(who=NUMBER, title=WORDS, body=LINES)
    def add_a_note(self, who: int, title: str, body: str) -> None:
        replica = self.camp[self.name(who)]
        self.add(replica, replica.add_note(title or "x", body=body, space=self.camp.space))

    @precondition(lambda self: self.has_room)
    @rule(who=NUMBER, parent=NUMBER, title=WORDS, body=LINES)
    def add_a_subtask(self, who: int, parent: int, title: str, body: str) -> None:
        above = self.tasks[parent % len(self.tasks)]
        new = NewTask(title or "x", parent=above, body=body, tags=("x",))
        replica = self.camp[self.name(who)]
        try:
            self.add(replica, replica.add_task(new, space=self.camp.space))
        except DomainError:
            return  # its parent is not here, or in the trash

    @rule(who=NUMBER, item=ITEM)
    def load_a_box(self, who: int, item: int) -> None:
        doc = self.item(item)
        try:
            self.boxes[self.name(who), doc] = self.camp[self.name(who)].text(doc)
        except DomainError:
            return  # it is not here

    @rule(who=NUMBER, typing=TYPING)
    def save_a_box(self, who: int, typing: Type) -> None:
        """Perhaps long after it was loaded: others, and the person, wrote meanwhile."""
        name = self.name(who)
        open_ones = [doc for owner, doc in self.boxes if owner == name]
        if open_ones:
            text, base = self.boxes.pop((name, open_ones[0]))
            patch = Patch(body=typing.said(text), body_base=base)
            self.tried(who, open_ones[0], lambda replica: replica.edit(open_ones[0], patch))

    @rule(who=NUMBER, item=ITEM, typing=TYPING)
    def type_a_draft(self, who: int, item: int, typing: Type) -> None:
        doc = self.item(item)

        def act(replica: Replica) -> None:
            text, base = replica.text(doc)
            if typing.said(text) != text:  # else no version needs to say it
                replica.save_draft(doc, typing.said(text), base)
                self.typed[self.name(who), doc] = typing.said(text)

        self.tried(who, doc, act)

    @rule(who=NUMBER, crash=st.booleans())
    def drafts_become_changes(self, who: int, crash: bool) -> None:
        name = self.name(who)
        if crash:
            self.restart(name)
        replica = self.camp[name]
        self.is_well = False
        for doc in replica.flush_drafts():
            said = self.typed.pop((name, doc))
            bodies = [replica.state_at(doc, row.version).body for row in replica.history(doc)]
            assert said in (*bodies, ""), "what was typed is the text of some version"
            self.remember(replica, doc)
        assert replica.flush_drafts() == []
        self.is_well = True

    def restart(self, name: str) -> None:
        self.homes += 1
        home = self.camp[name].home
        self.camp[name].close()
        entropy = entropy_of(self.homes)
        self.camp.people[name] = Replica.open(home, clock_ms=self.camp.clock, entropy=entropy)

    @precondition(lambda self: len(self.items) > 3)
    @rule(who=NUMBER, item=NUMBER, trash=st.booleans())
    def put_away_for_good(self, who: int, item: int, trash: bool) -> None:
        """Empty the trash, or move something to another space."""
        doc, replica = self.items[3 + item % (len(self.items) - 3)], self.camp[self.name(who)]
        if trash:
            for gone in replica.purge_trash(space=self.camp.space):
                self.remember(replica, gone)
        else:
            self.tried(who, doc, lambda replica: replica.move(doc, "Personal"))

    @rule(who=NUMBER, source=st.sampled_from("ab"), title=WORDS, body=LINES, task=st.booleans())
    def import_a_file(self, who: int, source: str, title: str, body: str, task: bool) -> None:
        content = hashlib.sha256(f"{title}\n{body}\n{task}".encode()).digest()
        tags = (title,) if title else ()
        kind = "task" if task else "note"
        item = ImportItem(kind, source, content, title or "x", body, tags)
        replica = self.camp[self.name(who)]
        found = replica.import_items(self.camp.space, [item])
        for doc in (*found.created, *found.updated):
            self.remember(replica, doc)
            if self.has_room:
                self.add(replica, doc)

    # -- conflicts ----------------------------------------------------------------------------

    @rule(who=NUMBER)
    def look_at_the_conflicts(self, who: int) -> None:
        """What they settle from now on is what they see here, whatever comes in meanwhile."""
        self.camp[self.name(who)].conflicts(space=self.camp.space)

    @rule(who=NUMBER, which=NUMBER, take=st.integers(0, 2))
    def settle(self, who: int, which: int, take: int) -> None:
        open_ones = self.camp[self.name(who)].conflicts(space=self.camp.space, remember=False)
        if open_ones:
            row = open_ones[which % len(open_ones)]
            doc, conflict = DocId(row.doc_id), ConflictId(row.id)
            self.tried(who, doc, lambda replica: replica.resolve(conflict, take=take))

    @rule(who=NUMBER, which=NUMBER)
    def reopen(self, who: int, which: int) -> None:
        settled = self.camp[self.name(who)].conflicts(space=self.camp.space, settled=True)
        if settled:
            row = settled[which % len(settled)]
            doc, conflict = DocId(row.doc_id), ConflictId(row.id)
            self.tried(who, doc, lambda replica: replica.unresolve(conflict))

    @rule(who=NUMBER, again=st.booleans())
    def undo(self, who: int, again: bool) -> None:
        replica = self.camp[self.name(who)]
        try:
            undone = replica.redo() if again else replica.undo()
        except DomainError:
            return
        for doc in undone.docs:
            self.remember(replica, doc)

    @precondition(lambda self: self.has_room)
    @rule(who=NUMBER, item=ITEM, which=NUMBER, save=st.booleans())
    def take_back(self, who: int, item: int, which: int, save: bool) -> None:
        """A server refused a change of theirs, with what follows it; so they take it back."""
        name, doc = self.name(who), self.item(item)
        replica = self.camp[name]
        gone = refused_at(replica, doc, which)
        if not gone:
            return
        self.is_well = False
        if save:
            self.add(replica, replica.salvage(doc))
        else:
            replica.take_back(doc)
        self.acknowledged.get(doc, set()).difference_update(change.hex() for change in gone)
        with replica.db.read() as conn:
            draft = draft_of(conn, doc)
        self.typed.pop((name, doc), None)
        if draft is not None:  # their text, which is not lost with the change
            self.typed[name, doc] = draft[0]
        self.is_well = True

    # -- meeting ------------------------------------------------------------------------------

    @rule(giver=NUMBER, taker=NUMBER, seed=st.integers(0, 99))
    def meet_in_passing(self, giver: int, taker: int, seed: int) -> None:
        """One way, shuffled, some of it twice."""
        one, other = self.name(giver), self.name(taker)
        if one != other:
            self.is_well = False
            rows = shuffled(self.camp.rows(one), seed)
            self.camp[other].apply_remote(self.camp.space, rows, origin=one)
            self.is_well = True

    @rule(who=NUMBER, which=NUMBER, take=st.integers(0, 2))
    def all_meet_and_one_settles(self, who: int, which: int, take: int) -> None:
        self.camp.meet()
        self.look_at_the_conflicts(who)
        self.settle(who, which, take)

    @rule(seed=st.integers(0, 99))
    def all_meet_and_compare(self, seed: int) -> None:
        self.is_well = False
        self.meet_and_compare(seed)
        self.is_well = True

    def meet_and_compare(self, seed: int) -> None:
        self.camp.meet()
        first = self.camp[self.names[0]]
        expected = told_by(first, self.camp.space)
        assert_conflicts_are_those_of_automerge(first, expected)
        for name in self.names[1:]:
            assert differences(told_by(self.camp[name], self.camp.space), expected) == []
        for doc, versions in self.acknowledged.items():
            known = {row.version for row in first.history(DocId(doc))} if versions else set()
            assert versions <= known
        for name in self.names:
            self.camp[name].rebuild()
            assert differences(told_by(self.camp[name], self.camp.space), expected) == []
        self.meet_a_newcomer(expected, seed)

    def meet_a_newcomer(self, expected: Told, seed: int) -> None:
        """Everything at once, in any order, gives what step by step gave."""
        self.homes += 1
        home = self.folder / f"newcomer-{self.homes}"
        with Replica.open(home, entropy=entropy_of(self.homes)) as newcomer:
            share_space(newcomer, self.camp.space, "Trip")
            rows = shuffled(self.camp.rows(self.names[0]), seed)
            newcomer.apply_remote(self.camp.space, rows, origin="everybody")
            assert differences(told_by(newcomer, self.camp.space), expected) == []


People.TestCase.settings = settings(
    max_examples=int(os.environ.get("CAIRN_STORIES", "60")),
    stateful_step_count=int(os.environ.get("CAIRN_STEPS", "30")),
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
TestPeople = pytest.mark.timeout(1_800)(People.TestCase)
